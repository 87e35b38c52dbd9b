/** An area in mu, hectares and acres at once. */
import { areaIn, formatArea } from "../../format";
import { el } from "../../dom";
import type { OfficeSpeech } from "../words";

export function areaLine(ha: number, source: string, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const figures = (["mu", "ha", "acre"] as const).map((unit) => el("span", {}, el("strong", {}, formatArea(areaIn(ha, unit), language)), ` ${say(unit)}`));
  return el("div", { class: "drawing-area" }, el("p", { class: "drawing-figures" }, ...figures), el("p", { class: "sub" }, source));
}
