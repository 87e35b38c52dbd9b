/** What parcels are coloured by, and what the colours mean with their counts. */
import { el } from "../../dom";
import { formatNumber } from "../../format";
import { paintSwatch } from "../../patterns";
import { levelMark } from "../alerts/levels";
import type { OfficeSpeech } from "../words";
import type { Class, Row } from "./classes";
import type { Labels } from "./labels";
import { FACTS, type Fact } from "./view";

export class Legend {
  readonly element = el("section", { class: "map-legend card" });
  private readonly rows = el("ul", { class: "map-rows" });
  private readonly notes = el("p", { class: "sub" });

  constructor(
    private readonly speech: OfficeSpeech,
    private readonly labels: Labels,
    by: Fact,
    pick: (by: Fact) => void,
    strength: HTMLElement,
  ) {
    const { say } = speech;
    const choice = el("select", { id: "map-by" }, ...FACTS.map((fact) => el("option", { value: fact, selected: fact === by }, say(`map_by_${fact}`))));
    choice.addEventListener("change", () => pick(FACTS.find((fact) => fact === choice.value) ?? by));
    const fold = el("details", { class: "map-fold", open: !matchMedia("(max-width: 760px)").matches }, el("summary", {}, say("map_legend")), this.rows, this.notes, strength);
    this.element.setAttribute("aria-label", say("map_legend"));
    this.element.append(el("label", { class: "choice" }, say("map_by"), choice), fold);
  }

  /** Draw the lines of a colouring; `unsure`: parcels that are not decided are hatched. */
  draw(by: Fact, rows: readonly Row[], unsure: boolean, withoutOutline: number): void {
    const { say, language } = this.speech;
    this.rows.replaceChildren(...rows.map((row) => this.row(row)));
    const without = withoutOutline > 0 ? say("map_withoutOutline", { n: formatNumber(withoutOutline, language) }) : "";
    this.notes.replaceChildren([unsure ? say("map_hatched") : "", say(`map_cellsSay_${by}`), without].filter(Boolean).join(" "));
  }

  private row({ class: each, count }: Row): HTMLElement {
    const level = each.meaning.kind === "level" ? each.meaning.level : null;
    const name = el("span", { class: "map-row-name" }, this.labels.class(each));
    const sign = level === null ? null : el("span", { class: `level ${level}` }, levelMark(level));
    return el("li", {}, swatch(each), sign, name, el("span", { class: "figure" }, formatNumber(count, this.speech.language)));
  }
}

function swatch({ colour, pattern }: Class): HTMLCanvasElement {
  const canvas = el("canvas", { class: "map-swatch", width: 40, height: 28, "aria-hidden": "true" });
  paintSwatch(canvas, colour, pattern);
  return canvas;
}
