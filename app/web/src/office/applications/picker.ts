/** Picking plots: found by their id, or pointed at on the map; what was chosen is taken into the application together. */
import { el } from "../../dom";
import { formatArea, formatNumber, formatShare } from "../../format";
import { paintSwatch } from "../../patterns";
import type { Bounds } from "../map/squares";
import type { Office } from "../office";
import { problemText } from "../problems";
import * as asking from "./asking";
import { stepForm, textField } from "./fields";
import { PLOT_LEGEND } from "./plotclasses";
import type { PlotMap } from "./plotmap";
import type { Page } from "./steps";

const MOST_FOUND = 8;
const WAIT_MS = 250;

/** What lies under a parcel is asked for, and said beside it. */
export async function sayGround(office: Office, page: Page, parcel: string, note: HTMLElement, signal: AbortSignal): Promise<void> {
  const { say, language } = office.speech;
  try {
    const answer = await asking.ground(office, page.number, parcel, signal);
    const said = answer.pledges.map((each) => say("app_pledged", { share: formatShare(each.share, language), contract: each.contract ?? say("app_elsewhere") }));
    note.classList.toggle("problem", said.length > 0);
    note.textContent = said.length ? said.join(" ") : say("app_free");
  } catch (error) {
    if (!signal.aborted) note.textContent = problemText(error, office.speech);
  }
}

export class PlotPicker {
  readonly element = el("section", { class: "plot-picker" });
  private readonly found = el("ul", { class: "lines", id: "plot-found" });
  private readonly chosenList = el("div", { id: "plot-chosen" });
  private readonly said = el("p", { class: "note", role: "status" });
  private readonly stage = el("div", { class: "plot-map" });
  private readonly mapNote = el("p", { class: "note", role: "status" });
  private readonly chosen = new Map<string, HTMLElement>();
  private readonly numbers = new Map<string, number>();
  private map: PlotMap | null = null;
  private asked = new AbortController();
  private timer = 0;

  constructor(
    private readonly office: Office,
    private readonly page: Page,
    private readonly take: (parcels: readonly string[]) => Promise<Page>,
    private readonly signal: AbortSignal,
  ) {
    const { say } = office.speech;
    const typed = textField(say("app_search"), "", { type: "search", autocomplete: "off" });
    typed.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.trying(this.look(typed.input.value.trim())), WAIT_MS);
    });
    this.element.append(el("h3", {}, say("app_pickPlots")), typed.row, this.found, this.stage, legend(office), this.mapNote, this.said, this.chosenList);
    void this.trying(this.begin());
  }

  private async begin(): Promise<void> {
    const first = await this.look("");
    // The map needs its place on the page before it is drawn.
    await new Promise(requestAnimationFrame);
    if (this.signal.aborted) return;
    await this.drawMap(spanOf(first.filter((each) => each.theirs)) ?? null);
  }

  private async drawMap(around: Bounds | null): Promise<void> {
    const { say } = this.office.speech;
    const { canDraw, PlotMap } = await import("./plotmap");
    if (this.signal.aborted) return;
    if (!canDraw()) return this.withoutMap(say("map_noWebgl"));
    this.map = await PlotMap.draw(this.office, this.page.number, this.stage, around, ({ number, parcel }) => this.pointed(number, parcel), this.signal);
    if (this.map === null) return this.withoutMap(say("map_notMade"));
    this.element.dataset["ready"] = "true";
  }

  private withoutMap(why: string): void {
    this.stage.hidden = true;
    this.mapNote.textContent = why;
  }

  private pointed(number: number, parcel: string): void {
    this.numbers.set(parcel, number);
    this.toggle(parcel);
  }

  private async look(typed: string): Promise<readonly asking.Choice[]> {
    this.asked.abort();
    this.asked = new AbortController();
    const signal = AbortSignal.any([this.asked.signal, this.signal]);
    const answer = await asking.parcels(this.office, this.page.number, typed, signal);
    const free = answer.parcels.filter((each) => !this.isIn(each.parcel_id)).slice(0, MOST_FOUND);
    const lines = free.map((each) => this.line(each));
    this.found.replaceChildren(...lines.map(({ line }) => line));
    if (free.length === 0) this.found.replaceChildren(el("li", { class: "empty" }, this.office.speech.say("app_noParcel")));
    void this.sayGrounds(lines, signal);
    return free;
  }

  private line(choice: asking.Choice): { line: HTMLElement; parcel: string; note: HTMLElement } {
    const { say, language } = this.office.speech;
    const parcel = choice.parcel_id;
    const note = el("span", { class: "sub" });
    const facts = [`${formatArea(choice.area_ha, language)} ${say("ha")}`, choice.theirs && say("app_theirs")].filter(Boolean).join(" · ");
    const pick = el("button", { type: "button", "aria-pressed": String(this.chosen.has(parcel)), "data-parcel": parcel, "aria-label": say("app_pickOne", { id: parcel }), onclick: () => this.fromList(choice) }, say("app_pick"));
    const line = el("li", {}, el("span", { class: "line-body" }, el("strong", {}, parcel), el("span", { class: "sub" }, facts), note), pick);
    return { line, parcel, note };
  }

  /** One after the other, and none for a list that is no longer shown: the questions would hold up the next page. */
  private async sayGrounds(lines: readonly { parcel: string; note: HTMLElement }[], signal: AbortSignal): Promise<void> {
    for (const { parcel, note } of lines) {
      if (signal.aborted) return;
      await sayGround(this.office, this.page, parcel, note, signal);
    }
  }

  private fromList(choice: asking.Choice): void {
    this.toggle(choice.parcel_id);
    if (this.chosen.has(choice.parcel_id) && choice.bounds) this.map?.show([...choice.bounds]);
  }

  private toggle(parcel: string): void {
    const { say } = this.office.speech;
    if (this.isIn(parcel)) {
      this.said.textContent = say("app_pickedAlready", { id: parcel });
      return;
    }
    if (!this.chosen.delete(parcel)) this.add(parcel);
    for (const button of this.found.querySelectorAll<HTMLElement>("button[data-parcel]")) button.setAttribute("aria-pressed", String(this.chosen.has(button.dataset["parcel"] ?? "")));
    this.drawChosen();
    void this.trying(this.mark());
  }

  private add(parcel: string): void {
    const { say } = this.office.speech;
    const note = el("span", { class: "sub" });
    const away = el("button", { type: "button", class: "link", "aria-label": say("app_dropOne", { id: parcel }), onclick: () => this.toggle(parcel) }, say("app_drop"));
    this.chosen.set(parcel, el("li", {}, el("span", { class: "line-body" }, el("strong", {}, parcel), note), away));
    void sayGround(this.office, this.page, parcel, note, this.signal);
  }

  private drawChosen(): void {
    const { say, language } = this.office.speech;
    const n = formatNumber(this.chosen.size, language);
    this.said.textContent = this.chosen.size === 0 ? say("app_nothingChosen") : say("app_chosen", { n });
    const parcels = [...this.chosen.keys()];
    this.chosenList.replaceChildren(
      el("ul", { class: "lines" }, ...this.chosen.values()),
      ...(parcels.length ? [stepForm(this.office, say("app_take", { n }), [], () => this.take(parcels))] : []),
    );
  }

  private async mark(): Promise<void> {
    if (this.map === null) return;
    for (const parcel of this.chosen.keys()) if (!this.numbers.has(parcel)) this.numbers.set(parcel, await this.map.numberOf(parcel));
    this.map.mark(new Set([...this.chosen.keys()].map((parcel) => this.numbers.get(parcel) ?? -1)));
  }

  private isIn(parcel: string): boolean {
    return this.page.plots.some((plot) => plot.parcel_id === parcel);
  }

  private async trying(act: Promise<unknown>): Promise<void> {
    try {
      await act;
    } catch (error) {
      if (!this.signal.aborted && !(error instanceof DOMException && error.name === "AbortError")) this.office.fail(error);
    }
  }
}

function legend({ speech }: Office): HTMLElement {
  const rows = PLOT_LEGEND.map(({ class: { colour, pattern }, word }) => {
    const swatch = el("canvas", { width: 40, height: 28, "aria-hidden": "true" });
    paintSwatch(swatch, colour, pattern);
    return el("li", {}, swatch, speech.say(word));
  });
  return el("ul", { class: "plot-legend" }, ...rows);
}

/** West, south, east, north of parcels; null where none has an outline. */
function spanOf(choices: readonly asking.Choice[]): Bounds | null {
  const boxes = choices.flatMap(({ bounds }) => (bounds === null ? [] : [bounds]));
  if (boxes.length === 0) return null;
  const side = (at: 0 | 1 | 2 | 3, pick: (...values: number[]) => number): number => pick(...boxes.map((box) => box[at]));
  return [side(0, Math.min), side(1, Math.min), side(2, Math.max), side(3, Math.max)];
}
