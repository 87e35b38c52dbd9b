/** Sends what waits on this device, one visit after the other: first its photo, then what was seen. */
import { ApiError } from "../../api";
import { after, nextOf, type Entry, type Outcome, type VisitSaid } from "./queue";

export interface Ports {
  entries(): Promise<Entry[]>;
  photo(key: string): Promise<Blob | null>;
  keep(entry: Entry): Promise<void>;
  /** The photo is in the book, or its visit is let go. */
  drop(key: string): Promise<void>;
  sendPhoto(key: string, photo: Blob, progress: (share: number) => void): Promise<void>;
  sendVisit(key: string, said: VisitSaid): Promise<{ number: number }>;
  now(): number;
}

export interface Sight {
  /** An entry changed; share: how much of its photo is on the way, 0 to 1. */
  changed(entry: Entry, share: number | null): void;
}

const SIGNED_OUT = 401;
/** What a client may ask again later: it took too long, there was too much, or the service failed. */
const LATER = new Set([408, 425, 429]);
/** A photo that is with the service and then is not, so often: something else is wrong. */
const MOST_PHOTO_TRIES = 3;
const PHOTO_GONE = { code: "PHOTO_GONE", text: "The photo is no longer on this device." };

/**
 * Send until nothing is left or the line fails.
 *
 * Raises:
 *   ApiError: the session ended; everything stays as it is.
 */
export async function sendAll(login: string, ports: Ports, sight: Sight): Promise<void> {
  for (let entry = await next(login, ports); entry !== null; entry = await next(login, ports)) {
    const sent = await sendOne(entry, ports, sight);
    await ports.keep(sent);
    if (sent.state === "sent") await ports.drop(sent.key);
    sight.changed(sent, null);
    if (sent.state === "waiting" && sent.not_before > ports.now()) return;
  }
}

async function next(login: string, ports: Ports): Promise<Entry | null> {
  return nextOf(await ports.entries(), login, ports.now());
}

/** One step of one visit: its photo where that is still here, else what was seen. */
async function sendOne(entry: Entry, ports: Ports, sight: Sight): Promise<Entry> {
  try {
    if (entry.photo !== "kept") return after(entry, { kind: "sent", visit: (await ports.sendVisit(entry.key, entry.said)).number });
    const photo = await ports.photo(entry.key);
    if (photo === null) return after(entry, { kind: "refused", problem: PHOTO_GONE });
    sight.changed(entry, 0);
    await ports.sendPhoto(entry.key, photo, (share) => sight.changed(entry, share));
    return after(entry, { kind: "photo_sent" });
  } catch (error) {
    return after(entry, outcomeOf(error, entry, ports.now()));
  }
}

function outcomeOf(error: unknown, entry: Entry, now: number): Outcome {
  if (!(error instanceof ApiError)) return { kind: "unreachable", now, wait_s: null, problem: null };
  if (error.status === SIGNED_OUT) throw error;
  const problem = { code: error.problem.code, text: error.message };
  if (error.status >= 500 || LATER.has(error.status)) return { kind: "unreachable", now, wait_s: error.retryAfterS, problem };
  if (problem.code === "VISIT_PHOTO" && entry.photo === "sent" && entry.tries < MOST_PHOTO_TRIES) return { kind: "photo_lacks" };
  return { kind: "refused", problem };
}
