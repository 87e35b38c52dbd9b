/** Beside the map: corners that can be typed, the area at once, what the service says of the outline, registering it. */
import { el } from "../../dom";
import { formatNumber } from "../../format";
import { added, chose, cleared, moved, redone, removed, typedPosition, undone, type Draft } from "../ground/draft";
import { crossesItself, M2_PER_HA, ringAreaM2 } from "../ground/geodesy";
import type { Office } from "../office";
import { parcelAddress } from "../parcel/address";
import { areaLine } from "./areas";
import type { Asking, Checked, Given, Registered } from "./asking";
import { follow } from "../jobs/jobline";
import { overlapList } from "./overlaps";

const CHECK_AFTER_MS = 500;

/** How an outline that was walked came about; null: it was drawn. */
export type Walked = { readonly accuracyM: number; readonly fixes: number } | null;

export interface Outlined {
  draft: Draft;
  walked: Walked;
}

export class OutlinePanel {
  readonly element = el("div", { class: "drawing-panel" });
  private checked: Checked | null = null;
  private asked = 0;
  private timer = 0;
  private number = "";
  private readonly areas = el("section", { class: "card", "aria-live": "polite" });
  private readonly finding = el("section", { class: "card", "aria-live": "polite" });
  private readonly corners = el("ol", { class: "drawing-corners" });
  private readonly undo: HTMLButtonElement;
  private readonly redo: HTMLButtonElement;
  private readonly problem = el("p", { class: "problem", role: "alert", hidden: true });

  constructor(
    private readonly office: Office,
    private readonly asking: Asking,
    private readonly outlined: Outlined,
    private readonly redraws: string | null,
    private readonly signal: AbortSignal,
    private readonly changed: (draft: Draft) => void,
  ) {
    const { say } = office.speech;
    this.undo = el("button", { type: "button", id: "drawing-undo", onclick: () => this.set(undone(this.draft)) }, say("drawing_undo"));
    this.redo = el("button", { type: "button", id: "drawing-redo", onclick: () => this.set(redone(this.draft)) }, say("drawing_redo"));
    const anew = el("button", { type: "button", class: "link", onclick: () => this.begin() }, say("drawing_clear"));
    this.element.append(
      el("div", { class: "buttons" }, this.undo, this.redo, anew),
      this.areas,
      this.finding,
      el("details", { class: "card", open: false }, el("summary", {}, say("drawing_corners")), this.corners, this.typing()),
    );
    this.redraw();
  }

  get draft(): Draft {
    return this.outlined.draft;
  }

  /** The outline is another now. */
  set(draft: Draft): void {
    const other = draft.corners !== this.draft.corners;
    this.outlined.draft = draft;
    if (other) this.checked = null;
    this.changed(draft);
    this.redraw(other);
  }

  leave(): void {
    clearTimeout(this.timer);
  }

  private begin(): void {
    this.outlined.walked = null;
    this.set(cleared(this.draft));
  }

  private redraw(look = true): void {
    this.undo.disabled = this.draft.past.length === 0;
    this.redo.disabled = this.draft.future.length === 0;
    this.drawCorners();
    if (!look) return;
    this.drawArea();
    clearTimeout(this.timer);
    this.finding.hidden = !this.whole();
    if (!this.whole()) return;
    const { say } = this.office.speech;
    this.finding.replaceChildren(el("p", { class: "note" }, say("drawing_checking")));
    this.timer = window.setTimeout(() => void this.check(), CHECK_AFTER_MS);
  }

  private whole(): boolean {
    return this.draft.corners.length >= 3 && !crossesItself(this.draft.corners);
  }

  private drawArea(): void {
    const { speech } = this.office;
    const { say } = speech;
    const { corners } = this.draft;
    const body =
      corners.length < 3
        ? el("p", { class: "note" }, say("drawing_areaNone"))
        : crossesItself(corners)
          ? el("p", { class: "problem" }, say("drawing_crosses"))
          : this.checked
            ? areaLine(this.checked.area.ha, say("drawing_areaCounts"), speech)
            : areaLine(ringAreaM2(corners) / M2_PER_HA, say("drawing_areaLive"), speech);
    const { walked } = this.outlined;
    const how = walked && el("p", { class: "sub" }, say("drawing_walked", { n: formatNumber(walked.fixes, speech.language), m: formatNumber(walked.accuracyM, speech.language, 1) }));
    this.areas.replaceChildren(el("h2", {}, say("drawing_area")), body, ...(how && corners.length > 0 ? [how] : []));
  }

  private outline(): Given["outline"] {
    return { type: "Polygon", coordinates: [this.draft.corners.map(([lon, lat]): [number, number] => [lon, lat])] };
  }

  /** Ask the service; an answer that a later change has overtaken is dropped. */
  private async check(): Promise<void> {
    this.asked += 1;
    const asked = this.asked;
    try {
      const checked = await this.asking.check(this.outline(), this.redraws);
      if (asked !== this.asked || this.signal.aborted) return;
      this.checked = checked;
      this.drawArea();
      this.drawFinding(checked);
    } catch (error) {
      if (asked !== this.asked || this.signal.aborted) return;
      this.finding.replaceChildren(el("p", { class: "problem" }, error instanceof Error ? error.message : String(error)));
    }
  }

  private drawFinding(checked: Checked): void {
    const { speech } = this.office;
    const { say } = speech;
    const repairs = checked.repairs.length > 0 && el("div", {}, el("h3", {}, say("drawing_repairs")), el("ul", { class: "plain" }, ...checked.repairs.map((each) => el("li", {}, each))));
    this.finding.replaceChildren(el("h2", {}, say("drawing_overlaps")), overlapList(checked.overlaps, speech), ...(repairs ? [repairs] : []), this.registering(checked));
  }

  private registering(checked: Checked): HTMLElement {
    const { say } = this.office.speech;
    const seen = el("input", { type: "checkbox", id: "drawing-seen" });
    const number = el("input", { type: "text", id: "drawing-number", autocomplete: "off", value: this.number });
    number.addEventListener("input", () => (this.number = number.value));
    const button = el("button", { type: "submit", class: "primary", id: "drawing-register" }, say("drawing_register"));
    const ready = (): boolean => checked.overlaps.length === 0 || seen.checked;
    button.disabled = !ready();
    seen.addEventListener("change", () => (button.disabled = !ready()));
    this.problem.hidden = true;
    const form = el(
      "form",
      { class: "drawing-register", novalidate: true },
      checked.overlaps.length > 0 && el("label", { class: "tick" }, seen, say("drawing_seen")),
      this.redraws === null && el("label", { for: "drawing-number" }, say("drawing_number")),
      this.redraws === null && number,
      this.problem,
      button,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.register(button, seen.checked);
    });
    return form;
  }

  private async register(button: HTMLButtonElement, seen: boolean): Promise<void> {
    button.disabled = true;
    const { walked } = this.outlined;
    const given: Given = {
      outline: this.outline(),
      method: walked ? "walked" : "drawn",
      overlaps_seen: seen,
      redraws: this.redraws,
      ...(walked && { accuracy_m: Math.max(0.1, walked.accuracyM), fixes: walked.fixes }),
      ...(this.number.trim() && { parcel_id: this.number.trim() }),
    };
    try {
      await this.registered(await this.asking.register(given));
    } catch (error) {
      if (this.signal.aborted) return;
      this.problem.textContent = error instanceof Error ? error.message : String(error);
      this.problem.hidden = false;
      button.disabled = false;
    }
  }

  private async registered(done: Registered): Promise<void> {
    const { speech } = this.office;
    const { say } = speech;
    const key = done.already_there ? "drawing_already" : done.redrawn ? "drawing_redrawn" : "drawing_registered";
    const host = el("div", {});
    const another = (): void => {
      this.number = "";
      this.begin();
      this.element.classList.remove("registered");
    };
    this.element.classList.add("registered");
    this.finding.replaceChildren(
      el("h2", { id: "drawing-done", tabindex: -1 }, say(key, { parcel: done.parcel_id })),
      areaLine(done.area.ha, say("drawing_areaCounts"), speech),
      host,
      el("p", { class: "buttons" }, el("a", { class: "onward", href: parcelAddress(done.parcel_id) }, say("drawing_toParcel")), el("button", { type: "button", onclick: another }, say("drawing_another"))),
    );
    this.finding.querySelector<HTMLElement>("#drawing-done")?.focus();
    await follow(host, say("drawing_job"), () => this.asking.job(done.job), speech, this.signal);
  }

  private drawCorners(): void {
    const { say } = this.office.speech;
    const { corners, chosen } = this.draft;
    const rows = corners.map((position, at) => {
      const field = el("input", { type: "text", value: position.join(", "), "aria-label": `${say("drawing_corner", { n: at + 1 })}: ${say("drawing_typed")}`, autocomplete: "off" });
      field.addEventListener("change", () => this.typed(field, (to) => moved(this.draft, at, to)));
      field.addEventListener("focus", () => at !== this.draft.chosen && this.changed((this.outlined.draft = chose(this.draft, at))));
      const away = el("button", { type: "button", class: "link", "aria-label": `${say("drawing_remove")} ${at + 1}`, onclick: () => this.set(removed(this.draft, at)) }, "✕");
      return el("li", { class: at === chosen ? "chosen" : "" }, el("span", {}, String(at + 1)), field, away);
    });
    this.corners.replaceChildren(...rows);
  }

  private typing(): HTMLElement {
    const { say } = this.office.speech;
    const field = el("input", { type: "text", id: "drawing-typed", placeholder: "116.3913, 39.9075", autocomplete: "off", "aria-label": say("drawing_typed") });
    const form = el("form", { class: "drawing-typing", novalidate: true }, field, el("button", { type: "submit" }, say("drawing_add")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.typed(field, (to) => added(chose(this.draft, null), to))) field.value = "";
    });
    return form;
  }

  private typed(field: HTMLInputElement, change: (to: readonly [number, number]) => Draft): boolean {
    const position = typedPosition(field.value);
    field.setCustomValidity(position === null ? this.office.speech.say("drawing_typedWrong") : "");
    field.toggleAttribute("aria-invalid", position === null);
    if (position === null) field.reportValidity();
    else this.set(change(position));
    return position !== null;
  }
}
