import { ErrorAlert, formatTime, kDateLong, Loading, Price, useI18n, useLoad, usePageTitle } from '@ticketing/ui';
import { useCallback, type ReactNode } from 'react';
import { api } from '../api';
import type { AppKey } from '../texts';
import { OrderStatus } from './OrderPage';

export function OrdersPage(): ReactNode {
  const { t, locale } = useI18n<AppKey>();
  const orders = useLoad(useCallback((signal: AbortSignal) => api.orders(signal), []));
  usePageTitle(`${t('orders.title')} · ${t('brand')}`);
  return (
    <div className="stack">
      <h1>{t('orders.title')}</h1>
      <ErrorAlert error={orders.error} onRetry={orders.reload} />
      {orders.loading && <Loading />}
      {orders.data?.length === 0 && <p className="empty">{t('orders.none')} <a href="#/">{t('orders.browse')}</a></p>}
      <ul className="stack">
        {orders.data?.map((order) => (
          <li key={order.id}>
            <a className="card order-row" href={`#/orders/${order.id}`}>
              <div>
                <h2>{order.event_name}</h2>
                <p className="muted small">{formatTime(order.created_at, locale, kDateLong)} · {order.lines.map((line) => line.label).join(', ')}</p>
              </div>
              <OrderStatus order={order} />
              <strong><Price money={order.quote?.total} /></strong>
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
