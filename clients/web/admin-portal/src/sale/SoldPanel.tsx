import { Button, ErrorAlert, Loading, Price, useI18n, useLoad, type Order } from '@ticketing/ui';
import { useCallback, useEffect, useMemo, type ReactNode } from 'react';
import { api } from '../api';
import type { AppKey } from '../texts';

/** The end of a sale: the change, and the tickets ready to print. */
export function SoldPanel({ order, onNext }: { order: Order; onNext: () => void }): ReactNode {
  const { t } = useI18n<AppKey>();
  const pdf = useLoad(useCallback(() => api.ticketsPdf(order.id), [order.id]));
  const url = useMemo(() => pdf.data && URL.createObjectURL(pdf.data), [pdf.data]);
  useEffect(() => () => {
    if (url) URL.revokeObjectURL(url);
  }, [url]);
  return (
    <section className="card stack sold" aria-label={t('sale.done')} data-testid="sold">
      <div className="sold-head" role="status">
        <span className="sold-mark" aria-hidden="true">✓</span>
        <div>
          <h2>{t('sale.done')}</h2>
          <p className="muted small">{order.id} · <Price money={order.quote?.total} /></p>
        </div>
      </div>
      <p className="change">{t('sale.giveChange')} <strong data-testid="change-due"><Price money={order.payment?.change} /></strong></p>
      <ul className="sale-places">
        {order.tickets.map((ticket) => <li key={ticket.id}><b>{ticket.label}</b><span className="muted">{ticket.gate}</span></li>)}
      </ul>
      <ErrorAlert error={pdf.error} onRetry={pdf.reload} />
      {pdf.loading && <Loading label={t('sale.preparing')} />}
      {url && <a className="button button-primary button-wide" href={url} target="_blank" rel="noopener" data-testid="print">{t('sale.print')}</a>}
      <Button wide onClick={onNext}>{t('sale.next')}</Button>
    </section>
  );
}
