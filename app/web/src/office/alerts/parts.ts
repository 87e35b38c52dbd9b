/** Parts of an alert that several pages show alike. */
import { el } from "../../dom";
import { formatDay } from "../../format";
import type { Alert, Level } from "../answers";
import { parcelAddress } from "../parcel/address";
import type { OfficeSpeech } from "../words";
import { levelMark } from "./levels";

/** Shape, colour and word of a level. */
export function levelTag(level: Level, speech: OfficeSpeech): HTMLElement {
  return el("span", { class: `level ${level}` }, levelMark(level), speech.say(`level_${level}`));
}

export function parcelLink(id: string, alert: number | null): HTMLAnchorElement {
  return el("a", { class: "parcel-link", href: parcelAddress(id, alert) }, id);
}

/** What people did with it, who has it, whether it still shows, and whether its site is still watched. */
export function standing(alert: Alert, speech: OfficeSpeech): string {
  const parts = [speech.say(`status_${alert.status}`)];
  if (alert.assigned_to !== null) parts.push(alert.assigned_to);
  if (alert.ended_on !== null) parts.push(speech.say("noLonger", { day: formatDay(alert.ended_on, speech.language) }));
  if (alert.stopped_on !== null) parts.push(speech.say("siteStopped", { day: formatDay(alert.stopped_on, speech.language) }));
  return parts.join(" · ");
}
