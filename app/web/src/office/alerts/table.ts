/** Alerts as a table whose rows are walked with the arrow keys; narrow screens fold the facts under the parcel. */
import { el } from "../../dom";
import { formatDay } from "../../format";
import type { Alert, Causes, WorkList } from "../answers";
import { moneyOr, nameOf, shareOr } from "../figures";
import type { OfficeKey, OfficeSpeech } from "../words";
import { levelTag, parcelLink, standing } from "./parts";
import type { Selection } from "./selection";

export interface Ticks {
  selection: Selection;
  changed: () => void;
}

/** Columns after the tick, with the class that folds them away. */
const COLUMNS: readonly (readonly [OfficeKey, string])[] = [
  ["level", ""],
  ["parcel", ""],
  ["cause", "wide"],
  ["opened", "wide"],
  ["status", "wide"],
  ["severity", "wider figure"],
  ["probability", "wider figure"],
  ["lent", "wider figure"],
  ["expectedLoss", "figure"],
];

export function alertTable(list: WorkList, speech: OfficeSpeech, ticks: Ticks | null): HTMLElement {
  const rows = list.alerts.map((alert) => row(alert, list.causes, speech, ticks));
  const body = el("tbody", {}, ...rows);
  const heads = COLUMNS.map(([name, kind]) => el("th", { scope: "col", class: kind }, speech.say(name)));
  const head = el("tr", {}, ticks && el("th", { scope: "col", class: "tick-cell" }, allTick(body, speech, ticks)), ...heads);
  const table = el("table", { class: "alerts-table" }, el("caption", { class: "unseen" }, speech.say("workList")), el("thead", {}, head), body);
  table.addEventListener("keydown", walk);
  return table;
}

function row(alert: Alert, causes: Causes, speech: OfficeSpeech, ticks: Ticks | null): HTMLElement {
  const cause = nameOf(alert.cause, causes, speech);
  const scope = speech.say(`scope_${alert.scope}`);
  const opened = formatDay(alert.opened_on, speech.language);
  const stands = standing(alert, speech);
  return el(
    "tr",
    { "data-number": alert.number },
    ticks && el("td", { class: "tick-cell" }, tick(alert, speech, ticks)),
    el("td", {}, levelTag(alert.level, speech)),
    el("th", { scope: "row" }, parcelLink(alert.parcel_id, alert.number), el("span", { class: "sub narrow" }, `${cause} · ${scope}`), el("span", { class: "sub narrow" }, `${opened} · ${stands}`), alert.unit !== null && el("span", { class: "sub wide" }, alert.unit)),
    el("td", { class: "wide" }, cause, el("span", { class: "sub" }, scope)),
    el("td", { class: "wide" }, opened),
    el("td", { class: "wide" }, stands),
    el("td", { class: "wider figure" }, shareOr(alert.severity, speech)),
    el("td", { class: "wider figure" }, shareOr(alert.probability, speech)),
    el("td", { class: "wider figure" }, moneyOr(alert.exposure, speech)),
    el("td", { class: `figure ${alert.expected_loss === null ? "missing" : "strong"}` }, moneyOr(alert.expected_loss, speech)),
  );
}

function tick(alert: Alert, speech: OfficeSpeech, { selection, changed }: Ticks): HTMLElement {
  const label = speech.say("selectAlert", { n: alert.number, id: alert.parcel_id });
  const box = el("input", { type: "checkbox", "aria-label": label, checked: selection.has(alert.number) });
  box.addEventListener("click", (event) => {
    selection.set(alert.number, box.checked, event.shiftKey);
    show(box.closest("table"), selection);
    changed();
  });
  return el("label", { class: "tick-area" }, box);
}

function allTick(body: HTMLElement, speech: OfficeSpeech, { selection, changed }: Ticks): HTMLElement {
  const box = el("input", { type: "checkbox", class: "all", "aria-label": speech.say("selectAll"), checked: selection.state === "all" });
  box.indeterminate = selection.state === "some";
  box.addEventListener("change", () => {
    selection.setAll(box.checked);
    show(body.closest("table"), selection);
    changed();
  });
  return el("label", { class: "tick-area" }, box);
}

/** Bring all boxes into line with what is ticked. */
function show(table: HTMLTableElement | null, selection: Selection): void {
  for (const line of table?.querySelectorAll<HTMLElement>("tbody tr") ?? []) {
    const box = line.querySelector("input");
    if (box) box.checked = selection.has(Number(line.dataset["number"]));
  }
  const all = table?.querySelector<HTMLInputElement>("input.all");
  if (!all) return;
  all.checked = selection.state === "all";
  all.indeterminate = selection.state === "some";
}

/** Up and down move to the same box or link of the next row. */
function walk(event: KeyboardEvent): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const from = event.target instanceof HTMLElement ? event.target : null;
  const line = from?.closest("tbody tr");
  if (step === 0 || !from || !line) return;
  const next = step > 0 ? line.nextElementSibling : line.previousElementSibling;
  next?.querySelector<HTMLElement>(from.tagName === "A" ? "a" : "input")?.focus();
  event.preventDefault();
}
