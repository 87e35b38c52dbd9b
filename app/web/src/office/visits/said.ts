/** What stands in the form, and whether it is enough to be kept. */
import type { Fix } from "../ground/walk";
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
  /** Instant of a visit that is corrected, by the service's clock; "": none stands there. Null: a visit made now. */
  at: string | null;
  /** The alert that it was about is left out. */
  withoutAlert: boolean;
}

/** What a visit is to: a parcel, and the alert that it is about. */
export interface About {
  readonly parcel_id: string;
  readonly alert: { readonly number: number } | null;
}

export const emptyForm = (second = ""): Filled => ({ second, outcome: null, cause: "", loss: "", note: "", fix: null, photo: null, at: null, withoutAlert: false });

export type Missing = "Second" | "Outcome" | "Cause" | "Loss" | "Time";

/** What a form is about once its officer has said whether the alert is. */
const aboutOf = (filled: Filled, about: About): About => (filled.withoutAlert ? { ...about, alert: null } : about);

/** Another cause is named, and so is what was found where no alert said what to expect. */
export function causeNeeded(outcome: Outcome | null, about: About): boolean {
  return outcome === "other_cause" || (about.alert === null && (outcome === "confirmed" || outcome === "partly"));
}

export function missingOf(filled: Filled, about: About): Missing[] {
  const missing: Missing[] = [];
  if (filled.second === "") missing.push("Second");
  if (filled.outcome === null) missing.push("Outcome");
  if (causeNeeded(filled.outcome, aboutOf(filled, about)) && filled.cause === "") missing.push("Cause");
  if (lossOf(filled.loss) === undefined) missing.push("Loss");
  if (filled.at === "") missing.push("Time");
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
 * far as the device knows that. One that is corrected was made when its form says so.
 */
export function saidOf(filled: Filled, about: About, now: number, aheadMs: number): VisitSaid {
  if (filled.outcome === null) throw new Error("no outcome");
  const { fix } = filled;
  const { parcel_id, alert } = aboutOf(filled, about);
  return {
    ...(alert === null ? { parcel_id } : { alert: alert.number, parcel_id }),
    second_officer: filled.second,
    captured_at: filled.at ?? new Date((fix?.at ?? now) - aheadMs).toISOString(),
    outcome: filled.outcome,
    ...(fix && { longitude: fix.lon, latitude: fix.lat, accuracy_m: fix.accuracy }),
    cause_found: filled.cause === "" ? null : filled.cause,
    loss_share: lossOf(filled.loss) ?? null,
    note: filled.note.trim(),
    photo: filled.photo !== null,
  };
}
