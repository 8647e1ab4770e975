// The gateway's card form as its test mode has it: a card becomes one of the gateway's tokens here, in the browser, and only
// the token goes on to the platform.

export interface TestCard {
  number: string;
  token: string;
  approved: boolean;
}

export const kTestCards: readonly TestCard[] = [
  { number: '4242424242424242', token: 'pm_card_visa', approved: true },
  { number: '4000000000000002', token: 'pm_card_chargeDeclined', approved: false },
];

export const digitsOf = (text: string): string => text.replace(/\D/g, '');

/** "4242 4242 4242 4242", while it is typed. */
export function groupDigits(text: string): string {
  return digitsOf(text).slice(0, 19).replace(/(\d{4})(?=\d)/g, '$1 ');
}

/** "12/34", while it is typed. */
export function groupExpiry(text: string): string {
  const digits = digitsOf(text).slice(0, 4);
  return digits.length > 2 ? `${digits.slice(0, 2)}/${digits.slice(2)}` : digits;
}

export interface CardInput {
  number: string;
  expiry: string;
  cvc: string;
}

export type CardFault = 'number' | 'expiry' | 'cvc';

/** The token of a card, or which of its fields are wrong. */
export function tokenize(card: CardInput): { token: string } | { faults: CardFault[] } {
  const faults: CardFault[] = [];
  const known = kTestCards.find((candidate) => candidate.number === digitsOf(card.number));
  if (!known) faults.push('number');
  if (!/^(0[1-9]|1[0-2])\/\d\d$/.test(card.expiry)) faults.push('expiry');
  if (!/^\d{3,4}$/.test(card.cvc)) faults.push('cvc');
  return known && faults.length === 0 ? { token: known.token } : { faults };
}
