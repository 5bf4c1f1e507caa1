/** The worker behind the pages of the field: they open without a network, with the tasks as last seen. */
export {}; // a module of its own: `self` below is the worker's
declare const self: ServiceWorkerGlobalScope;

const CACHE = "qingyuan-field-1";
const SHELL = new URL("./", self.registration.scope).pathname;
const TASKS = `${SHELL}tasks.json`;

/** Put the shell with all it names, and the tasks, into the cache. */
async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  const shell = await fetch(SHELL, { credentials: "same-origin" });
  if (!shell.ok || shell.redirected) return;
  const page = await shell.clone().text();
  const named = [...page.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((found) => found[1]!);
  await cache.put(SHELL, shell);
  await Promise.allSettled([...new Set(named), TASKS].map((address) => cache.add(address)));
}

/** The network's answer, kept for later; without a network the one kept. */
async function freshest(request: Request, key: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await cache.put(key, answer.clone());
    return answer;
  } catch {
    return await cache.match(key, { ignoreVary: true }) ?? Response.error();
  }
}

async function still(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const held = await cache.match(request, { ignoreVary: true });
  if (held) return held;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

self.addEventListener("install", (event) => { event.waitUntil(fill().then(() => self.skipWaiting())); });
self.addEventListener("activate", (event) => { event.waitUntil(self.clients.claim()); });
self.addEventListener("message", (event) => {
  // who signs out takes the kept tasks along
  if (event.data === "leave") event.waitUntil(caches.delete(CACHE));
  if (event.data === "fill") event.waitUntil(fill());
});
self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname === SHELL || address.pathname === TASKS) event.respondWith(freshest(event.request, address.pathname));
  else if (address.pathname.startsWith("/static/")) event.respondWith(still(event.request));
});
