import type {
  Account, Availability, CreateHoldRequest, CreateOrderRequest, CreateSessionRequest, Event, EventList, Hold, Order, OrderList,
  PayOrderRequest, RegisterRequest, Session, TicketList,
} from '../gen/messages';
import type { ChartDocument } from '../chart/document';
import { ApiClient, type ClientOptions } from './client';
import type { SessionStore } from './session';

/** What every client can ask for: events, charts, holds, and who one is. */
export class EventsApi {
  protected readonly client: ApiClient;
  readonly session: SessionStore;
  private readonly chartsById = new Map<string, Promise<ChartDocument>>();

  constructor(options: ClientOptions) {
    this.client = new ApiClient(options);
    this.session = options.session;
  }

  serverNow = (): number => this.client.serverNow();

  async signIn(request: CreateSessionRequest): Promise<void> {
    const options = { method: 'POST', body: request, anonymous: true } as const;
    this.session.begin(await this.client.json<Session>('/v1/sessions', options));
  }

  /** Ends the session here at once; the server is told, and where it cannot be reached the tokens run out by themselves. */
  async signOut(): Promise<void> {
    const told = this.client.json<void>('/v1/sessions/current', { method: 'DELETE', once: true });
    this.session.end();
    await told.catch(() => undefined);
  }

  me(signal?: AbortSignal): Promise<Account> {
    return this.client.json('/v1/me', { signal });
  }

  async events(signal?: AbortSignal): Promise<Event[]> {
    return (await this.client.json<EventList>('/v1/events?limit=100', { signal })).events;
  }

  event(id: string, signal?: AbortSignal): Promise<Event> {
    return this.client.json(`/v1/events/${encodeURIComponent(id)}`, { signal });
  }

  /** A chart never changes once it has an id, and a stadium's is a megabyte: each is fetched once. */
  chart(id: string): Promise<ChartDocument> {
    const kept = this.chartsById.get(id);
    if (kept) return kept;
    const fetched = this.client.json<ChartDocument>(`/v1/charts/${encodeURIComponent(id)}`);
    this.chartsById.set(id, fetched);
    fetched.catch(() => this.chartsById.delete(id));
    return fetched;
  }

  availability(eventId: string, signal?: AbortSignal): Promise<Availability> {
    return this.client.json(`/v1/events/${encodeURIComponent(eventId)}/availability`, { signal });
  }

  hold(eventId: string, body: CreateHoldRequest, idempotencyKey: string): Promise<Hold> {
    return this.client.json(`/v1/events/${encodeURIComponent(eventId)}/holds`, { method: 'POST', body, idempotencyKey });
  }

  findHold(eventId: string, holdId: string, signal?: AbortSignal): Promise<Hold> {
    return this.client.json(this.holdPath(eventId, holdId), { signal });
  }

  releaseHold(eventId: string, holdId: string): Promise<void> {
    return this.client.json(this.holdPath(eventId, holdId), { method: 'DELETE' });
  }

  /** Answered with no more than its id, state and times: what is shown is fetched by who shows it. */
  createOrder(body: CreateOrderRequest, idempotencyKey: string): Promise<Order> {
    return this.client.json('/v1/orders', { method: 'POST', body, idempotencyKey, minimal: true });
  }

  order(id: string, signal?: AbortSignal): Promise<Order> {
    return this.client.json(`/v1/orders/${encodeURIComponent(id)}`, { signal });
  }

  /** `minimal` for who fetches the order with its tickets afterwards. */
  pay(orderId: string, body: PayOrderRequest, idempotencyKey: string, minimal = false): Promise<Order> {
    return this.client.json(`/v1/orders/${encodeURIComponent(orderId)}/payments`, { method: 'POST', body, idempotencyKey, minimal });
  }

  /** Gives up an order that is not paid: its seats go back on sale. */
  cancelOrder(orderId: string, idempotencyKey: string): Promise<Order> {
    return this.client.json(`/v1/orders/${encodeURIComponent(orderId)}/cancel`, { method: 'POST', idempotencyKey });
  }

  /** All tickets of an order, one page each. */
  ticketsPdf(orderId: string): Promise<Blob> {
    return this.client.blob(`/v1/orders/${encodeURIComponent(orderId)}/tickets.pdf`);
  }

  private holdPath(eventId: string, holdId: string): string {
    return `/v1/events/${encodeURIComponent(eventId)}/holds/${encodeURIComponent(holdId)}`;
  }
}

/** client-api, for customers. */
export class CustomerApi extends EventsApi {
  async register(request: RegisterRequest): Promise<void> {
    const options = { method: 'POST', body: request, anonymous: true } as const;
    this.session.begin(await this.client.json<Session>('/v1/accounts', options));
  }

  async orders(signal?: AbortSignal): Promise<Order[]> {
    return (await this.client.json<OrderList>('/v1/orders?limit=100', { signal })).orders;
  }

  tickets(signal?: AbortSignal): Promise<TicketList> {
    return this.client.json('/v1/tickets?limit=200', { signal });
  }

  ticketPdf(ticketId: string): Promise<Blob> {
    return this.client.blob(`/v1/tickets/${encodeURIComponent(ticketId)}/pdf`);
  }
}
