/** A bar chart whose text is the table beside it. */
import { formatNumber } from "../../format";
import type { OfficeSpeech } from "../words";
import { barWidth } from "./view";

export interface Bar {
  name: string;
  count: number;
  risk: number;
}

interface Space {
  readonly wide: number;
  readonly labels: number;
  readonly values: number;
  /** Letters of a name that fit before the bars. */
  readonly letters: number;
}

const DESK: Space = { wide: 720, labels: 190, values: 120, letters: 26 };
/** The drawing is as wide as the page: on a telephone it is made for that, so that its letters stay as large. */
const TELEPHONE: Space = { wide: 330, labels: 100, values: 74, letters: 14 };
const ROW = 30;

/** Bars of parcels with those at risk under each; hidden from screen readers, which read the table. */
export function bars(lines: readonly Bar[], speech: OfficeSpeech): SVGSVGElement {
  const most = Math.max(0, ...lines.map((line) => line.count));
  const space = matchMedia("(max-width: 600px)").matches ? TELEPHONE : DESK;
  const drawing = made("svg", { viewBox: `0 0 ${space.wide} ${Math.max(1, lines.length) * ROW}`, "aria-hidden": "true", focusable: "false" });
  drawing.classList.add("bars");
  lines.forEach((line, at) => drawing.append(...row(line, at * ROW, most, space, speech)));
  return drawing as SVGSVGElement;
}

function row(line: Bar, top: number, most: number, { wide, labels, values, letters }: Space, speech: OfficeSpeech): SVGElement[] {
  const width = (count: number): number => barWidth(count, most) * (wide - labels - values);
  const name = made("text", { x: 0, y: top + 18 });
  name.textContent = line.name.length > letters ? `${line.name.slice(0, letters - 1)}…` : line.name;
  const all = made("rect", { class: "bars-all", x: labels, y: top + 5, width: width(line.count), height: 12 });
  const risk = made("rect", { class: "bars-risk", x: labels, y: top + 18, width: width(line.risk), height: 6 });
  const value = made("text", { class: "value", x: labels + width(line.count) + 8, y: top + 18 });
  value.textContent = `${formatNumber(line.count, speech.language)} / ${formatNumber(line.risk, speech.language)}`;
  return [name, all, risk, value];
}

function made(tag: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
