/** A bar chart whose text is the table beside it. */
import { formatNumber } from "../../format";
import type { OfficeSpeech } from "../words";
import { barWidth } from "./view";

export interface Bar {
  name: string;
  count: number;
  risk: number;
}

const WIDE = 720;
const LABELS = 190;
const VALUES = 120;
const ROW = 30;

/** Bars of parcels with those at risk under each; hidden from screen readers, which read the table. */
export function bars(lines: readonly Bar[], speech: OfficeSpeech): SVGSVGElement {
  const most = Math.max(0, ...lines.map((line) => line.count));
  const drawing = made("svg", { viewBox: `0 0 ${WIDE} ${Math.max(1, lines.length) * ROW}`, "aria-hidden": "true", focusable: "false" });
  drawing.classList.add("bars");
  lines.forEach((line, at) => drawing.append(...row(line, at * ROW, most, speech)));
  return drawing as SVGSVGElement;
}

function row(line: Bar, top: number, most: number, speech: OfficeSpeech): SVGElement[] {
  const width = (count: number): number => barWidth(count, most) * (WIDE - LABELS - VALUES);
  const name = made("text", { x: 0, y: top + 18 });
  name.textContent = line.name.length > 26 ? `${line.name.slice(0, 25)}…` : line.name;
  const all = made("rect", { class: "bars-all", x: LABELS, y: top + 5, width: width(line.count), height: 12 });
  const risk = made("rect", { class: "bars-risk", x: LABELS, y: top + 18, width: width(line.risk), height: 6 });
  const value = made("text", { class: "value", x: LABELS + width(line.count) + 8, y: top + 18 });
  value.textContent = `${formatNumber(line.count, speech.language)} / ${formatNumber(line.risk, speech.language)}`;
  return [name, all, risk, value];
}

function made(tag: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
