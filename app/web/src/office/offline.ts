/** What the service worker may answer from what it keeps: the page itself, and files whose names hold their hash. */

const PREFIX = "acreline-";
const HASHED = /^\/assets\/[\w.-]+-[\w-]{8,}\.[a-z0-9]+$/;

export type Answered = "page" | "file" | "network";

/** Everything but the page and hashed files is left to the network: answers of the service above all. */
export function answerOf(method: string, mode: string, url: string, origin: string): Answered {
  const address = new URL(url);
  if (method !== "GET" || address.origin !== origin) return "network";
  if (mode === "navigate") return address.pathname === "/" ? "page" : "network";
  return HASHED.test(address.pathname) ? "file" : "network";
}

/** Name of the cache of a build: FNV-1a over its files, whose names hold their hashes. */
export function cacheName(files: readonly string[]): string {
  let hash = 0x811c9dc5;
  for (const character of files.join("\n")) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return `${PREFIX}${hash.toString(16).padStart(8, "0")}`;
}

/** Caches of earlier builds. */
export function oldCaches(names: readonly string[], current: string): string[] {
  return names.filter((name) => name.startsWith(PREFIX) && name !== current);
}
