/** The card of the week's visits, village by village. */
import { el } from "../../dom";
import { formatNumber } from "../../format";
import { higher } from "../alerts/levels";
import { levelTag, parcelLink } from "../alerts/parts";
import type { Level, Today, VisitTask } from "../answers";
import { numbersOf, stopName, stopsOf, wayText, type Stop } from "../visits/stops";
import type { OfficeSpeech } from "../words";
import { card } from "./card";

export function visits(week: Today["visits"], speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  if (week === null) return card("visits", say("visits"), el("p", { class: "empty" }, say("noVisits")));
  const numbers = numbersOf(week.tasks);
  const stops = stopsOf(week.tasks).map((stop) => el("li", {}, village(stop, numbers, speech)));
  const way = wayText(week.way_m, speech);
  return card("visits", say("visits"), el("p", { class: "sub" }, [say("week", { week: week.week }), way].filter((part) => part !== null).join(" · ")), el("ol", { class: "stops" }, ...stops));
}

/** Highest level among the visits that are left. */
export function levelLeft(tasks: readonly VisitTask[]): Level | null {
  return tasks.filter((task) => !task.done).reduce<Level | null>((highest, task) => higher(highest, task.level), null);
}

function village(stop: Stop<VisitTask>, numbers: ReadonlyMap<VisitTask, number>, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const open = stop.tasks.filter((task) => !task.done).length;
  const left = open === 0 ? say("allVisited") : say("visitsLeft", { n: formatNumber(open, language) });
  const level = levelLeft(stop.tasks);
  const head = el("summary", {}, el("strong", {}, stopName(stop, speech)), el("span", { class: "sub" }, left), level && levelTag(level, speech));
  return el("details", { open: open > 0 }, head, el("ul", { class: "lines" }, ...stop.tasks.map((each) => task(each, numbers.get(each), speech))));
}

function task(each: VisitTask, number: number | undefined, speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const facts = each.done ? `${say("done")} · ${say(`drawn_${each.drawn_by}`)}` : say(`drawn_${each.drawn_by}`);
  return el(
    "li",
    { class: each.done ? "done" : "" },
    el("span", { class: "rank" }, number === undefined ? "✓" : formatNumber(number, speech.language)),
    el("span", { class: "line-body" }, parcelLink(each.parcel_id, each.alert), el("span", { class: "sub" }, facts)),
    each.level && levelTag(each.level, speech),
  );
}
