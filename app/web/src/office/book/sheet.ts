/** Tables of the pages behind the book: heads, rows, and a frame that scrolls sideways on narrow screens. */
import { el } from "../../dom";
import type { OfficeKey, OfficeSpeech } from "../words";
import "./book.css";

export type Cell = HTMLElement | string | null;

/** A column: its word, and whether it holds figures. */
export interface Column {
  head: OfficeKey;
  figure?: boolean;
}

const FIGURES = (heads: readonly Column[], at: number): string => (heads[at]?.figure ? "figure" : "");

/** A table with a name for screen readers; its first column names each row. */
export function sheet(name: string, heads: readonly Column[], rows: readonly (readonly Cell[])[], speech: OfficeSpeech): HTMLElement {
  const head = heads.map((each, at) => el("th", { scope: "col", class: FIGURES(heads, at) }, speech.say(each.head)));
  const body = rows.map((cells) => el("tr", {}, ...cells.map((cell, at) => box(cell, at, FIGURES(heads, at), speech))));
  const table = el("table", { class: "sheet" }, el("caption", { class: "unseen" }, name), el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body));
  return el("div", { class: "sheet-frame", role: "region", tabindex: 0, "aria-label": name }, table);
}

function box(cell: Cell, at: number, kind: string, speech: OfficeSpeech): HTMLElement {
  const shown = cell ?? el("span", { class: "missing" }, speech.say("unknown"));
  return at === 0 ? el("th", { scope: "row" }, shown) : el("td", { class: kind }, shown);
}

/** A card with a table, or with a sentence where there is nothing. */
export function sheetCard(title: OfficeKey, none: OfficeKey, heads: readonly Column[], rows: readonly (readonly Cell[])[], speech: OfficeSpeech): HTMLElement {
  const name = speech.say(title);
  const body = rows.length === 0 ? el("p", { class: "empty" }, speech.say(none)) : sheet(name, heads, rows, speech);
  return el("section", { class: "card" }, el("h2", {}, name), body);
}

/** Pairs of a word and what it is. */
export function factList(facts: readonly (readonly [OfficeKey, Cell])[], speech: OfficeSpeech): HTMLElement {
  const lines = facts.flatMap(([key, value]) => [el("dt", {}, speech.say(key)), el("dd", {}, value ?? el("span", { class: "missing" }, speech.say("unknown")))]);
  return el("dl", { class: "facts" }, ...lines);
}
