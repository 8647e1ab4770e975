import {
  Badge, ErrorAlert, formatTime, formatWhen, isSeason, Loading, Price, splitSeasons, useI18n, useLoad, usePageTitle, type Event, type Money,
} from '@ticketing/ui';
import { useCallback, useId, useMemo, useState, type ReactNode } from 'react';
import { api } from '../api';
import type { AppKey } from '../texts';

function lowestPrice(event: Event): Money | undefined {
  const prices = event.prices.flatMap((row) => (row.price ? [row.price] : []));
  return prices.reduce<Money | undefined>((low, price) => (!low || BigInt(price.minor) < BigInt(low.minor) ? price : low), undefined);
}

/** Letters without accents and case, so that "mexico" finds "México". */
function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{Diacritic}/gu, '').toLowerCase();
}

function useFiltered(events: Event[] | undefined, search: string, city: string): Event[] {
  return useMemo(() => {
    const words = plain(search).split(/\s+/).filter(Boolean);
    return (events ?? []).filter((event) => {
      const text = plain([event.name, event.description, event.venue?.name, event.venue?.city].join(' '));
      return (!city || event.venue?.city === city) && words.every((word) => text.includes(word));
    });
  }, [events, search, city]);
}

export function EventsPage(): ReactNode {
  const { t } = useI18n<AppKey>();
  const [search, setSearch] = useState('');
  const [city, setCity] = useState('');
  const ids = { search: useId(), city: useId(), seasons: useId() };
  const events = useLoad(useCallback((signal: AbortSignal) => api.events(signal), []));
  const cities = [...new Set((events.data ?? []).flatMap((event) => event.venue?.city || []))].sort();
  const found = useFiltered(events.data, search, city);
  const shown = splitSeasons(found);
  usePageTitle(`${t('nav.events')} · ${t('brand')}`);
  return (
    <>
      <section className="hero">
        <h1>{t('events.title')}</h1>
        <p>{t('events.lead')}</p>
        <search className="hero-search">
          <label className="visually-hidden" htmlFor={ids.search}>{t('events.search')}</label>
          <input id={ids.search} type="search" placeholder={t('events.search')} value={search}
            onChange={(event) => setSearch(event.target.value)} />
          {cities.length > 1 && (
            <>
              <label className="visually-hidden" htmlFor={ids.city}>{t('events.city')}</label>
              <select id={ids.city} value={city} onChange={(event) => setCity(event.target.value)}>
                <option value="">{t('events.everyCity')}</option>
                {cities.map((name) => <option key={name}>{name}</option>)}
              </select>
            </>
          )}
        </search>
      </section>
      <ErrorAlert error={events.error} onRetry={events.reload} />
      {events.loading && <Loading />}
      {events.data && (
        <p className="muted events-count" role="status">
          {found.length > 0 ? t('events.count', { n: shown.events.length }) : t('events.none')}
        </p>
      )}
      <ul className="event-grid">
        {shown.events.map((event) => <li key={event.id}><EventCard event={event} /></li>)}
      </ul>
      {shown.seasons.length > 0 && (
        <section aria-labelledby={ids.seasons}>
          <h2 id={ids.seasons}>{t('events.seasons')}</h2>
          <p className="muted">{t('events.seasons.lead')}</p>
          <ul className="event-grid">
            {shown.seasons.map((event) => <li key={event.id}><EventCard event={event} /></li>)}
          </ul>
        </section>
      )}
    </>
  );
}

function EventCard({ event }: { event: Event }): ReactNode {
  const { t, locale } = useI18n<AppKey>();
  const time = (options: Intl.DateTimeFormatOptions) => formatTime(event.starts_at, locale, options, event.venue);
  const price = lowestPrice(event);
  return (
    <a className="event-card" href={`#/events/${event.id}`} data-testid="event">
      <div className={`event-cover cover-${coverOf(event.id)}`} aria-hidden="true">
        <svg viewBox="0 0 320 140" preserveAspectRatio="xMidYMax slice">
          {[60, 85, 110, 135, 160, 185].map((radius) => <ellipse key={radius} cx="160" cy="150" rx={radius * 1.5} ry={radius * 0.72} />)}
        </svg>
        <span className="event-date">
          <b>{time({ day: 'numeric' })}</b>
          <span>{time({ month: 'short' })}</span>
        </span>
      </div>
      <div className="event-text">
        <h2>{event.name}</h2>
        {isSeason(event) && <p><Badge kind="accent">{t(`kind.${event.kind}` as AppKey)}</Badge></p>}
        <p className="muted">{formatWhen(event, locale)}</p>
        <p className="muted">{[event.venue?.name, event.venue?.city].filter(Boolean).join(' · ')}</p>
        <div className="event-foot">
          {event.status === 'on_sale'
            ? <span><span className="muted small">{t('events.from')} </span><b><Price money={price} trim /></b></span>
            : <Badge kind="warn">{t('event.closed')}</Badge>}
          <span className="event-go">{t('events.choose')} →</span>
        </div>
      </div>
    </a>
  );
}

/** One of six covers, always the same for an event. */
function coverOf(id: string): number {
  return [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7) % 6;
}
