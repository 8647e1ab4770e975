import { describe, expect, it } from 'vitest';
import { addMoney, decimalOf, formatMoney, parseMoney, subtractMoney, timesMoney } from '../src/format/money';
import { formatRemaining, formatTime, kClock } from '../src/format/time';

describe('money', () => {
  it('shows minor units exactly, however many', () => {
    expect(formatMoney({ minor: '125050', currency: 'MXN' }, 'es-MX')).toBe('$1,250.50');
    expect(formatMoney({ minor: '9007199254740993', currency: 'MXN' }, 'es-MX')).toBe('$90,071,992,547,409.93');
    expect(formatMoney({ minor: '5', currency: 'MXN' }, 'es-MX')).toBe('$0.05');
    expect(formatMoney({ minor: '-5', currency: 'MXN' }, 'en-US')).toBe('-$0.05');
  });

  it('knows currencies without cents', () => {
    expect(formatMoney({ minor: '1250', currency: 'JPY' }, 'en-US')).toBe('¥1,250');
    expect(decimalOf('1250', 0)).toBe('1250');
    expect(decimalOf('5', 2)).toBe('0.05');
  });

  it('drops zeros only where asked and only when they are zeros', () => {
    expect(formatMoney({ minor: '185000', currency: 'MXN' }, 'es-MX', { trim: true })).toBe('$1,850');
    expect(formatMoney({ minor: '185050', currency: 'MXN' }, 'es-MX', { trim: true })).toBe('$1,850.50');
  });

  it('reads what a cashier types', () => {
    expect(parseMoney('1500', 'MXN')?.minor).toBe('150000');
    expect(parseMoney('1,500.5', 'MXN')?.minor).toBe('150050');
    expect(parseMoney(' $20 ', 'MXN')?.minor).toBe('2000');
    expect(parseMoney('0.05', 'MXN')?.minor).toBe('5');
  });

  it('refuses what is not an amount', () => {
    for (const text of ['', 'abc', '-5', '1.234', '1,50', '1e3', '1.2.3', '99999999999999']) expect(parseMoney(text, 'MXN')).toBeUndefined();
  });

  it('adds, subtracts and multiplies without floating point', () => {
    const a = { minor: '9007199254740993', currency: 'MXN' };
    expect(addMoney(a, a).minor).toBe('18014398509481986');
    expect(subtractMoney({ minor: '1', currency: 'MXN' }, a).minor).toBe('-9007199254740992');
    expect(timesMoney(a, 3).minor).toBe('27021597764222979');
  });
});

describe('time', () => {
  const instant = '2026-12-01T02:30:00Z';

  it('is the clock of the venue, by name or by offset', () => {
    expect(formatTime(instant, 'en-US', kClock, { time_zone: 'America/Mexico_City', utc_offset_minutes: 0 })).toMatch(/^8:30\sPM$/);
    expect(formatTime(instant, 'en-US', kClock, { time_zone: 'Not/AZone', utc_offset_minutes: -300 })).toMatch(/^9:30\sPM$/);
    expect(formatTime('nonsense', 'en-US', kClock)).toBe('');
  });

  it('counts down to zero and not below', () => {
    expect(formatRemaining(899_001)).toBe('15:00');
    expect(formatRemaining(61_000)).toBe('01:01');
    expect(formatRemaining(-5)).toBe('00:00');
    expect(formatRemaining(7_261_000)).toBe('2:01:01');
  });
});
