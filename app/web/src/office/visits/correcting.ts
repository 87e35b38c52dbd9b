/** A visit that the service refused, opened again with what was entered. Nothing here touches page or disk. */
import type { Week, WeekTask } from "./away";
import type { Picture } from "./photo";
import type { Entry } from "./queue";
import type { About, Filled } from "./said";

/** What a form is about: a visit of the list, or one that was refused. */
export interface Subject extends About {
  readonly unit: WeekTask["unit"];
  readonly outline: WeekTask["outline"];
  /** What the list says of it; null: it is on no list that is at hand, or there about something else. */
  readonly task: WeekTask | null;
  /** The visit that is corrected; null: a new one. */
  readonly refused: Entry | null;
}

export const subjectOf = (task: WeekTask): Subject => ({ ...task, task, refused: null });

export function refusedSubject(entry: Entry, week: Week): Subject {
  const listed = week.tasks.find((task) => task.parcel_id === entry.parcel) ?? null;
  const alert = entry.said.alert ?? null;
  return {
    parcel_id: entry.parcel,
    alert: alert === null ? null : { number: alert },
    unit: listed?.unit ?? null,
    outline: listed?.outline ?? null,
    task: (listed?.alert?.number ?? null) === alert ? listed : null,
    refused: entry,
  };
}

/**
 * What stands in the form of a refused visit.
 *
 * photo: as it lies on this device; null where it had none, or has it no more.
 * aheadMs: how far this device's clock is ahead of the service's.
 * seconds: logins of those who may come along now; a second officer who is not among them has to be chosen anew.
 */
export function filledOf({ said }: Entry, photo: Picture | null, aheadMs: number, seconds: readonly string[]): Filled {
  const { longitude: lon, latitude: lat, accuracy_m } = said;
  const at = Date.parse(said.captured_at) + aheadMs;
  return {
    second: seconds.includes(said.second_officer) ? said.second_officer : "",
    outcome: said.outcome,
    cause: said.cause_found ?? "",
    loss: said.loss_share == null ? "" : String(Math.round(said.loss_share * 10_000) / 100),
    note: said.note ?? "",
    fix: lon == null || lat == null ? null : { lon, lat, accuracy: accuracy_m ?? 0, at },
    photo,
    at: said.captured_at,
    withoutAlert: false,
  };
}

/** An instant as a field of day and time shows it, by the clock of the place: "2024-06-18T15:30". */
export function localOf(instant: string): string {
  const when = new Date(instant);
  return new Date(when.getTime() - when.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The instant of such a field; null where it is empty or no day and time. */
export function instantOf(local: string): string | null {
  const at = Date.parse(local);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
