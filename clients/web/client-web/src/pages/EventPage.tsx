import {
  Alert, BestAvailableForm, ErrorAlert, formatMoney, formatTime, formatWhen, goTo, kClock, Loading, Operation, PickPanel,
  isSeason, PickStage, useAction, useEventMap, useI18n, usePageTitle, usePicks, type CreateHoldRequest, type Event, type Hold,
} from '@ticketing/ui';
import { useState, type ReactNode } from 'react';
import { api } from '../api';
import type { AppKey } from '../texts';

/** Places of one purchase. */
const kTicketsMax = 10;

export function EventPage({ eventId }: { eventId: string }): ReactNode {
  const { t } = useI18n<AppKey>();
  const map = useEventMap(api, eventId);
  const picks = usePicks(map.model, map.availability, kTicketsMax);
  const [operation] = useState(() => new Operation<CreateHoldRequest, Hold>((body, key) => api.hold(eventId, body, key)));
  const hold = useAction(async (request: CreateHoldRequest) => {
    try {
      const made = await operation.run(request);
      goTo(`/checkout/${eventId}/${made.id}`);
    } catch (error) {
      map.refresh();
      if (!picks.refuse(error)) throw error;
    }
  });
  usePageTitle(`${map.event?.name ?? ''} · ${t('brand')}`);
  if (!map.event) return map.error ? <ErrorAlert error={map.error} /> : <Loading />;
  const isOnSale = map.event.status === 'on_sale';
  return (
    <div className="event-page">
      <EventHead event={map.event} />
      <PickStage map={map} picks={picks} />
      <aside className="event-side">
        {!isOnSale && <Alert kind="warning">{t('event.closed')}</Alert>}
        <ErrorAlert error={hold.error ?? map.error} />
        <BestAvailableForm map={map} max={kTicketsMax} busy={hold.busy}
          onSubmit={(best) => void hold.run({ best_available: best })} />
        <PickPanel map={map} picks={picks} busy={hold.busy} onHold={() => void hold.run({ objects: picks.objects() })} />
        <FeeNote event={map.event} />
      </aside>
    </div>
  );
}

function EventHead({ event }: { event: Event }): ReactNode {
  const { t, locale } = useI18n<AppKey>();
  const time = (text: string | undefined, options: Intl.DateTimeFormatOptions) => formatTime(text, locale, options, event.venue);
  const facts = [
    formatWhen(event, locale),
    event.doors_open_at && !isSeason(event) ? t('event.doors', { time: time(event.doors_open_at, kClock) }) : '',
    [event.venue?.name, event.venue?.city].filter(Boolean).join(', '),
  ];
  return (
    <header className="event-head">
      <h1>{event.name}</h1>
      <p className="muted">{facts.filter(Boolean).join('  ·  ')}</p>
    </header>
  );
}

function FeeNote({ event }: { event: Event }): ReactNode {
  const { t, locale } = useI18n<AppKey>();
  const fees = event.fees.map((fee) => {
    const share = fee.basis_points > 0
      ? new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 }).format(fee.basis_points / 10_000) : '';
    const each = fee.per_ticket && fee.per_ticket.minor !== '0' ? formatMoney(fee.per_ticket, locale) : '';
    return `${fee.name} ${[share, each].filter(Boolean).join(' + ')}`;
  });
  return <p className="muted small">{fees.length > 0 ? t('event.fees', { fees: fees.join(', ') }) : t('event.noFees')}</p>;
}
