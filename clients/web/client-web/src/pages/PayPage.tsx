import {
  Alert, ApiError, Button, Countdown, ErrorAlert, formatMoney, goTo, Loading, Operation, Price, QuoteTable, randomKey, useAction, useCategoryNames, useI18n,
  useLoad, usePageTitle, type Order, type PayOrderRequest,
} from '@ticketing/ui';
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { api } from '../api';
import { CardForm } from '../parts/CardForm';
import { Steps } from '../parts/Steps';
import type { AppKey } from '../texts';

const kConfirmMs = 1500;

type Trouble = 'declined' | 'unknown' | undefined;

function troubleOf(error: unknown): Trouble {
  if (!(error instanceof ApiError)) return undefined;
  if (error.code === 'payment-declined') return 'declined';
  return error.outcomeUnknown ? 'unknown' : undefined;
}

export function PayPage({ orderId }: { orderId: string }): ReactNode {
  const { t } = useI18n<AppKey>();
  const [waiting, setWaiting] = useState(false);
  const [expired, setExpired] = useState(false);
  const loaded = useLoad(useCallback((signal: AbortSignal) => api.order(orderId, signal), [orderId]), waiting ? kConfirmMs : 0);
  const order = loaded.data;
  usePageTitle(`${t('pay.title')} · ${t('brand')}`);
  useEffect(() => {
    setWaiting(order?.status === 'paying');
    if (order?.status === 'completed') goTo(`/orders/${order.id}?new=1`, { replace: true });
  }, [order]);
  if (loaded.error && !order) return <ErrorAlert error={loaded.error} onRetry={loaded.reload} />;
  if (!order) return <Loading />;
  const isOpen = !expired && order.status === 'pending';
  return (
    <div className="stack">
      <Steps current={2} />
      <h1>{t('pay.title')}</h1>
      {waiting && <Loading label={t('pay.working')} />}
      {!isOpen && !waiting && order.status !== 'completed' && (
        <>
          <Alert kind="warning">{expired ? t('checkout.expired') : t('pay.closed')}</Alert>
          <p><a className="button button-primary" href={`#/events/${order.event_id}`}>{t('checkout.chooseAgain')}</a></p>
        </>
      )}
      {isOpen && <OpenOrder order={order} onPaid={loaded.reload} onExpired={() => setExpired(true)} />}
    </div>
  );
}

interface OpenOrderProps {
  order: Order;
  onPaid: () => void;
  onExpired: () => void;
}

function OpenOrder({ order, onPaid, onExpired }: OpenOrderProps): ReactNode {
  const { t, locale } = useI18n<AppKey>();
  const [operation] = useState(() => new Operation<PayOrderRequest, Order>((body, key) => api.pay(order.id, body, key, true)));
  const [refused, setRefused] = useState(false);
  const pay = useAction(async (token: string) => {
    setRefused(false);
    const paid = await operation.run({ card: { payment_method: token } });
    if (paid.payment?.status === 'declined') setRefused(true);
    else onPaid();
  });
  const release = useAction(async () => {
    await api.cancelOrder(order.id, randomKey());
    goTo(`/events/${order.event_id}`, { replace: true });
  });
  const trouble = refused ? 'declined' : troubleOf(pay.error);
  return (
    <div className="checkout">
      <div className="stack">
        {order.expires_at && <Countdown expiresAt={order.expires_at} serverNow={api.serverNow} onExpired={onExpired} />}
        {trouble === 'declined' && <Alert kind="error" title={t('pay.declinedTitle')}><p data-testid="declined">{t('pay.declined')}</p></Alert>}
        {trouble === 'unknown' && <Alert kind="warning"><p>{t('pay.unknown')}</p></Alert>}
        {!trouble && <ErrorAlert error={pay.error} />}
        <section className="card" aria-label={t('pay.method')}>
          <h2>{t('pay.method')}</h2>
          <CardForm total={formatMoney(order.quote?.total, locale)} busy={pay.busy} onToken={(token) => void pay.run(token)} />
        </section>
      </div>
      <aside className="card stack checkout-side" aria-label={t('checkout.summary')}>
        <h2>{t('checkout.summary')}</h2>
        <OrderLines order={order} />
        {order.quote && <QuoteTable quote={order.quote} />}
        <ErrorAlert error={release.error} />
        <Button kind="danger" wide busy={release.busy} disabled={pay.busy} onClick={() => void release.run()}>{t('pay.release')}</Button>
      </aside>
    </div>
  );
}

export function OrderLines({ order }: { order: Order }): ReactNode {
  const categoryName = useCategoryNames(api, order.event_id);
  return (
    <>
      <p className="muted">{order.event_name}</p>
      <ul className="held">
        {order.lines.map((line) => (
          <li key={line.label}>
            <div>
              <strong>{line.label}</strong>{Number(line.quantity) > 1 && ` × ${line.quantity}`}
              <span className="muted small">{categoryName(line.category)}</span>
            </div>
            <Price money={line.unit_price} />
          </li>
        ))}
      </ul>
    </>
  );
}
