/** How much of a site is built, as a bar with its bounds and a mark where the plan wanted it. */
import { el } from "../../dom";
import { formatShare } from "../../format";
import type { OfficeSpeech } from "../words";
import type { SiteRow } from "./answers";

type Shares = Pick<SiteRow, "planned" | "low" | "share" | "high">;

const SPACE = "http://www.w3.org/2000/svg";
const WIDTH = 100;
const HEIGHT = 14;

/** The bar with the figure beside it; what it says in words is its text. */
export function progressBar(shares: Shares, speech: OfficeSpeech): HTMLElement {
  const { share } = shares;
  const figure = share === null ? speech.say("unknown") : formatShare(share, speech.language);
  return el("span", { class: "site-progress" }, bar(shares, barText(shares, speech)), el("span", { class: share === null ? "missing" : "strong", "aria-hidden": "true" }, figure));
}

export function barText({ planned, low, share, high }: Shares, { say, language }: OfficeSpeech): string {
  const values = (shares: Record<string, number>): Record<string, string> => Object.fromEntries(Object.entries(shares).map(([name, each]) => [name, formatShare(each, language)]));
  if (share === null || low === null || high === null) return planned === null ? say("sitesBarNone") : say("sitesBarOnlyPlan", values({ planned }));
  return planned === null ? say("sitesBarUnplanned", values({ share, low, high })) : say("sitesBar", values({ share, low, high, planned }));
}

function bar({ planned, low, share, high }: Shares, text: string): SVGSVGElement {
  const drawing = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": text }) as SVGSVGElement;
  const title = drawn("title", {});
  title.textContent = text;
  drawing.append(title, drawn("rect", { class: "ground", x: 0, y: 1, width: WIDTH, height: HEIGHT - 2 }));
  if (share !== null) drawing.append(drawn("rect", { class: "built", x: 0, y: 1, width: share * WIDTH, height: HEIGHT - 2 }));
  if (low !== null && high !== null) drawing.append(drawn("rect", { class: "rim", x: low * WIDTH, y: 5, width: Math.max((high - low) * WIDTH, 0.8), height: 4 }), drawn("rect", { class: "bounds", x: low * WIDTH, y: 6, width: Math.max((high - low) * WIDTH, 0.8), height: 2 }));
  if (planned !== null) {
    const x = Math.min(planned * WIDTH, WIDTH - 1);
    drawing.append(drawn("rect", { class: "rim", x: x - 1.4, y: 0, width: 3.4, height: HEIGHT }), drawn("rect", { class: "planned", x: x - 0.6, y: 0, width: 1.8, height: HEIGHT }));
  }
  return drawing;
}

export function drawn(tag: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
