import { Badge, ErrorAlert, formatTime, formatWhen, isSeason, kClock, kDateShort, Loading, Price, useI18n, usePageTitle, type Event, TableCard } from '@ticketing/ui';
import type { ReactNode } from 'react';
import type { AppKey } from '../texts';
import { useEvents } from '../useEvents';

export function EventsPage(): ReactNode {
  const { t } = useI18n<AppKey>();
  const events = useEvents('events');
  const heads: AppKey[] = ['events.name', 'events.when', 'events.venue', 'events.prices', 'events.status'];
  usePageTitle(`${t('events.title')} · ${t('brand')}`);
  return (
    <div className="stack">
      <h1>{t('events.title')}</h1>
      <ErrorAlert error={events.error} onRetry={events.reload} />
      {events.loading && <Loading />}
      {events.data?.length === 0 && <p className="empty">{t('event.none')}</p>}
      {events.data && events.data.length > 0 && (
        <TableCard label={t('events.title')}>
          <thead><tr>{heads.map((key) => <th key={key} scope="col">{t(key)}</th>)}</tr></thead>
          <tbody>{events.data.map((event) => <EventRow key={event.id} event={event} />)}</tbody>
        </TableCard>
      )}
    </div>
  );
}

function EventRow({ event }: { event: Event }): ReactNode {
  const { t, locale } = useI18n<AppKey>();
  return (
    <tr>
      <td><b>{event.name}</b> {isSeason(event) && <Badge kind="accent">{t(`kind.${event.kind}` as AppKey)}</Badge>}<br /><span className="muted small">{event.id}</span></td>
      <td>{isSeason(event) ? formatWhen(event, locale) : formatTime(event.starts_at, locale, { ...kDateShort, ...kClock, year: 'numeric' }, event.venue)}</td>
      <td>{event.venue?.name}</td>
      <td>
        <ul className="price-list">
          {event.prices.map((row) => <li key={row.category}><span className="muted">{row.category}</span> <Price money={row.price} trim /></li>)}
        </ul>
      </td>
      <td><Badge kind={event.status === 'on_sale' ? 'good' : 'neutral'}>{t(`status.${event.status}` as AppKey)}</Badge></td>
    </tr>
  );
}
