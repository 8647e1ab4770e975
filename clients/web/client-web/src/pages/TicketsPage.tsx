import { ErrorAlert, formatTime, kClock, kDateLong, Loading, useI18n, useLoad, usePageTitle, type Ticket } from '@ticketing/ui';
import { useCallback, type ReactNode } from 'react';
import { api } from '../api';
import { TicketCard } from '../parts/TicketCard';
import type { AppKey } from '../texts';

function byEvent(tickets: Ticket[]): Ticket[][] {
  const groups = new Map<string, Ticket[]>();
  for (const ticket of tickets) groups.set(ticket.event_id, [...(groups.get(ticket.event_id) ?? []), ticket]);
  return [...groups.values()].sort((a, b) => (a[0]?.starts_at ?? '').localeCompare(b[0]?.starts_at ?? ''));
}

export function TicketsPage(): ReactNode {
  const { t, locale } = useI18n<AppKey>();
  const tickets = useLoad(useCallback((signal: AbortSignal) => api.tickets(signal), []));
  usePageTitle(`${t('tickets.title')} · ${t('brand')}`);
  return (
    <div className="stack">
      <h1>{t('tickets.title')}</h1>
      <ErrorAlert error={tickets.error} onRetry={tickets.reload} />
      {tickets.loading && <Loading />}
      {tickets.data?.tickets.length === 0 && <p className="empty">{t('tickets.none')} <a href="#/">{t('orders.browse')}</a></p>}
      {byEvent(tickets.data?.tickets ?? []).map((group) => (
        <section key={group[0]!.event_id} className="stack ticket-group">
          <div>
            <h2>{group[0]!.event_name}</h2>
            <p className="muted">
              {group[0]!.starts_at_text || `${formatTime(group[0]!.starts_at, locale, kDateLong)} · ${formatTime(group[0]!.starts_at, locale, kClock)}`}
              {' · '}{group[0]!.venue_name}
            </p>
          </div>
          <ul className="ticket-list">
            {group.map((ticket) => <li key={ticket.id}><TicketCard ticket={ticket} /></li>)}
          </ul>
        </section>
      ))}
    </div>
  );
}
