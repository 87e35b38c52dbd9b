/** The season of a parcel in words, keys and figures around its chart. */
import { CLEAR_FROM, type Observation } from "../../curve";
import { el } from "../../dom";
import { formatDay, formatNumber, formatShare } from "../../format";
import type { Curve, ParcelFile } from "../answers";
import type { OfficeSpeech } from "../words";
import { axisOf, looksOf, verdictOn, type Axis } from "./season";

export interface CurveSection {
  element: HTMLElement;
  takeDown: () => void;
}

export function curveSection(curve: Curve | null, file: ParcelFile, speech: OfficeSpeech): CurveSection {
  const { say } = speech;
  const element = el("section", { class: "card curve", "aria-labelledby": "curve-title" }, el("h2", { id: "curve-title" }, say("curve")));
  const looks = curve ? looksOf(curve) : [];
  if (curve === null || !looks.some((look) => look.ndvi !== null)) {
    element.append(el("p", { class: "empty" }, say(curve === null ? "noSeason" : "curveNone")));
    return { element, takeDown: () => undefined };
  }
  const axis = axisOf(curve);
  const clear = looks.filter((look) => look.ndvi !== null && look.clear >= CLEAR_FROM).length;
  const label = say("curveLabel", { id: file.parcel_id, n: formatNumber(clear, speech.language) });
  const host = el("div", { class: "chart", id: "season-chart", role: "group", tabindex: 0, "aria-label": label });
  const read = el("p", { class: "readout", "aria-live": "polite" }, say("curveHint"));
  element.append(read, host, key(curve, file, speech), figures(looks, axis, speech));
  let gone = false;
  let takeDown: () => void = () => undefined;
  // What draws charts is large, and comes with the first one; by then the page stands and the chart has its width.
  const drawing = Promise.all([import("./chart"), new Promise(requestAnimationFrame)]).then(([{ drawSeason }]) => {
    if (gone) return;
    const told = (look: Observation | null): void => read.replaceChildren(look ? readout(look, axis, speech) : say("curveHint"));
    takeDown = drawSeason(host, { curve, looks, axis, alerts: file.alerts }, speech, told);
  });
  drawing.catch(() => read.replaceChildren(say("problem_unreachable")));
  return {
    element,
    takeDown: () => {
      gone = true;
      takeDown();
    },
  };
}

function readout(look: Observation, axis: Axis, speech: OfficeSpeech): string {
  const { say, language } = speech;
  const day = formatDay(look.day, language);
  if (look.ndvi === null) return say("readoutCloudy", { day });
  const text = say("readout", { day, ndvi: formatNumber(look.ndvi, language, 2), clear: formatShare(look.clear, language) });
  const verdict = verdictOn(look, axis);
  return verdict === "unknown" ? text : `${text} · ${say(`verdict_${verdict}`)}`;
}

function key(curve: Curve, file: ParcelFile, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  return el(
    "p",
    { class: "chart-key" },
    el("span", { class: "k-clear" }, say("keyLook")),
    el("span", { class: "k-faint" }, say("keyFaint")),
    el("span", { class: "k-cloud" }, say("keyCloud")),
    curve.expected !== null && el("span", { class: "k-band" }, say("keyExpected")),
    curve.neighbours !== null && el("span", { class: "k-neighbours" }, say("keyNeighbours", { n: formatNumber(curve.neighbours.count, language) })),
    file.alerts.length > 0 && el("span", { class: "k-alert" }, say("keyAlert")),
  );
}

function figures(looks: readonly Observation[], axis: Axis, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const seen = looks.filter((look) => look.ndvi !== null);
  const lines = seen.map((look) => {
    const verdict = verdictOn(look, axis);
    const cells = [formatNumber(look.ndvi ?? 0, language, 2), formatShare(look.clear, language), verdict === "unknown" ? "" : say(`verdict_${verdict}`)];
    return el("tr", {}, el("th", { scope: "row" }, formatDay(look.day, language)), ...cells.map((cell) => el("td", {}, cell)));
  });
  const heads = [say("date"), "NDVI", say("clear"), say("against")].map((name) => el("th", { scope: "col" }, name));
  const table = el("table", { class: "figures" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...lines));
  return el("details", {}, el("summary", {}, say("figures")), table);
}
