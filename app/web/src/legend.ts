/** What the colours mean, with counts: rows computed apart from how they are drawn. */
import type { Run, States } from "./api";
import { el } from "./dom";
import { formatNumber, type AreaUnit } from "./format";
import type { Speech } from "./i18n";
import { statusAt } from "./map";
import { breaksOf, classOf, limitsPerUnit, LIMIT_COLOURS, NO_VALUE, spread, STATUS_STYLES, VIGOUR_BREAKS, VIGOUR_COLOURS, type Mode, type Pattern } from "./palette";
import { paintSwatch } from "./patterns";

export interface LegendRow {
  colour: string;
  pattern: Pattern;
  label: string;
  count: number;
}

/** Rows of the legend for a mode; rows that no parcel has are left out. */
export function legendRows(mode: Mode, run: Run, states: States, speech: Speech): LegendRow[] {
  if (mode === "crop") return cropRows(run, speech);
  if (mode === "status") return statusRows(states, speech);
  if (mode === "vigour") return classRows(states.vigour_pct, VIGOUR_BREAKS, VIGOUR_COLOURS, speech.say("noVigour"), speech);
  const perUnit = limitsPerUnit(states, run.area_unit as AreaUnit, run.minor_digits);
  const breaks = breaksOf(perUnit);
  return classRows(perUnit, breaks, spread(LIMIT_COLOURS, breaks.length + 1), speech.say("noAmount"), speech);
}

export function legendTitle(mode: Mode, run: Run, speech: Speech): string {
  if (mode === "crop") return speech.say("legendCrop");
  if (mode === "vigour") return speech.say("legendVigour");
  if (mode === "status") return speech.say("legendStatus");
  return speech.say("legendLimit", { unit: speech.say(run.area_unit as AreaUnit), currency: run.currency });
}

export function drawLegend(rows: LegendRow[], speech: Speech): HTMLElement {
  return el("ul", { class: "legend-rows" }, ...rows.map((row) => el("li", {}, swatch(row), el("span", { class: "legend-label" }, row.label), el("span", { class: "legend-count" }, formatNumber(row.count, speech.language)))));
}

export function swatch(row: Pick<LegendRow, "colour" | "pattern">): HTMLCanvasElement {
  const canvas = el("canvas", { class: "swatch", width: 40, height: 28, "aria-hidden": "true" });
  paintSwatch(canvas, row.colour, row.pattern);
  return canvas;
}

function cropRows(run: Run, speech: Speech): LegendRow[] {
  const entries = new Map(run.legend.map((entry) => [entry.key, entry]));
  const noneLast = [...run.by_crop].sort((a, b) => Number(a.key === null) - Number(b.key === null));
  return noneLast.map(({ key, count }) => {
    const entry = key === null ? undefined : entries.get(key);
    const label = entry ? speech.pick(entry) : (key ?? speech.say("noCrop"));
    return { colour: entry?.colour ?? NO_VALUE, pattern: "none", label, count };
  });
}

function statusRows(states: States, speech: Speech): LegendRow[] {
  const counts = states.statuses.map((status) => states.parcel_id.filter((_, index) => statusAt(states, index) === status).length);
  return states.statuses
    .map((status, index) => ({ ...STATUS_STYLES[status], label: speech.say(status), count: counts[index] ?? 0 }))
    .filter((row) => row.count > 0)
    .reverse();
}

function classRows(values: readonly (number | null)[], breaks: readonly number[], colours: readonly string[], none: string, speech: Speech): LegendRow[] {
  const known = values.filter((value) => value !== null);
  const rows: LegendRow[] = colours.map((colour, index) => ({
    colour,
    pattern: "none",
    label: breaks.length ? spanLabel(index, breaks, speech) : formatNumber(known[0] ?? 0, speech.language),
    count: known.filter((value) => classOf(value, breaks) === index).length,
  }));
  const without = values.length - known.length;
  return [...(known.length ? rows : []), ...(without ? [{ colour: NO_VALUE, pattern: "none" as const, label: none, count: without }] : [])];
}

function spanLabel(index: number, breaks: readonly number[], speech: Speech): string {
  const written = (value: number | undefined): string => formatNumber(value ?? 0, speech.language);
  if (index === 0) return speech.say("upTo", { high: written(breaks[0]) });
  if (index === breaks.length) return speech.say("from", { low: written(breaks[index - 1]) });
  return speech.say("between", { low: written(breaks[index - 1]), high: written(breaks[index]) });
}
