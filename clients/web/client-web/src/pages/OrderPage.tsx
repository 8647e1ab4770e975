import {
  Badge, ErrorAlert, formatTime, kClock, kDateLong, Loading, PdfButton, QuoteTable, useI18n, useLoad, usePageTitle, useRoute, type Order,
} from '@ticketing/ui';
import { useCallback, type ReactNode } from 'react';
import { api } from '../api';
import { TicketCard } from '../parts/TicketCard';
import type { AppKey } from '../texts';
import { OrderLines } from './PayPage';

/** The confirmation after a purchase, and the same order any time later. */
export function OrderPage({ orderId }: { orderId: string }): ReactNode {
  const { t } = useI18n<AppKey>();
  const { query } = useRoute();
  const loaded = useLoad(useCallback((signal: AbortSignal) => api.order(orderId, signal), [orderId]));
  usePageTitle(`${t('order.title', { id: orderId })} · ${t('brand')}`);
  if (loaded.error) return <ErrorAlert error={loaded.error} onRetry={loaded.reload} />;
  if (!loaded.data) return <Loading />;
  const order = loaded.data;
  const isNew = query.has('new') && order.status === 'completed';
  return (
    <div className="stack">
      {isNew ? <Thanks order={order} /> : <OrderHead order={order} />}
      <div className="checkout">
        <ul className="ticket-list">
          {order.tickets.map((ticket) => <li key={ticket.id}><TicketCard ticket={ticket} /></li>)}
        </ul>
        <aside className="card stack checkout-side" aria-label={t('checkout.summary')}>
          <h2>{t('checkout.summary')}</h2>
          <OrderLines order={order} />
          {order.quote && <QuoteTable quote={order.quote} />}
          {order.tickets.length > 0 && (
            <PdfButton load={() => api.ticketsPdf(order.id)} fileName={`${order.id}.pdf`}>{t('order.allPdf')}</PdfButton>
          )}
          {order.status === 'pending' && <a className="button button-primary" href={`#/pay/${order.id}`}>{t('order.pay')}</a>}
        </aside>
      </div>
    </div>
  );
}

function Thanks({ order }: { order: Order }): ReactNode {
  const { t } = useI18n<AppKey>();
  return (
    <section className="thanks" role="status" data-testid="thanks">
      <span className="thanks-mark" aria-hidden="true">✓</span>
      <div>
        <h1>{t('order.thanks')}</h1>
        {order.buyer?.email && <p>{t('order.mail', { email: order.buyer.email })}</p>}
        <p><a href="#/tickets">{t('order.toTickets')}</a></p>
      </div>
    </section>
  );
}

function OrderHead({ order }: { order: Order }): ReactNode {
  const { t, locale } = useI18n<AppKey>();
  const date = `${formatTime(order.created_at, locale, kDateLong)}, ${formatTime(order.created_at, locale, kClock)}`;
  return (
    <header>
      <p><a href="#/orders">← {t('orders.title')}</a></p>
      <h1>{order.event_name}</h1>
      <p className="row muted"><OrderStatus order={order} />{t('order.placed', { date })} · {order.id}</p>
    </header>
  );
}

const kStatusKinds: Record<string, 'good' | 'warn' | 'neutral'> = { completed: 'good', pending: 'warn', paying: 'warn' };

export function OrderStatus({ order }: { order: Order }): ReactNode {
  const { t } = useI18n<AppKey>();
  return <Badge kind={kStatusKinds[order.status] ?? 'neutral'}>{t(`order.status.${order.status}` as AppKey)}</Badge>;
}
