// Lets the app be loaded without a network. The build puts the list of files in place of PRECACHE and a hash of them
// in place of VERSION, so that each build is another worker with a cache of its own.
//
// A page is always answered from the cache, so that page and scripts are of one build. A newer worker takes over at
// once and answers from its own files; an open page goes on with the scripts it has loaded and says that there is a
// newer version. Rows and writes never come this way.

/// <reference lib="webworker" />

const VERSION = "__VERSION__";
/** @type {readonly string[]} */
const PRECACHE = JSON.parse("__PRECACHE__");

const CACHE = `library-${VERSION}`;
const PAGE = "/index.html";
const SERVER_PATHS = ["/v1/", "/api/", "/dev/", "/metrics"];

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));

worker.addEventListener("install", (event) => {
  event.waitUntil(install());
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(activate());
});

worker.addEventListener("fetch", (event) => {
  const path = cachedPath(event.request);
  if (path !== undefined) event.respondWith(answer(path, event.request));
});

async function install() {
  const cache = await caches.open(CACHE);
  await cache.addAll(PRECACHE.map((path) => new Request(path, { cache: "reload" })));
  await worker.skipWaiting();
}

async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("library-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/**
 * What of the cache answers a request; undefined if it is none of our business.
 *
 * @param {Request} request
 * @returns {string | undefined}
 */
function cachedPath(request) {
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return undefined;
  if (SERVER_PATHS.some((path) => url.pathname.startsWith(path))) return undefined;
  if (request.mode === "navigate") return PAGE;
  return PRECACHE.includes(url.pathname) ? url.pathname : undefined;
}

/**
 * @param {string} path
 * @param {Request} request
 * @returns {Promise<Response>}
 */
async function answer(path, request) {
  const cached = await caches.match(path, { cacheName: CACHE });
  return cached ?? fetch(request);
}
