/** An outline as a small drawing, north up, with a bar that tells its size. */
import { planeAround, type Polygon } from "./geodesy";

const SPACE = "http://www.w3.org/2000/svg";
const SIDE = 200;
const MARGIN = 12;
const BARS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

/** Path of an outline within a square, and metres per unit; null without corners. */
export function pathOf(ground: readonly Polygon[], side = SIDE, margin = MARGIN): { d: string; metresPerUnit: number } | null {
  const [first] = ground.flatMap((polygon) => polygon.flat());
  if (first === undefined) return null;
  const plane = planeAround(first);
  const rings = ground.flatMap((polygon) => polygon.map((ring) => ring.map(plane)));
  const [xs, ys] = [rings.flatMap((ring) => ring.map(([x]) => x)), rings.flatMap((ring) => ring.map(([, y]) => y))];
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const metresPerUnit = Math.max(east - west, north - south, 1) / (side - 2 * margin);
  const [left, top] = [(side - (east - west) / metresPerUnit) / 2, (side - (north - south) / metresPerUnit) / 2];
  const text = (x: number, y: number): string => `${(left + (x - west) / metresPerUnit).toFixed(1)} ${(top + (north - y) / metresPerUnit).toFixed(1)}`;
  const d = rings.map((ring) => `M${ring.map(([x, y]) => text(x, y)).join("L")}Z`).join("");
  return { d, metresPerUnit };
}

/** The longest round length that fits into so many metres. */
export function barOf(metres: number): number {
  return BARS.findLast((bar) => bar <= metres) ?? 1;
}

export function sketch(ground: readonly Polygon[], title: string, north: string): SVGSVGElement | null {
  const path = pathOf(ground);
  if (path === null) return null;
  const drawing = made("svg", { viewBox: `0 0 ${SIDE} ${SIDE + 22}`, role: "img", class: "sketch", "aria-label": title });
  const bar = barOf((SIDE * path.metresPerUnit) / 2);
  const end = MARGIN + bar / path.metresPerUnit;
  const y = SIDE + 10;
  drawing.append(
    made("path", { d: path.d, class: "sketch-ground", "fill-rule": "evenodd" }),
    made("path", { d: `M${MARGIN} ${y - 4}V${y}H${end.toFixed(1)}V${y - 4}`, class: "sketch-bar" }),
    text(end + 5, y + 1, `${bar} m`),
    made("path", { d: `M${SIDE - 12} 22V6l-4 7m4-7 4 7`, class: "sketch-bar" }),
    text(SIDE - 12, 34, north, "middle"),
  );
  return drawing as SVGSVGElement;
}

function text(x: number, y: number, said: string, anchor = "start"): SVGElement {
  const element = made("text", { x: x.toFixed(1), y: y.toFixed(1), "text-anchor": anchor, class: "sketch-text" });
  element.textContent = said;
  return element;
}

function made(tag: string, attributes: Record<string, string>): SVGElement {
  const element = document.createElementNS(SPACE, tag) as SVGElement;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
