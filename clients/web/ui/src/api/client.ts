import type { Session } from '../gen/messages';
import { ApiError, errorOf } from './problem';
import type { SessionStore } from './session';

export interface ClientOptions {
  session: SessionStore;
  /** Handed in so that tests need neither a network nor time. */
  fetch?: typeof fetch;
  sleep?: (ms: number) => Promise<void>;
  now?: () => number;
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  /** For POSTs that move seats or money; the same for every try. */
  idempotencyKey?: string;
  /** For who goes on to a page that fetches it anyway: the answer says what came about, not all of it. */
  minimal?: boolean;
  signal?: AbortSignal;
  /** Sends no token, such as for signing in. */
  anonymous?: boolean;
  /** Not worth another try. */
  once?: boolean;
}

/** Pauses before the tries after the first. */
const kRetryPausesMs = [400, 1200];
const kRetryAfterMaxMs = 5000;

function isRetryable(error: ApiError): boolean {
  return [0, 502, 503, 504].includes(error.status) || error.code === 'idempotency-in-flight';
}

function defaultSleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The Date header counts whole seconds, and an answer takes time: small differences say nothing. */
function offsetOf(serverTime: number, now: number): number {
  const offset = serverTime + 500 - now;
  return Math.abs(offset) < 3000 ? 0 : offset;
}

/**
 * Speaks to the gateway at this page's own origin. A request is tried again only when that is safe: a GET, a DELETE, or a
 * POST with an Idempotency-Key, which stays the same over the tries. An expired access token is refreshed once, by one
 * request at a time, because a refresh token works only once.
 */
export class ApiClient {
  private readonly session: SessionStore;
  private readonly fetch: typeof fetch;
  private readonly sleep: (ms: number) => Promise<void>;
  private readonly now: () => number;
  private refreshing: Promise<void> | undefined;
  private clockOffsetMs = 0;

  constructor(options: ClientOptions) {
    this.session = options.session;
    this.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.sleep = options.sleep ?? defaultSleep;
    this.now = options.now ?? (() => Date.now());
  }

  /** The server's time, as far as its answers told: a phone's clock may be wrong, a countdown must not be. */
  serverNow(): number {
    return this.now() + this.clockOffsetMs;
  }

  async json<T>(path: string, options: RequestOptions = {}): Promise<T> {
    const response = await this.send(path, options);
    if (response.status === 204) return undefined as T;
    return (await response.json()) as T;
  }

  async blob(path: string, options: RequestOptions = {}): Promise<Blob> {
    return (await this.send(path, options)).blob();
  }

  private async send(path: string, options: RequestOptions): Promise<Response> {
    const method = options.method ?? 'GET';
    const mayRepeat = !options.once && (method === 'GET' || method === 'DELETE' || options.idempotencyKey !== undefined);
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.sendAuthorized(path, options);
      } catch (error) {
        const pause = kRetryPausesMs[attempt];
        if (!(error instanceof ApiError) || !mayRepeat || pause === undefined || !isRetryable(error)) throw error;
        const asked = (error.retryAfterSeconds ?? 0) * 1000;
        await this.sleep(Math.min(Math.max(pause, asked), kRetryAfterMaxMs));
      }
    }
  }

  private async sendAuthorized(path: string, options: RequestOptions): Promise<Response> {
    if (options.anonymous) return this.sendOnce(path, options, undefined);
    const token = await this.token();
    try {
      return await this.sendOnce(path, options, token);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401 || token === undefined) throw error;
      this.session.dropAccess();
      return this.sendOnce(path, options, await this.token());
    }
  }

  private async sendOnce(path: string, options: RequestOptions, token: string | undefined): Promise<Response> {
    const headers = new Headers({ Accept: 'application/json' });
    if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
    if (options.idempotencyKey !== undefined) headers.set('Idempotency-Key', options.idempotencyKey);
    if (options.minimal) headers.set('Prefer', 'return=minimal');
    const init: RequestInit = { method: options.method ?? 'GET', headers, cache: 'no-cache', signal: options.signal };
    if (options.body !== undefined) {
      headers.set('Content-Type', 'application/json');
      init.body = JSON.stringify(options.body);
    }
    let response: Response;
    try {
      response = await this.fetch(path, init);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new ApiError(0, { code: 'network', detail: 'The server did not answer.' });
    }
    const serverTime = Date.parse(response.headers.get('Date') ?? '');
    if (Number.isFinite(serverTime)) this.clockOffsetMs = offsetOf(serverTime, this.now());
    if (!response.ok) throw await errorOf(response);
    return response;
  }

  private async token(): Promise<string | undefined> {
    const token = this.session.accessToken(this.now());
    if (token !== undefined || this.session.refreshToken === undefined) return token;
    this.refreshing ??= this.refresh().finally(() => {
      this.refreshing = undefined;
    });
    await this.refreshing;
    return this.session.accessToken(this.now(), 0);
  }

  /** Tabs that share a refresh token take turns, else the second would use a token that the first has used up. */
  private refresh(): Promise<void> {
    const locks = globalThis.navigator?.locks;
    if (!locks) return this.refreshNow();
    return locks.request('ticketing-refresh', () => this.refreshNow());
  }

  private async refreshNow(): Promise<void> {
    this.session.reload();
    const refreshToken = this.session.refreshToken;
    if (refreshToken === undefined) return;
    try {
      const options = { method: 'POST', body: { refresh_token: refreshToken } } as const;
      const response = await this.sendOnce('/v1/sessions/refresh', options, undefined);
      this.session.begin((await response.json()) as Session);
    } catch (error) {
      const refused = error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
      if (!refused) throw error;
      this.session.end();  // The request goes on without a token: visitors may browse.
    }
  }
}
