import { describe, expect, it } from 'vitest';
import { ApiClient } from '../src/api/client';
import { Operation } from '../src/api/operation';
import { ApiError } from '../src/api/problem';
import { SessionStore } from '../src/api/session';
import type { Account, Session } from '../src/gen/messages';

const kAccount: Account = { id: 'acc_1', email: 'a@example.com', name: 'Ana', phone: '', language: 'es', roles: ['customer'] };

function kSession(access: string, refresh: string, expiresAt = 1_000_000): Session {
  return {
    access_token: access, access_expires_at: new Date(expiresAt).toISOString(), refresh_token: refresh, account: kAccount,
  };
}

interface Seen {
  path: string;
  key: string | null;
  authorization: string | null;
  body: unknown;
}

/** A server that answers by list; "lost" is an answer that never arrives. */
function makeServer(answers: (Response | 'lost')[]) {
  const seen: Seen[] = [];
  const pauses: number[] = [];
  const memory = new Map<string, string>();
  const storage = {
    getItem: (key: string) => memory.get(key) ?? null,
    setItem: (key: string, value: string) => void memory.set(key, value),
    removeItem: (key: string) => void memory.delete(key),
  };
  const session = new SessionStore(storage, 'test');
  const client = new ApiClient({
    session,
    now: () => 0,
    sleep: async (ms) => void pauses.push(ms),
    fetch: async (input, init) => {
      const headers = new Headers(init?.headers);
      const body: unknown = init?.body ? JSON.parse(String(init.body)) : undefined;
      seen.push({ path: String(input), key: headers.get('Idempotency-Key'), authorization: headers.get('Authorization'), body });
      const next = answers.shift();
      if (next === undefined) throw new Error('one request too many');
      if (next === 'lost') throw new TypeError('Failed to fetch');
      return next;
    },
  });
  return { client, session, seen, pauses, memory, storage };
}

const ok = (body: unknown) => new Response(JSON.stringify(body), { status: 200 });
const problem = (status: number, code: string, more: object = {}, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ code, title: code, ...more }), { status, headers });

describe('trying again', () => {
  it('keeps the Idempotency-Key over lost answers and busy servers', async () => {
    const { client, seen, pauses } = makeServer(['lost', problem(503, 'unavailable'), ok({ id: 'hld_1' })]);
    const hold = await client.json('/v1/holds', { method: 'POST', body: { a: 1 }, idempotencyKey: 'k-1' });
    expect(hold).toEqual({ id: 'hld_1' });
    expect(seen.map((request) => request.key)).toEqual(['k-1', 'k-1', 'k-1']);
    expect(pauses).toHaveLength(2);
  });

  it('waits as long as the server asks', async () => {
    const { client, pauses } = makeServer([problem(503, 'unavailable', {}, { 'Retry-After': '3' }), ok({})]);
    await client.json('/v1/events');
    expect(pauses).toEqual([3000]);
  });

  it('waits for the first request with the same key', async () => {
    const { client, seen } = makeServer([problem(409, 'idempotency-in-flight'), ok({})]);
    await client.json('/v1/orders', { method: 'POST', body: {}, idempotencyKey: 'k' });
    expect(seen).toHaveLength(2);
  });

  it('never repeats a POST without a key', async () => {
    const { client, seen } = makeServer(['lost', ok({})]);
    await expect(client.json('/v1/sessions', { method: 'POST', body: {} })).rejects.toMatchObject({ code: 'network' });
    expect(seen).toHaveLength(1);
  });

  it('takes a refusal for an answer', async () => {
    const { client, seen } = makeServer([problem(409, 'seat-not-available', { objects: ['N-A-1'] })]);
    const refusal = client.json('/v1/holds', { method: 'POST', body: {}, idempotencyKey: 'k' });
    await expect(refusal).rejects.toMatchObject({ status: 409, code: 'seat-not-available', objects: ['N-A-1'], outcomeUnknown: false });
    expect(seen).toHaveLength(1);
  });

  it('gives up in the end and says so', async () => {
    const { client, seen } = makeServer(['lost', 'lost', 'lost']);
    await expect(client.json('/v1/events')).rejects.toMatchObject({ code: 'network', outcomeUnknown: true });
    expect(seen).toHaveLength(3);
  });

  it('reads an error that is no problem document', async () => {
    const { client } = makeServer([new Response('<html>', { status: 418 })]);
    await expect(client.json('/v1/events')).rejects.toMatchObject({ status: 418, code: 'http-418' });
  });
});

describe('tokens', () => {
  it('refreshes once for many requests, and every request gets the new token', async () => {
    const server = makeServer([ok(kSession('new', 'r2')), ok({}), ok({}), ok({})]);
    server.session.begin(kSession('old', 'r1', 5_000));
    await Promise.all(['/a', '/b', '/c'].map((path) => server.client.json(path)));
    expect(server.seen.map((request) => request.path)).toEqual(['/v1/sessions/refresh', '/a', '/b', '/c']);
    expect(server.seen[0]!.body).toEqual({ refresh_token: 'r1' });
    expect(server.seen.slice(1).every((request) => request.authorization === 'Bearer new')).toBe(true);
  });

  it('refreshes after a 401 and repeats with the same key', async () => {
    const server = makeServer([problem(401, 'token-expired'), ok(kSession('new', 'r2')), ok({ done: true })]);
    server.session.begin(kSession('old', 'r1'));
    await server.client.json('/v1/orders', { method: 'POST', body: {}, idempotencyKey: 'k' });
    expect(server.seen.map((request) => [request.key, request.authorization])).toEqual([
      ['k', 'Bearer old'], [null, null], ['k', 'Bearer new'],
    ]);
  });

  it('ends the session when the refresh token is refused, and goes on as a visitor', async () => {
    const server = makeServer([problem(401, 'unauthenticated'), ok({ events: [] })]);
    server.session.begin(kSession('old', 'r1', 5_000));
    await server.client.json('/v1/events');
    expect(server.session.account).toBeUndefined();
    expect(server.memory.size).toBe(0);
    expect(server.seen[1]!.authorization).toBeNull();
  });

  it('keeps the session when the network fails during a refresh', async () => {
    const server = makeServer(['lost', 'lost', 'lost']);
    server.session.begin(kSession('old', 'r1', 5_000));
    await expect(server.client.json('/v1/tickets')).rejects.toMatchObject({ code: 'network' });
    expect(server.session.account).toEqual(kAccount);
  });

  it('stores the refresh token and never the access token', () => {
    const { session, memory, storage } = makeServer([]);
    session.begin(kSession('secret-access', 'r1'));
    expect([...memory.values()].join()).not.toContain('secret-access');
    expect(new SessionStore(storage, 'test').account).toEqual(kAccount);
  });
});

describe('an operation', () => {
  const keys = () => {
    let count = 0;
    return () => `key-${(count += 1)}`;
  };

  it('asks about the same payment until its outcome is known', async () => {
    const used: string[] = [];
    const outcomes: (ApiError | string)[] = [new ApiError(0, {}), new ApiError(503, {}), 'paid'];
    const operation = new Operation<object, string>(async (_body, key) => {
      used.push(key);
      const outcome = outcomes.shift()!;
      if (outcome instanceof ApiError) throw outcome;
      return outcome;
    }, keys());
    await expect(operation.run({ card: 1 })).rejects.toThrow();
    await expect(operation.run({ card: 1 })).rejects.toThrow();
    await expect(operation.run({ card: 1 })).resolves.toBe('paid');
    expect(used).toEqual(['key-1', 'key-1', 'key-1']);
  });

  it('takes a new key after a refusal, after success and for another wish', async () => {
    const used: string[] = [];
    const outcomes: (ApiError | string)[] = [new ApiError(402, { code: 'payment-declined' }), new ApiError(0, {}), 'paid', 'paid'];
    const operation = new Operation<object, string>(async (_body, key) => {
      used.push(key);
      const outcome = outcomes.shift()!;
      if (outcome instanceof ApiError) throw outcome;
      return outcome;
    }, keys());
    await expect(operation.run({ card: 'bad' })).rejects.toThrow();
    await expect(operation.run({ card: 'bad' })).rejects.toThrow();
    await operation.run({ card: 'good' });
    await operation.run({ card: 'good' });
    expect(used).toEqual(['key-1', 'key-2', 'key-3', 'key-4']);
  });
});
