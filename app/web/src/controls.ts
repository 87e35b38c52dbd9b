/** The card on the map: what colours mean, and which layers show. */
import type { Run, States } from "./api";
import { el, svg } from "./dom";
import type { Key, Speech } from "./i18n";
import { drawLegend, legendRows, legendTitle } from "./legend";
import { PIXEL_LAYERS, type ParcelMap } from "./map";
import { MODES, type Mode } from "./palette";

const NAMES: Record<Mode, Key> = { crop: "byCrop", vigour: "byVigour", status: "byStatus", limit: "byLimit" };
const FOLD_ICON = ["M3 5.5 8 10.5l5-5"];

export class Controls {
  readonly element = el("aside", { class: "controls" });
  private opacity = { mosaic: 1, fill: 0.8 };
  private pixels = false;
  private folded = matchMedia("(max-width: 760px)").matches;

  constructor(
    private readonly run: Run,
    private readonly states: States,
    private readonly speech: Speech,
    private readonly map: ParcelMap,
    private mode: Mode,
    private readonly changed: (mode: Mode) => void,
  ) {}

  draw(): void {
    const { say } = this.speech;
    this.element.setAttribute("aria-label", say("legend"));
    this.element.classList.toggle("folded", this.folded);
    this.element.replaceChildren(this.modes(), this.foldButton(), this.body());
  }

  private modes(): HTMLElement {
    const { say } = this.speech;
    const choices = MODES.map((mode) => {
      const input = el("input", { type: "radio", name: "mode", value: mode, checked: mode === this.mode });
      input.addEventListener("change", () => this.pick(mode));
      return el("label", {}, input, el("span", {}, say(NAMES[mode])));
    });
    return el("fieldset", { class: "modes" }, el("legend", { class: "unseen" }, say("colourBy")), ...choices);
  }

  private pick(mode: Mode): void {
    this.mode = mode;
    this.map.colourBy(mode);
    this.changed(mode);
    this.draw();
    this.element.querySelector<HTMLInputElement>(`input[value="${mode}"]`)?.focus();
  }

  private foldButton(): HTMLElement {
    const button = el("button", { type: "button", class: "fold", "aria-expanded": String(!this.folded), "aria-label": this.speech.say(this.folded ? "showLegend" : "hideLegend") }, svg(FOLD_ICON));
    button.addEventListener("click", () => {
      this.folded = !this.folded;
      this.draw();
      this.element.querySelector<HTMLButtonElement>(".fold")?.focus();
    });
    return button;
  }

  private body(): HTMLElement {
    const { say } = this.speech;
    const undecided = this.run.by_status.some(({ status }) => status !== "OK");
    const hatchNote = this.mode !== "status" && undecided && el("p", { class: "sub" }, say("hatched"));
    return el(
      "div",
      { class: "controls-body", hidden: this.folded },
      el("h3", {}, legendTitle(this.mode, this.run, this.speech)),
      drawLegend(legendRows(this.mode, this.run, this.states, this.speech), this.speech),
      hatchNote,
      el("h3", {}, say("layers")),
      this.slider("mosaic", say("imagery")),
      this.slider("fill", say("fillLayer")),
      this.mode in PIXEL_LAYERS && this.pixelSwitch(),
    );
  }

  private slider(layer: "mosaic" | "fill", name: string): HTMLElement {
    const range = el("input", { type: "range", min: 0, max: 1, step: 0.05, value: this.opacity[layer], "aria-label": this.speech.say("opacityOf", { layer: name }) });
    const tick = el("input", { type: "checkbox", checked: this.opacity[layer] > 0 });
    const set = (opacity: number): void => {
      this.opacity[layer] = opacity;
      this.map.setOpacity(layer, opacity);
      range.value = String(opacity);
      tick.checked = opacity > 0;
    };
    range.addEventListener("input", () => set(Number(range.value)));
    tick.addEventListener("change", () => set(tick.checked ? (layer === "mosaic" ? 1 : 0.8) : 0));
    return el("div", { class: "layer" }, el("label", {}, tick, name), range);
  }

  private pixelSwitch(): HTMLElement {
    const tick = el("input", { type: "checkbox", checked: this.pixels });
    tick.addEventListener("change", () => {
      this.pixels = tick.checked;
      this.map.showPixels(this.pixels);
    });
    return el("div", { class: "layer" }, el("label", {}, tick, this.speech.say("pixels")));
  }
}
