/** From what stands to what is proposed, as two bars to one scale with the range; the figures stand beside them. */
import { el } from "../../dom";
import { moneyOr } from "../figures";
import type { OfficeSpeech } from "../words";
import { barScale } from "./amounts";
import type { ProposalPage } from "./asking";

const SPACE = "http://www.w3.org/2000/svg";

export function moveBars({ line, low, high }: ProposalPage, speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const scale = barScale({ before: line.before, after: line.amount, low, high });
  const range = scale.low !== null && scale.high !== null ? { low: scale.low, high: scale.high } : null;
  return el(
    "dl",
    { class: "move-bars" },
    el("dt", {}, say("decisionsBefore")),
    el("dd", {}, bar("before", scale.before, null), el("span", { class: "figure" }, line.before === null ? say("decisionsNobody") : moneyOr(line.before, speech))),
    el("dt", {}, say("decisionsAfter")),
    el("dd", {}, bar("after", scale.after, range), el("span", { class: "figure strong" }, line.amount === null ? say("decisionsNobody") : moneyOr(line.amount, speech))),
  );
}

function bar(name: string, length: number | null, range: { low: number; high: number } | null): SVGSVGElement {
  const drawing = drawn("svg", { viewBox: "0 0 100 14", preserveAspectRatio: "none", "aria-hidden": "true", class: `bar ${name}` }) as SVGSVGElement;
  drawing.append(drawn("rect", { class: "ground", x: 0, y: 0, width: 100, height: 14 }));
  if (length !== null) drawing.append(drawn("rect", { class: "amount-bar", x: 0, y: 2, width: length, height: 10 }));
  if (range) drawing.append(drawn("rect", { class: "range", x: range.low, y: 6, width: Math.max(0.6, range.high - range.low), height: 2 }));
  return drawing;
}

function drawn(tag: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
