import { describe, expect, it } from 'vitest';
import { formatWhen, isSeason, splitSeasons } from '../src/format/season';

const venue = { id: 'ven_1', name: 'Estadio', city: 'Puebla', time_zone: 'America/Mexico_City', utc_offset_minutes: -360 };
const season = { kind: 'season', starts_at: '2027-01-10T01:30:00Z', ends_at: '2027-05-20T03:30:00Z', venue };

describe('seasons', () => {
  it('are told from what people go to', () => {
    const list = [{ kind: 'event' }, season, { kind: 'match' }, { kind: 'partial_season' }];
    expect(list.map(isSeason)).toEqual([false, true, false, true]);
    const split = splitSeasons(list);
    expect(split.events.map((event) => event.kind)).toEqual(['event', 'match']);
    expect(split.seasons.map((event) => event.kind)).toEqual(['season', 'partial_season']);
  });

  it('go from a day to a day, by the clock of the venue; a match has its hour', () => {
    expect(formatWhen(season, 'en-US')).toBe('Sat, Jan 9, 2027 – Wed, May 19, 2027');
    expect(formatWhen({ ...season, ends_at: undefined }, 'en-US')).toBe('Sat, Jan 9, 2027');
    expect(formatWhen({ ...season, kind: 'match' }, 'en-US')).toMatch(/^Saturday, January 9, 2027 · 7:30\sPM$/);
  });
});
