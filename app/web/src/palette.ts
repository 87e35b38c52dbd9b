/** Colours and classes. All ramps run from light to dark, so that they also work without telling hues apart. */
import type { States, Status } from "./api";
import { areaIn, type AreaUnit } from "./format";

export type Mode = "crop" | "vigour" | "status" | "limit";
export type Pattern = "none" | "diagonal" | "reverse" | "cross" | "dots" | "horizontal" | "vertical" | "grid" | "sparse";

export const MODES: readonly Mode[] = ["crop", "vigour", "status", "limit"];

/** Parcels without a value. */
export const NO_VALUE = "#b7b4ac";

export const VIGOUR_COLOURS = ["#f3ecd2", "#cfd99b", "#8fbd7e", "#3f9169", "#0d5148"] as const;
export const VIGOUR_BREAKS = [20, 40, 60, 80] as const;
export const LIMIT_COLOURS = ["#e9ecf7", "#bcc7e6", "#8b9dd0", "#5669ae", "#2a3a80"] as const;

/** Status by colour and by hatch: each can be told without the other (hues after Okabe and Ito). */
export const STATUS_STYLES: Record<Status, { colour: string; pattern: Pattern }> = {
  OK: { colour: "#2f8f74", pattern: "none" },
  AMBIGUOUS: { colour: "#e3a32b", pattern: "diagonal" },
  CLOUDY: { colour: "#8fb8d9", pattern: "dots" },
  TOO_SMALL: { colour: "#c98bb0", pattern: "cross" },
  OUTSIDE_VALIDATION: { colour: "#2d6fa8", pattern: "horizontal" },
  OUTSIDE_IMAGERY: { colour: "#8d8d8d", pattern: "vertical" },
  UNVERIFIED: { colour: "#cf5f1f", pattern: "reverse" },
  INVALID_GEOMETRY: { colour: "#3b3b3b", pattern: "grid" },
};

/** Limit of each parcel per unit of area in whole units of the currency; null where there is none. */
export function limitsPerUnit(states: States, unit: AreaUnit, digits: number): (number | null)[] {
  return states.amount_minor.map((minor, index) => {
    const area = areaIn(states.area_ha[index] ?? 0, unit);
    return minor === null || area <= 0 ? null : minor / 10 ** digits / area;
  });
}

/** Up to four round numbers that cut values into about equal groups; fewer where values hardly differ. */
export function breaksOf(values: readonly (number | null)[], groups: number = LIMIT_COLOURS.length): number[] {
  const known = values.filter((value): value is number => value !== null).sort((a, b) => a - b);
  const first = known[0];
  const last = known.at(-1);
  if (first === undefined || last === undefined) return [];
  const cuts = Array.from({ length: groups - 1 }, (_, cut) => round(known[Math.floor(((cut + 1) * known.length) / groups)] ?? last));
  return [...new Set(cuts)].filter((cut) => cut > first && cut <= last);
}

/** Class of a value: how many breaks it has reached. */
export function classOf(value: number, breaks: readonly number[]): number {
  return breaks.filter((cut) => value >= cut).length;
}

/** Colours for a number of classes, spread over the whole ramp. */
export function spread(colours: readonly string[], classes: number): string[] {
  if (classes <= 1) return [colours[Math.floor(colours.length / 2)] ?? NO_VALUE];
  return Array.from({ length: classes }, (_, index) => colours[Math.round((index * (colours.length - 1)) / (classes - 1))] ?? NO_VALUE);
}

function round(value: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.abs(value) || 1)) - 1);
  return Math.round(value / step) * step;
}
