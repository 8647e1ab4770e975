import type { Money } from '../gen/messages';

/** Digits behind the point of a currency, as CLDR knows them: 2 for MXN, 0 for JPY. */
export function minorDigits(currency: string): number {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** The exact decimal text of an amount in minor units: ("125050", 2) is "1250.50". No floating point on the way. */
export function decimalOf(minor: string | bigint, digits: number): string {
  const value = BigInt(minor);
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  const sign = value < 0n ? '-' : '';
  return digits === 0 ? `${sign}${whole}` : `${sign}${whole}.${text.slice(text.length - digits)}`;
}

/** "$1,250.50", exact to the last unit whatever the size. Whole amounts may drop their zeros. */
export function formatMoney(money: Money | undefined, locale: string, options: { trim?: boolean } = {}): string {
  if (!money) return '';
  const digits = minorDigits(money.currency);
  const decimal = decimalOf(money.minor, digits);
  const whole = options.trim && /\.0+$/.test(decimal);
  const style: Intl.NumberFormatOptions = {
    style: 'currency',
    currency: money.currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: whole ? 0 : digits,
    maximumFractionDigits: whole ? 0 : digits,
  };
  try {
    return new Intl.NumberFormat(locale, style).format(decimal as Intl.StringNumericLiteral);
  } catch {
    return `${decimal} ${money.currency}`;
  }
}

/** What a person typed as an amount, in minor units; undefined when it is not one. "1,250.5" and "1250.50" are the same. */
export function parseMoney(text: string, currency: string): Money | undefined {
  const digits = minorDigits(currency);
  const match = /^\$?\s*(\d{1,3}(?:,\d{3})+|\d{1,11})(?:\.(\d*))?$/.exec(text.trim());
  const fraction = match?.[2] ?? '';
  if (!match || fraction.length > digits) return undefined;
  const minor = BigInt(match[1]!.replaceAll(',', '') + fraction.padEnd(digits, '0'));
  return { minor: minor.toString(), currency };
}

export function addMoney(a: Money, b: Money): Money {
  return { minor: (BigInt(a.minor) + BigInt(b.minor)).toString(), currency: a.currency };
}

export function subtractMoney(a: Money, b: Money): Money {
  return { minor: (BigInt(a.minor) - BigInt(b.minor)).toString(), currency: a.currency };
}

export function timesMoney(money: Money, quantity: number): Money {
  return { minor: (BigInt(money.minor) * BigInt(quantity)).toString(), currency: money.currency };
}

export function isPositive(money: Money | undefined): boolean {
  return money !== undefined && BigInt(money.minor) > 0n;
}
