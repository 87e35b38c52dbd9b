/** Jobs that the service hands to its workers. */
import type { Client } from "../client";
import type { components } from "../schema";

export type Job = components["schemas"]["JobShown"];

export const job = (client: Client, number: number, signal: AbortSignal): Promise<Job> => client.get(`/jobs/${number}`, signal);

/** Resolves after a while; rejects as soon as the page is left. */
export function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(new DOMException("left", "AbortError"))), { once: true });
  });
}

const ENDED: ReadonlySet<string> = new Set(["done", "failed", "cancelled"]);

export const hasEnded = (state: string): boolean => ENDED.has(state);
