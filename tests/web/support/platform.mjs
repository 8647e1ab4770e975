// The platform that the walks go through, as the environment names it, and a plain way to its APIs for what a walk needs
// before it can begin. Nothing here stands in for a step that a browser should take.
import { readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { smallHall } from './hall.mjs';

function need(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: it names the running platform (see tests/web/README.md)`);
  return value.replace(/\/$/, '');
}

export const urls = {
  customer: need('TICKETING_CLIENT_WEB_URL'),
  staff: need('TICKETING_ADMIN_URL'),
  mobile: need('TICKETING_MOBILE_URL'),
};
export const staff = { email: need('TICKETING_STAFF_EMAIL'), password: need('TICKETING_STAFF_PASSWORD') };
export const admin = { email: need('TICKETING_ADMIN_EMAIL'), password: need('TICKETING_ADMIN_PASSWORD') };

export class Api {
  constructor(base, token = '') {
    this.base = base;
    this.token = token;
  }

  static async signIn(base, { email, password }) {
    const session = await new Api(base).post('/v1/sessions', { email, password });
    return new Api(base, session.access_token);
  }

  async request(method, path, body, headers = {}) {
    const response = await fetch(this.base + path, {
      method,
      headers: {
        ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(method === 'POST' ? { 'Idempotency-Key': randomUUID() } : {}),
        ...headers,
      },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  get(path) {
    return this.request('GET', path);
  }

  post(path, body, headers) {
    return this.request('POST', path, body, headers);
  }
}

export function newCustomer() {
  const mark = randomUUID().slice(0, 8);
  return { name: `Ana ${mark}`, email: `ana-${mark}@example.com`, password: `clave larga ${mark}` };
}

/** A customer with paid tickets, for walks that begin after the purchase. */
export async function customerWithTickets(eventId, quantity) {
  const customer = newCustomer();
  const session = await new Api(urls.customer).post('/v1/accounts', { ...customer, language: 'es' });
  const api = new Api(urls.customer, session.access_token);
  const hold = await api.post(`/v1/events/${eventId}/holds`, { best_available: { quantity } });
  const order = await api.post('/v1/orders', { event_id: eventId, hold_id: hold.id, language: 'es' });
  const paid = await api.post(`/v1/orders/${order.id}/payments`, { card: { payment_method: 'pm_card_visa' } });
  return { customer, order: paid };
}

let found;

/** The next event on sale. A platform that has none gets the chart named by TICKETING_CHART, else a small hall. */
export function eventOnSale() {
  found ??= findOrCreate();
  return found;
}

async function findOrCreate() {
  const { events } = await new Api(urls.customer).get('/v1/events');
  const open = events.find((event) => event.status === 'on_sale');
  if (open) return open;
  const api = await Api.signIn(urls.staff, admin);
  const chartFile = process.env.TICKETING_CHART;
  const chart = chartFile ? await readFile(chartFile, 'utf8') : JSON.stringify(smallHall());
  const summary = await api.post('/v1/charts', chart);
  const venue = await api.post('/v1/venues', {
    name: 'Estadio Nacional', city: 'Ciudad de México', time_zone: 'America/Mexico_City', utc_offset_minutes: -360,
  });
  const starts = Date.now() + 14 * 86_400_000;
  return api.post('/v1/events', {
    venue_id: venue.id,
    chart_id: summary.id,
    name: 'Águilas contra Lobos',
    starts_at: new Date(starts).toISOString(),
    doors_open_at: new Date(starts - 7_200_000).toISOString(),
    ends_at: new Date(starts + 7_200_000).toISOString(),
    currency: 'MXN',
    prices: summary.categories.map(({ key }, index) => ({ category: key, price: { minor: String(185_000 - 15_050 * index), currency: 'MXN' } })),
    fees: [{ name: 'Cargo por servicio', basis_points: 500 }],
    tax_basis_points: 1600,
  });
}
