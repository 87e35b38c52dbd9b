/** The card of the week's visits, village by village. */
import { el } from "../../dom";
import { formatNumber } from "../../format";
import { levelTag, parcelLink } from "../alerts/parts";
import type { Today, VisitTask } from "../answers";
import type { OfficeSpeech } from "../words";
import { card } from "./card";
import { stopsOf, type VillageStop } from "./route";

export function visits(week: Today["visits"], speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  if (week === null) return card("visits", say("visits"), el("p", { class: "empty" }, say("noVisits")));
  const stops = stopsOf(week.tasks).map((stop) => el("li", {}, village(stop, speech)));
  return card("visits", say("visits"), el("p", { class: "sub" }, say("week", { week: week.week })), el("ol", { class: "stops" }, ...stops));
}

function village(stop: VillageStop, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const left = stop.left === 0 ? say("allVisited") : say("visitsLeft", { n: formatNumber(stop.left, language) });
  const head = el("summary", {}, el("strong", {}, stop.village ?? say("noVillage")), el("span", { class: "sub" }, left), stop.level && levelTag(stop.level, speech));
  return el("details", { open: stop.left > 0 }, head, el("ul", { class: "lines" }, ...stop.tasks.map((each) => task(each, speech))));
}

function task(each: VisitTask, speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const facts = each.done ? `${say("done")} · ${say(`drawn_${each.drawn_by}`)}` : say(`drawn_${each.drawn_by}`);
  return el(
    "li",
    { class: each.done ? "done" : "" },
    el("span", { class: "rank" }, formatNumber(each.rank, speech.language)),
    el("span", { class: "line-body" }, parcelLink(each.parcel_id, each.alert), el("span", { class: "sub" }, facts)),
    each.level && levelTag(each.level, speech),
  );
}
