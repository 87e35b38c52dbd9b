/** Sheets to print and to take into the field: a page for each village, then one for each of its parcels. */
import { areaIn, formatArea, formatDay, formatNumber } from "../../format";
import { el } from "../../dom";
import { levelTag } from "../alerts/parts";
import { M2_PER_HA, middleOf, polygonAreaM2 } from "../ground/geodesy";
import { sketch } from "../ground/sketch";
import { writePlace } from "../place";
import type { OfficeSpeech } from "../words";
import type { WeekTask } from "./away";
import { titleOf } from "./list";
import { OUTCOMES } from "./said";
import type { Situation } from "./situation";
import { numbersOf, stopName, stopsOf, type Stop } from "./stops";

type Numbers = ReadonlyMap<WeekTask, number>;

/** Sheets of what is left, a page for each village before its own; `only` is the key of one stop. */
export function sheetsPage({ office, week }: Situation, only: string | null): HTMLElement {
  const { speech } = office;
  const { say, language } = speech;
  const numbers = numbersOf(stopsOf(week.tasks).flatMap((stop) => stop.tasks));
  const stops = stopsOf(week.tasks.filter((task) => !task.done)).filter((stop) => only === null || stop.key === only);
  const head = el(
    "div",
    { class: "page-head" },
    el("h1", { tabindex: -1 }, say("visits_sheets")),
    week.week !== null && el("p", { class: "count" }, say("visits_week", { day: formatDay(week.week, language) })),
    el("a", { class: "onward", href: writePlace("visits") }, say("visits_back")),
    el("button", { type: "button", class: "primary", onclick: () => window.print() }, say("print")),
  );
  const sheets = stops.flatMap((stop) => [villageSheet(stop, numbers, speech), ...stop.tasks.map((task) => sheet(task, stop, numbers, speech))]);
  return el("div", { class: "visit-sheets" }, head, ...(sheets.length ? sheets : [el("p", { class: "empty" }, say("visits_none"))]));
}

/** What is to be visited in a village, in the order of the round. */
function villageSheet(stop: Stop<WeekTask>, numbers: Numbers, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const lines = stop.tasks.map((task) =>
    el("li", {}, el("span", { class: "rank" }, formatNumber(numbers.get(task) ?? 0, language)), el("span", { class: "line-body" }, el("strong", {}, task.parcel_id), el("span", { class: "sub" }, `${titleOf(task, speech)} · ${say("visits_code")} ${task.code}`)), task.alert && levelTag(task.alert.level, speech)),
  );
  const count = say("visits_inVillage", { n: formatNumber(stop.tasks.length, language) });
  return el("article", { class: "card sheet village" }, el("header", {}, el("h2", {}, stopName(stop, speech))), el("p", { class: "sub" }, stop.village !== null && stop.unit !== null ? `${stop.unit} · ${count}` : count), el("ol", { class: "lines" }, ...lines));
}

function sheet(task: WeekTask, stop: Stop<WeekTask>, numbers: Numbers, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const order = say("visits_sheetOrder", { n: formatNumber(numbers.get(task) ?? 0, language), total: formatNumber(numbers.size, language) });
  const outline = task.outline ?? [];
  const drawing = sketch(outline, say("visits_sketch", { parcel: task.parcel_id }), say("visits_sheetNorth"));
  return el(
    "article",
    { class: "card sheet" },
    el("header", {}, el("h2", {}, task.parcel_id), el("p", { class: "sheet-code" }, `${say("visits_code")} `, el("strong", {}, task.code))),
    el("p", { class: "sub" }, `${stopName(stop, speech)} · ${order} · ${say(`drawn_${task.drawn}`)}`),
    el("div", { class: "sheet-body" }, el("dl", { class: "facts" }, ...facts(task, speech)), drawing ?? el("p", { class: "note" }, say("visits_noSketch"))),
    el("h3", {}, say("visits_lookFor")),
    el("p", { class: "look-for" }, speech.pick(task.looks_for)),
    el("h3", {}, say("visits_sheetFound")),
    el("p", { class: "sheet-boxes" }, ...OUTCOMES.map((outcome) => el("span", {}, el("span", { class: "sheet-box", "aria-hidden": "true" }), say(`outcome_${outcome}`)))),
    el("div", { class: "sheet-blanks" }, ...([say("visits_sheetLoss"), say("visits_sheetCause"), say("visits_sheetTime")].map(blank))),
    blank(say("visits_sheetNote")),
    el("div", { class: "sheet-blanks two" }, blank(`${say("visits_sheetOfficers")} 1`), blank("2")),
  );
}

function facts(task: WeekTask, speech: OfficeSpeech): HTMLElement[] {
  const { say, language } = speech;
  const outline = task.outline ?? [];
  const middle = middleOf(outline);
  const ha = outline.reduce((sum, polygon) => sum + polygonAreaM2(polygon), 0) / M2_PER_HA;
  const area = (["mu", "ha", "acre"] as const).map((unit) => `${formatArea(areaIn(ha, unit), language)} ${say(unit)}`).join(" · ");
  const rows: [string, (Node | string)[]][] = [[say("visits_sheetPosition"), [middle ? `${middle[1].toFixed(6)}, ${middle[0].toFixed(6)}` : say("unknown")]]];
  if (outline.length > 0) rows.push([say("visits_sheetArea"), [area]]);
  if (task.alert) {
    const said = `${task.alert.number} · ${titleOf(task, speech)} · ${say(`scope_${task.alert.scope}`)} · ${formatDay(task.alert.opened_on, language)}`;
    rows.push([say("visits_sheetAlert"), [levelTag(task.alert.level, speech), " ", said]]);
  }
  return rows.flatMap(([name, values]) => [el("dt", {}, name), el("dd", {}, ...values)]);
}

function blank(name: string): HTMLElement {
  return el("p", { class: "sheet-blank" }, el("span", {}, name));
}
