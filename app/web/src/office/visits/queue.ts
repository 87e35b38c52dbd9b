/** Visits that wait on this device for a network: what happens to one, step by step. Nothing here touches page or disk. */
import type { components } from "../schema";

export type VisitSaid = components["schemas"]["VisitSaid"];

/**
 * waiting: to be sent. refused: the service said no, and saying the same again would not help. sent: it is in the book.
 * A visit that was refused stays on the device until its officer corrects it or lets it go.
 */
export type State = "waiting" | "refused" | "sent";

export interface Problem {
  readonly code: string;
  readonly text: string;
}

export interface Entry {
  /** UUID: sending twice is one visit. */
  readonly key: string;
  /** Who recorded it, and the only one who sends it. */
  readonly login: string;
  readonly parcel: string;
  readonly said: VisitSaid;
  readonly kept_at: number;
  readonly state: State;
  /** Whether a photo belongs to it, and whether that is with the service already. */
  readonly photo: "none" | "kept" | "sent";
  readonly tries: number;
  /** Not before this instant again; 0: at once. */
  readonly not_before: number;
  /** What the service said last, in English. */
  readonly problem: Problem | null;
  /** Number in the book, once it is there. */
  readonly visit: number | null;
}

export type Outcome =
  | { readonly kind: "photo_sent" }
  | { readonly kind: "photo_lacks" }
  | { readonly kind: "sent"; readonly visit: number }
  | { readonly kind: "unreachable"; readonly now: number; readonly wait_s: number | null; readonly problem: Problem | null }
  | { readonly kind: "refused"; readonly problem: Problem };

const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 300_000;

export function newEntry(key: string, login: string, parcel: string, said: VisitSaid, withPhoto: boolean, now: number): Entry {
  const photo = withPhoto ? "kept" : "none";
  return { key, login, parcel, said, kept_at: now, state: "waiting", photo, tries: 0, not_before: 0, problem: null, visit: null };
}

/** What becomes of an entry by what came of sending it. */
export function after(entry: Entry, outcome: Outcome): Entry {
  switch (outcome.kind) {
    case "photo_sent":
      return { ...entry, photo: "sent" };
    case "photo_lacks": // the service let it go after a month, or another device sent it
      return { ...entry, photo: "kept", tries: entry.tries + 1 };
    case "sent":
      return { ...entry, state: "sent", visit: outcome.visit, problem: null };
    case "unreachable": {
      const tries = entry.tries + 1;
      const wait = outcome.wait_s === null ? Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1)) : outcome.wait_s * 1000;
      return { ...entry, tries, not_before: outcome.now + wait, problem: outcome.problem };
    }
    case "refused":
      return { ...entry, state: "refused", problem: outcome.problem };
  }
}

/** Try again what was refused: its officer says so, after a correction of the book or a word with a colleague. */
export function again(entry: Entry): Entry {
  return entry.state === "refused" ? { ...entry, state: "waiting", tries: 0, not_before: 0, problem: null } : entry;
}

/** Somebody's own visits in the order in which they were recorded. */
export function inOrder(entries: readonly Entry[], login: string): Entry[] {
  return entries.filter((entry) => entry.login === login).sort((one, other) => one.kept_at - other.kept_at || (one.key < other.key ? -1 : 1));
}

/** The next one to send; null: none, or the line is bad and the first one must wait. Order holds: nothing overtakes. */
export function nextOf(entries: readonly Entry[], login: string, now: number): Entry | null {
  const first = inOrder(entries, login).find((entry) => entry.state === "waiting");
  return first === undefined || first.not_before > now ? null : first;
}

/** Instant at which the first one may be tried again; null: nothing waits. */
export function nextTry(entries: readonly Entry[], login: string): number | null {
  const first = inOrder(entries, login).find((entry) => entry.state === "waiting");
  return first === undefined ? null : first.not_before;
}

export interface Counts {
  readonly waiting: number;
  readonly refused: number;
  readonly sent: number;
  /** Of other people who used this device: only how many. */
  readonly others: number;
}

export function countsOf(entries: readonly Entry[], login: string): Counts {
  const own = inOrder(entries, login);
  const of = (state: State): number => own.filter((entry) => entry.state === state).length;
  const others = entries.filter((entry) => entry.login !== login && entry.state !== "sent").length;
  return { waiting: of("waiting"), refused: of("refused"), sent: of("sent"), others };
}
