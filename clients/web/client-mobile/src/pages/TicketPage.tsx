import { Alert, goTo, QrCode, useI18n, usePageTitle, type Ticket } from '@ticketing/ui';
import { useEffect, type ReactNode } from 'react';
import type { AppKey } from '../texts';
import { useWakeLock } from '../wakeLock';

interface TicketPageProps {
  tickets: Ticket[];
  ticketId: string;
}

/** One ticket, its code as large as the phone allows, on white whatever the theme: scanners want contrast. */
export function TicketPage({ tickets, ticketId }: TicketPageProps): ReactNode {
  const { t } = useI18n<AppKey>();
  const ticket = tickets.find((candidate) => candidate.id === ticketId);
  const siblings = tickets.filter((candidate) => candidate.event_id === ticket?.event_id);
  const index = ticket ? siblings.indexOf(ticket) : -1;
  usePageTitle(ticket ? `${ticket.label} · ${t('brand')}` : t('brand'));
  useWakeLock();
  useArrowKeys(siblings[index - 1], siblings[index + 1]);
  if (!ticket) {
    return (
      <div className="stack">
        <Alert kind="warning">{t('ticket.missing')}</Alert>
        <p><a href="#/">← {t('ticket.back')}</a></p>
      </div>
    );
  }
  return (
    <article className="pass">
      <p><a href="#/">← {t('ticket.back')}</a></p>
      <h1>{ticket.event_name}</h1>
      {ticket.status === 'valid' && ticket.code
        ? <div className="pass-code"><QrCode text={ticket.code} label={t('ticket.qr', { label: ticket.label })} /></div>
        : <Alert kind="error">{t('ticket.void')}</Alert>}
      <Facts ticket={ticket} />
      {siblings.length > 1 && (
        <nav className="pass-nav" aria-label={t('list.title')}>
          <PassLink ticket={siblings[index - 1]} label={`‹ ${t('ticket.previous')}`} />
          <span className="muted small">{t('ticket.of', { index: index + 1, count: siblings.length })}</span>
          <PassLink ticket={siblings[index + 1]} label={`${t('ticket.next')} ›`} />
        </nav>
      )}
    </article>
  );
}

function useArrowKeys(previous: Ticket | undefined, next: Ticket | undefined): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const to = event.key === 'ArrowLeft' ? previous : event.key === 'ArrowRight' ? next : undefined;
      if (to) goTo(`/tickets/${to.id}`, { replace: true });
    };
    globalThis.addEventListener('keydown', onKey);
    return () => globalThis.removeEventListener('keydown', onKey);
  }, [previous, next]);
}

function PassLink({ ticket, label }: { ticket: Ticket | undefined; label: string }): ReactNode {
  if (!ticket) return <span className="button button-secondary" aria-hidden="true" data-off="">{label}</span>;
  return <a className="button button-secondary" href={`#/tickets/${ticket.id}`}>{label}</a>;
}

function Facts({ ticket }: { ticket: Ticket }): ReactNode {
  const { t } = useI18n<AppKey>();
  const facts: [AppKey, string][] = ticket.seat
    ? [['ticket.gate', ticket.gate], ['ticket.section', ticket.section], ['ticket.row', ticket.row], ['ticket.seat', ticket.seat]]
    : [['ticket.gate', ticket.gate], ['ticket.place', ticket.label]];
  return (
    <dl className="pass-facts">
      {facts.map(([key, value]) => <div key={key}><dt>{t(key)}</dt><dd>{value || '—'}</dd></div>)}
    </dl>
  );
}
