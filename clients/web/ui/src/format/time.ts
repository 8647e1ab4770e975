import type { Venue } from '../gen/messages';

type Place = Pick<Venue, 'time_zone' | 'utc_offset_minutes'>;

/** The venue's clock: its named zone if the browser knows it, else its fixed offset. */
function clockOf(instant: Date, venue: Place | undefined): { date: Date; timeZone: string | undefined } {
  if (!venue) return { date: instant, timeZone: undefined };
  if (venue.time_zone && isKnownZone(venue.time_zone)) return { date: instant, timeZone: venue.time_zone };
  return { date: new Date(instant.getTime() + venue.utc_offset_minutes * 60_000), timeZone: 'UTC' };
}

function isKnownZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

export function formatTime(
  text: string | undefined, locale: string, options: Intl.DateTimeFormatOptions, venue?: Place,
): string {
  const instant = new Date(text ?? '');
  if (Number.isNaN(instant.getTime())) return '';
  const { date, timeZone } = clockOf(instant, venue);
  return new Intl.DateTimeFormat(locale, { ...options, timeZone }).format(date);
}

export const kDateLong: Intl.DateTimeFormatOptions = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' };
export const kDateShort: Intl.DateTimeFormatOptions = { weekday: 'short', day: 'numeric', month: 'short' };
export const kClock: Intl.DateTimeFormatOptions = { hour: 'numeric', minute: '2-digit' };
export const kClockSeconds: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false };

/** "14:59", never below zero; hours only when there are some. */
export function formatRemaining(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const pad = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const rest = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}
