import { Badge, Button, Dialog, PdfButton, QrCode, useI18n, type CommonKey, type Ticket } from '@ticketing/ui';
import { useState, type ReactNode } from 'react';
import { api } from '../api';
import type { AppKey } from '../texts';

/** A ticket as it looks on paper, its QR one press away. */
export function TicketCard({ ticket }: { ticket: Ticket }): ReactNode {
  const { t } = useI18n<AppKey>();
  const [shown, setShown] = useState(false);
  const isValid = ticket.status === 'valid';
  const facts: [AppKey, string][] = ticket.seat
    ? [['ticket.section', ticket.section], ['ticket.row', ticket.row], ['ticket.seat', ticket.seat], ['ticket.gate', ticket.gate]]
    : [['ticket.place', ticket.label], ['ticket.gate', ticket.gate]];
  return (
    <article className={`ticket${isValid ? '' : ' ticket-void'}`} data-testid="ticket">
      <div className="ticket-main">
        <div className="row">
          <Badge kind={isValid ? 'good' : 'bad'}>{t(`ticket.status.${ticket.status}` as CommonKey)}</Badge>
          {ticket.admitted && <Badge>{t('ticket.admitted')}</Badge>}
          <span className="muted small">{ticket.category}</span>
        </div>
        <dl className="ticket-facts">
          {facts.map(([key, value]) => <div key={key}><dt>{t(key)}</dt><dd>{value || '—'}</dd></div>)}
        </dl>
      </div>
      <div className="ticket-stub">
        {ticket.code && isValid && <Button kind="primary" onClick={() => setShown(true)}>{t('ticket.show')}</Button>}
        <PdfButton load={() => api.ticketPdf(ticket.id)} fileName={`${ticket.id}.pdf`}>{t('ticket.pdf')}</PdfButton>
      </div>
      <Dialog open={shown} title={ticket.label} onClose={() => setShown(false)} className="dialog-qr">
        <QrCode text={ticket.code} label={t('ticket.qr', { label: ticket.label })} />
        <p className="muted">{ticket.event_name}</p>
        {ticket.gate && <p>{t('ticket.showAtGate', { gate: ticket.gate })}</p>}
      </Dialog>
    </article>
  );
}
