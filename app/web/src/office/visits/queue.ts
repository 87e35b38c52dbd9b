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

/** A visit as it was sent, before its officer corrected it. */
export interface Earlier {
  readonly said: VisitSaid;
  /** Why the service refused it. */
  readonly problem: Problem;
  readonly kept_at: number;
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
  /** What was refused before it was corrected, in order; not there: nothing was. */
  readonly earlier?: readonly Earlier[];
}

export type Outcome =
  | { readonly kind: "photo_sent" }
  | { readonly kind: "photo_lacks" }
  | { readonly kind: "sent"; readonly visit: number }
  | { readonly kind: "unreachable"; readonly now: number; readonly wait_s: number | null; readonly problem: Problem | null }
  | { readonly kind: "refused"; readonly problem: Problem };

const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 300_000;
/** Visits in the book are shown for so long, so that their officer sees that they arrived. */
const SHOWN_MS = 24 * 3600 * 1000;
/** The book has what was taken; what was refused before stands on this device alone, as long as a list may be worked. */
const SHOWN_CORRECTED_MS = 28 * SHOWN_MS;

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

/** The service holds another visit under its key: only another key helps. */
const KEY_TAKEN = "VISIT_KEY";

/**
 * A refused visit as its officer corrected it: to be sent anew, photo and all, with what was refused behind it. The
 * service wrote nothing of what it refused, so that the key stays, but where the key itself was the fault.
 */
export function corrected(entry: Entry, said: VisitSaid, withPhoto: boolean, now: number, otherKey: string): Entry {
  if (entry.state !== "refused" || entry.problem === null) throw new Error("only a refused visit is corrected");
  const key = entry.problem.code === KEY_TAKEN ? otherKey : entry.key;
  const before = { said: entry.said, problem: entry.problem, kept_at: entry.kept_at };
  return { ...newEntry(key, entry.login, entry.parcel, said, withPhoto, now), earlier: [...(entry.earlier ?? []), before] };
}

/** Whether a visit that is in the book has been shown for long enough; one that was corrected stays for a month. */
export function shownEnough(entry: Entry, now: number): boolean {
  const shown = entry.earlier === undefined ? SHOWN_MS : SHOWN_CORRECTED_MS;
  return entry.state === "sent" && now - entry.kept_at > shown;
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
