/** What stands in the form, and whether it is enough to be kept. */
import type { Fix } from "../ground/walk";
import type { WeekTask } from "./away";
import type { Picture } from "./photo";
import type { VisitSaid } from "./queue";

export type Outcome = VisitSaid["outcome"];
export const OUTCOMES: readonly Outcome[] = ["confirmed", "partly", "not_confirmed", "other_cause", "not_reached"];

export interface Filled {
  second: string;
  outcome: Outcome | null;
  cause: string;
  loss: string;
  note: string;
  fix: Fix | null;
  photo: Picture | null;
}

export const emptyForm = (second = ""): Filled => ({ second, outcome: null, cause: "", loss: "", note: "", fix: null, photo: null });

export type Missing = "Second" | "Outcome" | "Cause" | "Loss";

/** Another cause is named, and so is what was found where no alert said what to expect. */
export function causeNeeded(outcome: Outcome | null, task: WeekTask): boolean {
  return outcome === "other_cause" || (task.alert === null && (outcome === "confirmed" || outcome === "partly"));
}

export function missingOf(filled: Filled, task: WeekTask): Missing[] {
  const missing: Missing[] = [];
  if (filled.second === "") missing.push("Second");
  if (filled.outcome === null) missing.push("Outcome");
  if (causeNeeded(filled.outcome, task) && filled.cause === "") missing.push("Cause");
  if (lossOf(filled.loss) === undefined) missing.push("Loss");
  return missing;
}

/** Share of a typed percentage; null: left empty, undefined: no such thing. */
export function lossOf(text: string): number | null | undefined {
  const plain = text.trim().replace("%", "").replace(",", ".").trim();
  if (plain === "") return null;
  const percent = /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : NaN;
  return percent >= 0 && percent <= 100 ? Math.round(percent * 100) / 10_000 : undefined;
}

/**
 * The visit as it is sent: made when its position was taken, without one when it was kept; by the service's clock, as
 * far as the device knows that.
 */
export function saidOf(filled: Filled, task: WeekTask, now: number, aheadMs: number): VisitSaid {
  if (filled.outcome === null) throw new Error("no outcome");
  const { fix } = filled;
  return {
    ...(task.alert === null ? { parcel_id: task.parcel_id } : { alert: task.alert.number, parcel_id: task.parcel_id }),
    second_officer: filled.second,
    captured_at: new Date((fix?.at ?? now) - aheadMs).toISOString(),
    outcome: filled.outcome,
    ...(fix && { longitude: fix.lon, latitude: fix.lat, accuracy_m: fix.accuracy }),
    cause_found: filled.cause === "" ? null : filled.cause,
    loss_share: lossOf(filled.loss) ?? null,
    note: filled.note.trim(),
    photo: filled.photo !== null,
  };
}
