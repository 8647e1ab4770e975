import {
  Alert, Badge, Button, ErrorAlert, formatTime, kClock, kDateLong, kDateShort, Loading, useI18n, useNow, usePageTitle, type CommonKey, type Ticket,
} from '@ticketing/ui';
import type { ReactNode } from 'react';
import { useInstall } from '../install';
import type { AppKey } from '../texts';
import { isOffline, type WalletState } from '../useWallet';

/** An event stays among the coming ones until this long after its start. */
const kEventMs = 8 * 3600_000;

interface Group {
  eventId: string;
  tickets: Ticket[];
  isPast: boolean;
}

export function groupByEvent(tickets: readonly Ticket[], now: number): Group[] {
  const groups = new Map<string, Ticket[]>();
  for (const ticket of tickets) groups.set(ticket.event_id, [...(groups.get(ticket.event_id) ?? []), ticket]);
  const start = (group: Group) => Date.parse(group.tickets[0]?.starts_at ?? '') || 0;
  return [...groups.entries()]
    .map(([eventId, list]) => ({ eventId, tickets: list, isPast: Date.parse(list[0]?.starts_at ?? '') + kEventMs < now }))
    .sort((a, b) => Number(a.isPast) - Number(b.isPast) || (a.isPast ? start(b) - start(a) : start(a) - start(b)));
}

export function ListPage({ state, signedIn }: { state: WalletState; signedIn: boolean }): ReactNode {
  const { t, locale } = useI18n<AppKey>();
  const { wallet } = state;
  const offline = isOffline(state.error);
  usePageTitle(t('brand'));
  const groups = groupByEvent(wallet?.tickets ?? [], useNow(60_000));
  return (
    <div className="stack wallet">
      <h1>{t('list.title')}</h1>
      <InstallOffer />
      {offline && <Alert kind="warning" title={t('offline.title')}>{t(groups.length > 0 ? 'offline.text' : 'offline.nothing')}</Alert>}
      {!offline && <ErrorAlert error={state.error} />}
      {!signedIn && <Alert kind="info"><a href="#/sign-in">{t('session.again')}</a></Alert>}
      {!wallet && !state.error && <Loading />}
      {wallet && groups.length === 0 && <p className="empty">{t('list.none')}</p>}
      {groups.map((group) => <EventTickets key={group.eventId} group={group} />)}
      {wallet && (
        <p className="row wallet-foot muted small">
          <span>{t('list.savedAt', { time: formatTime(new Date(wallet.savedAt).toISOString(), locale, { ...kDateShort, ...kClock }) })}</span>
          {signedIn && <Button kind="quiet" busy={state.refreshing} onClick={state.refresh}>{t('list.refresh')}</Button>}
        </p>
      )}
    </div>
  );
}

function InstallOffer(): ReactNode {
  const { t } = useI18n<AppKey>();
  const install = useInstall();
  if (!install) return null;
  return (
    <div className="card install">
      <p>{t('install.offer')}</p>
      <Button kind="primary" onClick={install}>{t('install.button')}</Button>
    </div>
  );
}

function EventTickets({ group }: { group: Group }): ReactNode {
  const { t, locale } = useI18n<AppKey>();
  const first = group.tickets[0]!;
  const when = first.starts_at_text || `${formatTime(first.starts_at, locale, kDateLong)} · ${formatTime(first.starts_at, locale, kClock)}`;
  return (
    <section className={`event-tickets${group.isPast ? ' event-past' : ''}`} aria-label={first.event_name}>
      <header>
        <p className="small">{group.isPast ? t('list.past') : t('list.tickets', { n: group.tickets.length })}</p>
        <h2>{first.event_name}</h2>
        <p className="small">{when}{first.venue_name && ` · ${first.venue_name}`}</p>
      </header>
      <ul>
        {group.tickets.map((ticket) => <li key={ticket.id}><TicketRow ticket={ticket} /></li>)}
      </ul>
    </section>
  );
}

function TicketRow({ ticket }: { ticket: Ticket }): ReactNode {
  const { t } = useI18n<AppKey>();
  const isValid = ticket.status === 'valid';
  return (
    <a className="ticket-row" href={`#/tickets/${ticket.id}`} data-testid="ticket">
      <span>
        <strong>{ticket.label}</strong>
        <span className="muted small">{[ticket.gate, ticket.category].filter(Boolean).join(' · ')}</span>
      </span>
      {!isValid && <Badge kind="bad">{t(`ticket.status.${ticket.status}` as CommonKey)}</Badge>}
      {ticket.admitted && <Badge>{t('ticket.admitted')}</Badge>}
      <span className="chevron" aria-hidden="true">›</span>
    </a>
  );
}
