// @vitest-environment jsdom
import { IDBFactory } from 'fake-indexeddb';
import { describe, expect, it } from 'vitest';
import type { Ticket } from '@ticketing/ui';
import { groupByEvent } from '../src/pages/ListPage';
import { walletStore } from '../src/store';

function kTicket(id: string, eventId: string, startsAt: string): Ticket {
  return {
    id, event_id: eventId, starts_at: startsAt, order_id: '', event_name: eventId, venue_name: '', label: id, section: '', row: '', seat: '',
    category: '', zone: '', gate: '', status: 'valid', code: 'ABC', starts_at_text: '', admitted: false, bound: false,
    ticket_type: '',
  };
}

describe('the wallet on the phone', () => {
  it('comes back as it was written, whole', async () => {
    const factory = new IDBFactory();
    expect(await walletStore.read(factory)).toBeUndefined();
    const first = { accountId: 'acc_1', savedAt: 1, tickets: [kTicket('a', 'e', '2026-12-01T00:00:00Z'), kTicket('b', 'e', '2026-12-01T00:00:00Z')] };
    await walletStore.write(first, factory);
    expect(await walletStore.read(factory)).toEqual(first);
    const second = { ...first, savedAt: 2, tickets: [] };
    await walletStore.write(second, factory);
    expect(await walletStore.read(factory)).toEqual(second);
  });

  it('is gone after signing out', async () => {
    const factory = new IDBFactory();
    await walletStore.write({ accountId: 'acc_1', savedAt: 1, tickets: [] }, factory);
    await walletStore.clear(factory);
    expect(await walletStore.read(factory)).toBeUndefined();
  });
});

describe('the list', () => {
  it('shows the next event first and what is over last', () => {
    const now = Date.parse('2026-12-10T00:00:00Z');
    const tickets = [
      kTicket('old', 'past', '2026-12-01T00:00:00Z'), kTicket('later', 'far', '2027-02-01T00:00:00Z'),
      kTicket('tonight', 'now', '2026-12-09T20:00:00Z'), kTicket('older', 'longPast', '2026-11-01T00:00:00Z'), kTicket('two', 'far', '2027-02-01T00:00:00Z'),
    ];
    const groups = groupByEvent(tickets, now);
    expect(groups.map((group) => group.eventId)).toEqual(['now', 'far', 'past', 'longPast']);
    expect(groups[1]!.tickets.map((ticket) => ticket.id)).toEqual(['later', 'two']);
    expect(groups.map((group) => group.isPast)).toEqual([false, false, true, true]);
  });
});
