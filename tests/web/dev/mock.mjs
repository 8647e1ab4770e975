// A pretend platform in memory, for working on the clients only. It proves nothing: the walks run against the real one.
// node dev/mock.mjs [first port]  ->  client-web, admin-portal, client-mobile on three ports in a row.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeChart } from './chart.mjs';

const web = join(dirname(fileURLToPath(import.meta.url)), '../../../clients/web');
const firstPort = Number(process.argv[2] ?? 7501);
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.png': 'image/png', '.webmanifest': 'application/manifest+json' };
const id = (prefix) => `${prefix}_${randomBytes(8).toString('hex').toUpperCase().slice(0, 13)}`;
const mxn = (minor) => ({ minor: String(minor), currency: 'MXN' });
const now = (ms = 0) => new Date(Date.now() + ms).toISOString();

const chart = process.env.MOCK_CHART ? JSON.parse(await readFile(process.env.MOCK_CHART, 'utf8')) : makeChart();
const units = [];
const rows = chart.sections.flatMap((section) => section.rows.map((row) => ({ section, row }))).sort((a, b) => a.row.rank - b.row.rank);
for (const { section, row } of rows) for (const seat of row.seats) {
  units.push({ label: `${section.label}-${row.label}-${seat.label}`, section, row, seat, category: seat.category ?? row.category ?? section.category, gate: section.gate, state: Math.random() < 0.35 ? 2 : Math.random() < 0.04 ? 1 : 0 });
}
for (const suite of chart.suites) units.push({ label: suite.label, category: suite.category, gate: suite.gate, state: 0, section: { label: suite.label }, row: { label: '' }, seat: { label: '' } });
const byLabel = new Map(units.map((unit, index) => [unit.label, index]));
const areas = chart.areas.map((area) => ({ label: area.label, free: area.capacity, capacity: area.capacity, category: area.category }));
const prices = Object.fromEntries(chart.categories.map(({ key }, index) => [key, 125050 - index * 10000]));
const venue = { id: 'ven_1', name: 'Estadio Nacional', city: 'Ciudad de México', time_zone: 'America/Mexico_City', utc_offset_minutes: -360 };
const names = ['Águilas vs. Lobos', 'Gira Mundial: Los Ríos', 'Semifinal de vuelta', 'Orquesta bajo las estrellas'];
const events = names.map((name, index) => ({
  id: `evt_000000000000${index + 1}`, number: String(index + 1), venue, chart_id: 'cht_1', name, description: '', starts_at: now((9 + index * 7) * 864e5), doors_open_at: now((9 + index * 7) * 864e5 - 72e5),
  currency: 'MXN', prices: chart.categories.map((c) => ({ category: c.key, price: mxn(prices[c.key]) })), fees: [{ name: 'Cargo por servicio', basis_points: 500 }], tax_basis_points: 1600, gates: [], zones: [], status: 'on_sale',
}));
const accounts = new Map([['taquilla@example.com', { password: 'taquilla-demo-1', account: { id: id('acc'), email: 'taquilla@example.com', name: 'Taquilla Uno', phone: '', language: 'es', roles: ['box_office', 'admin'] } }]]);
const tokens = new Map(); const refreshes = new Map(); const holds = new Map(); const orders = new Map(); const shifts = new Map(); const scans = []; const devices = [];

class Refusal extends Error { constructor(status, code, more = {}) { super(code); Object.assign(this, { status, code, more }); } }
const session = (account) => {
  const access = id('at'); const refresh = id('rt');
  tokens.set(access, account); refreshes.set(refresh, account);
  return { access_token: access, access_expires_at: now(6e5), refresh_token: refresh, refresh_expires_at: now(864e5), account };
};
const quoteOf = (objects) => {
  const subtotal = objects.reduce((sum, o) => sum + Number(o.price.minor) * Number(o.quantity), 0);
  const fees = Math.round(subtotal * 0.05);
  return { subtotal: mxn(subtotal), fees: mxn(fees), taxes: mxn(Math.round((subtotal + fees) * 16 / 116)), total: mxn(subtotal + fees) };
};
function takeHold(body) {
  let wanted = body.objects ?? [];
  if (body.best_available) {
    const { quantity, category } = body.best_available;
    const free = units.map((u, i) => [u, i]).filter(([u]) => u.state === 0 && u.seat.label && (!category || u.category === category));
    const start = free.findIndex(([u], i) => i + quantity <= free.length && free.slice(i, i + quantity).every(([v, j], k) => v.row === u.row && j === free[i][1] + k));
    if (start < 0) throw new Refusal(409, 'no-adjacent-seats');
    wanted = free.slice(start, start + quantity).map(([u]) => ({ label: u.label, quantity: '1' }));
  }
  const taken = wanted.filter((w) => byLabel.has(w.label) && units[byLabel.get(w.label)].state !== 0).map((w) => w.label);
  if (taken.length) throw new Refusal(409, 'seat-not-available', { objects: taken });
  const objects = wanted.map((w) => {
    const area = areas.find((a) => a.label === w.label);
    if (area) { area.free -= Number(w.quantity); return { label: w.label, index: '0', quantity: String(w.quantity), category: area.category, section: w.label, row: '', seat: '', zone: 'z', gate: 'Puerta 2', price: mxn(prices[area.category]) }; }
    const unit = units[byLabel.get(w.label)]; unit.state = 1;
    return { label: w.label, index: String(byLabel.get(w.label)), quantity: '1', category: unit.category, section: unit.section.label, row: unit.row.label, seat: unit.seat.label, zone: 'z', gate: `Puerta ${unit.gate}`, price: mxn(prices[unit.category]) };
  });
  const hold = { id: id('hld'), event_id: '', objects, expires_at: now(15 * 6e4), quote: quoteOf(objects) };
  holds.set(hold.id, hold);
  return hold;
}
const codeOf = () => Array.from(randomBytes(141), (b) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[b & 31]).join('');
function complete(order) {
  const event = events.find((e) => e.id === order.event_id);
  order.status = 'completed';
  order.tickets = order.objects.map((o) => ({ id: id('tkt'), order_id: order.id, event_id: order.event_id, event_name: event.name, venue_name: venue.name, starts_at: event.starts_at, label: o.label, section: o.section, row: o.row, seat: o.seat, category: o.category, zone: o.zone, gate: o.gate, status: 'valid', code: codeOf(), starts_at_text: '', admitted: false }));
  for (const o of order.objects) if (byLabel.has(o.label)) units[byLabel.get(o.label)].state = 2;
  const scan = (outcome, reason, disputed = false) => scans.unshift({ id: id('scn'), event_id: order.event_id, ticket_id: order.tickets[0].id, label: order.tickets[0].label, gate: 'Puerta 2', device_id: 'dev_1', outcome, reason, decided_by: 'bastion', at: now(), received_at: now(), sources: 1, disputed });
  setTimeout(() => scan('admitted', 'ok'), 4000); setTimeout(() => scan('refused', 'already_used', true), 8000);
}
const routes = [
  ['POST', /^\/v1\/accounts$/, (c) => { if (accounts.has(c.body.email)) throw new Refusal(409, 'account-exists'); const account = { id: id('acc'), ...c.body, roles: ['customer'] }; accounts.set(c.body.email, { password: c.body.password, account }); return [201, session(account)]; }],
  ['POST', /^\/v1\/sessions$/, (c) => { const found = accounts.get(c.body.email); if (found?.password !== c.body.password) throw new Refusal(401, 'wrong-credentials'); return [201, session(found.account)]; }],
  ['POST', /^\/v1\/sessions\/refresh$/, (c) => { const account = refreshes.get(c.body.refresh_token); if (!account) throw new Refusal(401, 'unauthenticated'); refreshes.delete(c.body.refresh_token); return [200, session(account)]; }],
  ['DELETE', /^\/v1\/sessions\/current$/, () => [204]],
  ['GET', /^\/v1\/me$/, (c) => [200, c.who()]],
  ['GET', /^\/v1\/events$/, () => [200, { events, next_cursor: '' }]],
  ['GET', /^\/v1\/events\/([^/]+)$/, (c, e) => [200, events.find((x) => x.id === e)]],
  ['GET', /^\/v1\/charts\/([^/]+)$/, () => [200, chart]],
  ['GET', /^\/v1\/venues$/, () => [200, { venues: [venue] }]],
  ['GET', /^\/v1\/events\/([^/]+)\/availability$/, (c, e) => {
    const bytes = Buffer.alloc(Math.ceil(units.length / 4)); units.forEach((u, i) => { bytes[i >> 2] |= u.state << ((i & 3) * 2); });
    const categories = chart.categories.map(({ key }) => ({ category: key, free: String(areas.filter((a) => a.category === key).reduce((s, a) => s + a.free, 0) + units.filter((u) => u.category === key && u.state === 0).length), total: '0' }));
    return [200, { event_id: e, version: '7', objects: units.length, states: bytes.toString('base64'), areas: areas.map((a) => ({ label: a.label, free: String(a.free), capacity: String(a.capacity) })), categories }];
  }],
  ['POST', /^\/v1\/events\/([^/]+)\/holds$/, (c, e) => [201, Object.assign(takeHold(c.body), { event_id: e })]],
  ['GET', /^\/v1\/events\/([^/]+)\/holds\/([^/]+)$/, (c, e, h) => { if (!holds.has(h)) throw new Refusal(404, 'hold-not-found'); return [200, holds.get(h)]; }],
  ['DELETE', /^\/v1\/events\/([^/]+)\/holds\/([^/]+)$/, (c, e, h) => { for (const o of holds.get(h)?.objects ?? []) if (byLabel.has(o.label)) units[byLabel.get(o.label)].state = 0; holds.delete(h); return [204]; }],
  ['POST', /^\/v1\/orders$/, (c) => {
    const me = c.who(); const hold = holds.get(c.body.hold_id); if (!hold) throw new Refusal(409, 'hold-expired');
    const order = { id: id('ord'), owner: me.id, objects: hold.objects, event_id: hold.event_id, event_name: events.find((e) => e.id === hold.event_id).name, status: 'pending', channel: 'online', buyer: c.body.buyer ?? { name: me.name, email: me.email, phone: '' }, language: 'es', lines: hold.objects.map((o) => ({ label: o.label, quantity: o.quantity, category: o.category, unit_price: o.price, total: o.price })), quote: hold.quote, created_at: now(), expires_at: hold.expires_at, tickets: [] };
    orders.set(order.id, order); return [201, order];
  }],
  ['GET', /^\/v1\/orders$/, (c) => [200, { orders: [...orders.values()].filter((o) => o.owner === c.who().id).reverse(), next_cursor: '' }]],
  ['GET', /^\/v1\/orders\/([^/]+)$/, (c, o) => [200, orders.get(o)]],
  ['POST', /^\/v1\/orders\/([^/]+)\/payments$/, (c, o) => {
    const order = orders.get(o);
    if (c.body.card?.payment_method === 'pm_card_chargeDeclined') throw new Refusal(402, 'payment-declined');
    order.payment = { id: id('pay'), order_id: o, status: 'succeeded', amount: order.quote.total, method: c.body.cash ? 'cash' : 'card', change: c.body.cash && mxn(Number(c.body.cash.tendered.minor) - Number(order.quote.total.minor)) };
    if (c.body.cash) { const s = shifts.get(c.body.cash.shift_id); const add = (a) => mxn(Number(a.minor) + Number(order.quote.total.minor)); s.cash_sales = add(s.cash_sales); s.expected_cash = add(s.expected_cash); }
    complete(order); return [200, order];
  }],
  ['POST', /^\/v1\/orders\/([^/]+)\/cancel$/, (c, o) => { orders.get(o).status = 'cancelled'; for (const x of orders.get(o).objects) if (byLabel.has(x.label)) units[byLabel.get(x.label)].state = 0; return [200, orders.get(o)]; }],
  ['GET', /^\/v1\/orders\/([^/]+)\/tickets\.pdf$/, () => [200, Buffer.from('%PDF-1.4 mock')]],
  ['GET', /^\/v1\/tickets$/, (c) => [200, { tickets: [...orders.values()].filter((o) => o.owner === c.who().id).flatMap((o) => o.tickets), next_cursor: '' }]],
  ['GET', /^\/v1\/tickets\/([^/]+)\/pdf$/, () => [200, Buffer.from('%PDF-1.4 mock')]],
  ['POST', /^\/v1\/shifts$/, (c) => { const shift = { id: id('shf'), status: 'open', opened_by: c.who().id, opened_at: now(), opening_cash: c.body.opening_cash, cash_sales: mxn(0), cash_refunds: mxn(0), expected_cash: c.body.opening_cash }; shifts.set(shift.id, shift); return [201, shift]; }],
  ['GET', /^\/v1\/shifts\/([^/]+)$/, (c, s) => [200, shifts.get(s)]],
  ['POST', /^\/v1\/shifts\/([^/]+)\/close$/, (c, s) => { const shift = shifts.get(s); Object.assign(shift, { status: 'closed', closed_at: now(), counted_cash: c.body.counted_cash, difference: mxn(Number(c.body.counted_cash.minor) - Number(shift.expected_cash.minor)) }); return [200, shift]; }],
  ['GET', /^\/v1\/events\/([^/]+)\/scans$/, (c, e) => { const list = scans.filter((s) => s.event_id === e); return [200, { scans: list.slice(0, 100), next_cursor: '', total: String(list.length), admitted: String(list.filter((s) => s.outcome === 'admitted').length), refused: String(list.filter((s) => s.outcome === 'refused').length), disputed: String(list.filter((s) => s.disputed).length) }]; }],
  ['POST', /^\/v1\/pairings$/, (c) => [201, { id: id('pai'), code: '7KQ2-9XMD', ...c.body, expires_at: now(9e5) }]],
  ['GET', /^\/v1\/devices$/, () => [200, { devices: [{ id: 'dev_1', kind: 'handheld', name: 'Puerta 2 izquierda', public_key: '', revoked: false, enrolled_at: now(), enrolled_by: 'acc' }, ...devices] }]],
  ['GET', /^\/v1\/ledger\/balances$/, () => [200, { balanced: true, entries: '12', accounts: [{ name: 'cash:till', debits: mxn(500000), credits: mxn(0), balance: mxn(500000) }, { name: 'sales:tickets', debits: mxn(0), credits: mxn(500000), balance: mxn(-500000) }] }]],
];

async function answer(request, response, folder) {
  const { pathname } = new URL(request.url, 'http://x');
  if (!pathname.startsWith('/v1/')) {
    const file = join(web, folder, 'dist', normalize(pathname === '/' ? '/index.html' : pathname));
    const data = await readFile(file).catch(() => undefined);
    response.writeHead(data ? 200 : 404, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' }).end(data ?? 'not found');
    return;
  }
  let text = ''; for await (const part of request) text += part;
  const token = /^Bearer (.+)/.exec(request.headers.authorization ?? '')?.[1];
  const call = { body: text ? JSON.parse(text) : {}, who: () => { const me = tokens.get(token); if (!me) throw new Refusal(401, 'unauthenticated'); return me; } };
  const route = routes.find(([method, pattern]) => method === request.method && pattern.test(pathname));
  try {
    if (!route) throw new Refusal(404, 'not-found');
    const [status, body] = route[2](call, ...pathname.match(route[1]).slice(1));
    if (body === undefined && status === 200) throw new Refusal(404, 'not-found');
    response.writeHead(status, { 'Content-Type': Buffer.isBuffer(body) ? 'application/pdf' : 'application/json', 'Access-Control-Allow-Origin': '*' });
    response.end(Buffer.isBuffer(body) ? body : body === undefined ? '' : JSON.stringify(body));
  } catch (error) {
    if (!(error instanceof Refusal)) console.error(error);
    response.writeHead(error.status ?? 500, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify({ code: error.code ?? 'internal', detail: error.message, errors: [], objects: [], ...error.more }));
  }
}
['client-web', 'admin-portal', 'client-mobile'].forEach((folder, index) => {
  createServer((request, response) => void answer(request, response, folder)).listen(firstPort + index, '127.0.0.1', () => console.log(`${folder} http://127.0.0.1:${firstPort + index}/`));
});
