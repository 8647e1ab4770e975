import { formatTime, formatWhen, isSeason, kClock, kDateShort, Select, useI18n, type Event } from '@ticketing/ui';
import type { ReactNode } from 'react';
import type { AppKey } from './texts';

interface EventSelectProps {
  events: Event[];
  value: string;
  onChange: (eventId: string) => void;
}

export function EventSelect({ events, value, onChange }: EventSelectProps): ReactNode {
  const { t, locale } = useI18n<AppKey>();
  const label = (event: Event) => {
    const date = isSeason(event) ? formatWhen(event, locale) : formatTime(event.starts_at, locale, { ...kDateShort, ...kClock }, event.venue);
    const kind = isSeason(event) ? `${t(`kind.${event.kind}` as AppKey)}: ` : '';
    return `${kind}${event.name} · ${date} · ${event.venue?.name ?? ''}`;
  };
  return (
    <div className="event-select">
      <Select label={t('event.choose')} value={value} onChange={onChange}
        options={events.map((event) => ({ value: event.id, label: label(event) }))} />
    </div>
  );
}
