/** What went wrong, in the language of the page as far as it is known there. */
import { ApiError } from "../api";
import { REFUSALS } from "./serviceway";
import { UnreachableError } from "./unreachable";
import type { OfficeKey, OfficeSpeech } from "./words";

/** Refusals that people meet; the service says them in English, with the numbers that they are about. */
const SAID: Readonly<Record<string, OfficeKey>> = {
  ...REFUSALS,
  SIGN_IN_REFUSED: "problem_signIn",
  NOT_SIGNED_IN: "sessionEnded",
  CSRF_REFUSED: "problem_reload",
  OTHER_ORIGIN: "problem_reload",
  ROLE_LACKS: "problem_role",
  PARCEL_UNKNOWN: "problem_parcel",
  ALERT_UNKNOWN: "problem_alert",
  ALERT_STATUS: "problem_status",
  CLOSE_NEEDS: "problem_close",
  FALSE_ALARM_NEEDS: "problem_false",
  NOTE_NAMES: "problem_names",
  SITE_UNKNOWN: "problem_site",
  SITE_NOT_WATCHED: "sitesNoWatch",
  REASON_MISSING: "problem_reason",
  METER_DAYS: "problem_meterDays",
  METER_ENERGY: "problem_meterEnergy",
  METER_OVERLAP: "problem_meterOverlap",
  METER_CLASH: "problem_meterClash",
};

export function problemText(error: unknown, speech: OfficeSpeech): string {
  if (error instanceof UnreachableError) return speech.say("problem_unreachable");
  const key = error instanceof ApiError ? SAID[error.problem.code] : undefined;
  if (key !== undefined && speech.language !== "en") return speech.say(key);
  return error instanceof Error ? error.message : String(error);
}
