import type { ReactNode } from 'react';
import { formatMoney, isPositive } from '../format/money';
import type { Money, Quote } from '../gen/messages';
import { useI18n } from '../i18n/core';

export function Price({ money, trim = false }: { money: Money | undefined; trim?: boolean }): ReactNode {
  const { locale } = useI18n();
  return <span className="price">{formatMoney(money, locale, { trim })}</span>;
}

/** What a purchase costs, part by part, fees and taxes before anybody pays. */
export function QuoteTable({ quote }: { quote: Quote }): ReactNode {
  const { t } = useI18n();
  return (
    <dl className="quote">
      <div><dt>{t('money.subtotal')}</dt><dd><Price money={quote.subtotal} /></dd></div>
      <div><dt>{t('money.fees')}</dt><dd><Price money={quote.fees} /></dd></div>
      <div className="quote-total"><dt>{t('money.total')}</dt><dd data-testid="total"><Price money={quote.total} /></dd></div>
      {isPositive(quote.taxes) && (
        <div className="quote-note"><dt>{t('money.taxes')}</dt><dd><Price money={quote.taxes} /></dd></div>
      )}
    </dl>
  );
}
