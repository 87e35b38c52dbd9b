/** What can be done with an alert as it stands. The service has the last word; this spares a refusal that is certain. */
import type { Alert, AlertStatus, Role } from "../answers";

type Standing = Pick<Alert, "status" | "level" | "ended_on" | "stopped_on">;

export type Act = "acknowledge" | "note" | "assign" | "close" | "false_alarm" | "reopen";

/** Acts that the service refuses without a word of why. */
export const NEEDS_WORDS: ReadonlySet<Act> = new Set<Act>(["note", "close", "false_alarm", "reopen"]);

const LIVE: ReadonlySet<AlertStatus> = new Set<AlertStatus>(["open", "acknowledged", "visited"]);

/** Administrators keep people and data; they do not judge cases. */
export function worksWithAlerts(role: Role): boolean {
  return role !== "admin";
}

/** Acts on one alert, besides giving it to somebody. */
export function actsOn(alert: Standing, role: Role): Act[] {
  if (!worksWithAlerts(role)) return [];
  if (!LIVE.has(alert.status)) return ["note", "reopen"];
  const acts: Act[] = alert.status === "open" ? ["acknowledge", "note"] : ["note"];
  if (role !== "officer" || settled(alert)) acts.push("close");
  return [...acts, "false_alarm"];
}

/** What an officer may close: it was visited, shows no longer, is for information, or no watch will ever end it. */
function settled(alert: Standing): boolean {
  return alert.status === "visited" || alert.ended_on !== null || alert.level === "info" || alert.stopped_on !== null;
}
