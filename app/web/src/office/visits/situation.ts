/** What the room knows: the list from the service, or the one that was taken along. */
import type { Office } from "../office";
import { askWeek } from "./asking";
import { aheadOf, readAlong, takeAlong, type Along, type Week, type WeekTask } from "./away";
import type { Entry } from "./queue";
import type { Sender } from "./sender";
import { UnreachableError } from "../unreachable";

export interface Situation {
  readonly office: Office;
  readonly sender: Sender;
  readonly week: Week;
  /** How far this device's clock was ahead of the service's when the list came, ms. */
  readonly ahead_ms: number;
  /** On this device too; null: not taken along. */
  along: Along | null;
  /** The service does not answer. */
  readonly away: boolean;
  entries: Entry[];
}

/** The list of the service where it answers; without an answer, the person's own list that was taken along. */
export async function situationOf(office: Office, sender: Sender, signal: AbortSignal): Promise<Situation> {
  const held = await readAlong(Date.now()).catch(() => null); // no storage: nothing was taken along
  const own = held?.person.login === office.person.login ? held : null;
  try {
    const week = await askWeek(office.client, signal);
    const now = Date.now();
    const ahead_ms = aheadOf(week, now);
    const along = own === null ? null : { person: office.person, week, taken_at: now, ahead_ms };
    if (along !== null) await takeAlong(along);
    return { office, sender, week, ahead_ms, along, away: false, entries: await entriesOf(sender) };
  } catch (error) {
    if (!(error instanceof UnreachableError) || own === null) throw error;
    return { office, sender, week: own.week, ahead_ms: own.ahead_ms, along: own, away: true, entries: await entriesOf(sender) };
  }
}

/** Read last: while the service was asked, what waits may have been sent or refused. */
const entriesOf = (sender: Sender): Promise<Entry[]> => sender.entries().catch(() => []);

/** The task of a parcel, or of the code of its sheet. */
export function taskNamed(week: Week, text: string): WeekTask | null {
  const wanted = text.trim().toUpperCase();
  return week.tasks.find((task) => task.parcel_id.toUpperCase() === wanted || sameCode(task.code, wanted)) ?? null;
}

/** Crockford's base 32 reads O as 0 and I and L as 1; the hyphen may be left out. */
export function sameCode(code: string, typed: string): boolean {
  const plain = (text: string): string => text.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");
  return plain(code) === plain(typed);
}
