// Keeps the app itself on the phone, so that it opens with the network off. Tickets are the page's own business (IndexedDB);
// what the API says is never kept here.

const worker = globalThis as unknown as ServiceWorkerGlobalScope;

/** Put in by the build: a name made of the contents, and every file of the app. */
declare const __SHELL__: { version: string; files: string[] };

const kPrefix = 'ticketing-mobile-';
const kCache = kPrefix + __SHELL__.version;

async function install(): Promise<void> {
  const cache = await caches.open(kCache);
  // Past the HTTP cache: a shell of mixed versions would not start.
  await cache.addAll(__SHELL__.files.map((file) => new Request(file, { cache: 'reload' })));
  await worker.skipWaiting();
}

async function activate(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(kPrefix) && name !== kCache).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(kCache);
  const kept = await cache.match(request.mode === 'navigate' ? './' : request, { ignoreSearch: true });
  return kept ?? fetch(request);
}

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(activate()));
worker.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  const isShell = event.request.method === 'GET' && url.origin === worker.location.origin && !url.pathname.startsWith('/v1/');
  if (isShell) event.respondWith(answer(event.request));
});
