import type { Event } from '../gen/messages';
import { formatTime, kClock, kDateLong, kDateShort } from './time';

/** A season or a part of one: sold like an event, for all its matches together; nobody enters it. */
export function isSeason(event: Pick<Event, 'kind'>): boolean {
  return event.kind === 'season' || event.kind === 'partial_season';
}

/** What people can go to, and what is sold for many days at once; each in the order it came. */
export function splitSeasons<E extends Pick<Event, 'kind'>>(events: readonly E[]): { events: E[]; seasons: E[] } {
  return { events: events.filter((event) => !isSeason(event)), seasons: events.filter(isSeason) };
}

/** When an event is: its day and hour, or from which day to which a season goes. */
export function formatWhen(event: Pick<Event, 'kind' | 'starts_at' | 'ends_at' | 'venue'>, locale: string): string {
  const time = (text: string | undefined, options: Intl.DateTimeFormatOptions) => formatTime(text, locale, options, event.venue);
  if (!isSeason(event)) return `${time(event.starts_at, kDateLong)} · ${time(event.starts_at, kClock)}`;
  const days = { ...kDateShort, year: 'numeric' } as const;
  return [time(event.starts_at, days), time(event.ends_at, days)].filter(Boolean).join(' – ');
}
