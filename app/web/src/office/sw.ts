/**
 * The office without a network: this worker keeps the page and its files, each under a name that holds its hash, and
 * nothing that the service answers. What somebody takes along lies in the page's own database (visits/away.ts).
 */
/// <reference lib="webworker" />
import { answerOf, cacheName, oldCaches } from "./offline";

declare const self: ServiceWorkerGlobalScope;
/** Files of the office that a form in the field needs; vite.config.ts writes them in. */
declare const OFFICE_FILES: readonly string[];

const FILES = OFFICE_FILES;
const CACHE = cacheName(FILES);

self.addEventListener("install", (event) => {
  event.waitUntil(keepFiles().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOld().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const kind = answerOf(request.method, request.mode, request.url, self.location.origin);
  if (kind === "page") event.respondWith(freshPage(request));
  else if (kind === "file") event.respondWith(keptFile(request));
});

async function keepFiles(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES.map((file) => new Request(file, { cache: file === "/" ? "reload" : "default" })));
}

async function dropOld(): Promise<void> {
  const names = oldCaches(await caches.keys(), CACHE);
  await Promise.all(names.map((name) => caches.delete(name)));
}

/** The page as the service has it now; the one kept here where the service does not answer. */
async function freshPage(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match("/", { cacheName: CACHE });
    if (kept === undefined) throw error;
    return kept;
  }
}

/** A file whose name holds its hash never changes. */
async function keptFile(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName: CACHE })) ?? fetch(request);
}
