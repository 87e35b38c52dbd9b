/** A season's curve on one axis of days: what was seen, what was expected, what the neighbours did. */
import { CLEAR_FROM, type Observation } from "../../curve";
import type { Curve, MarkerKind } from "../answers";

/**
 * A figure at each day of the axis. undefined: the source has no entry on that day, so a line goes on;
 * null: it has one without a figure, so a line breaks.
 */
export type Track = (number | null | undefined)[];

export interface Axis {
  seconds: number[];
  ndvi: Track;
  low: Track;
  high: Track;
  neighbours: Track;
}

/** Looks of a curve by day. */
export function looksOf(curve: Curve): Observation[] {
  const { date, ndvi, clear_share } = curve.looks;
  return date.map((day, at) => ({ day, seconds: secondsOf(day), ndvi: ndvi[at] ?? null, clear: clear_share[at] ?? 0 }));
}

/** All tracks on the union of their days. Looks that are not clear enough leave the line as if they were not there. */
export function axisOf(curve: Curve): Axis {
  const { expected, neighbours } = curve;
  const looks = looksOf(curve);
  const days = [...looks.map((look) => look.day), ...(expected?.date ?? []), ...(neighbours?.date ?? [])];
  const axis = [...new Set(days)].sort();
  const clear = looks.filter((look) => look.ndvi !== null && look.clear >= CLEAR_FROM);
  return {
    seconds: axis.map(secondsOf),
    ndvi: spreadOver(axis, clear.map((look) => look.day), clear.map((look) => look.ndvi)),
    low: spreadOver(axis, expected?.date ?? [], expected?.low ?? []),
    high: spreadOver(axis, expected?.date ?? [], expected?.high ?? []),
    neighbours: spreadOver(axis, neighbours?.date ?? [], neighbours?.median ?? []),
  };
}

/** Figures of one source on an axis of days. */
export function spreadOver(axis: readonly string[], days: readonly string[], values: readonly (number | null)[]): Track {
  const known = new Map(days.map((day, at) => [day, values[at] ?? null]));
  return axis.map((day) => known.get(day));
}

/** Line between two known figures at an instant; null outside, or where a figure is missing beside it. */
export function between(seconds: readonly number[], track: Track, at: number): number | null {
  const known = seconds.flatMap((x, index) => (track[index] === undefined ? [] : [{ x, y: track[index] }]));
  const right = known.findIndex(({ x }) => x >= at);
  const after = known[right];
  if (!after || after.y === null) return null;
  if (after.x === at) return after.y ?? null;
  const before = known[right - 1];
  if (!before || before.y === null || before.y === undefined || after.y === undefined) return null;
  return before.y + ((after.y - before.y) * (at - before.x)) / (after.x - before.x);
}

export type Verdict = "below" | "within" | "above" | "unknown";

/** Where a look lies against the band that was expected on its day. */
export function verdictOn(look: Observation, axis: Axis): Verdict {
  const low = between(axis.seconds, axis.low, look.seconds);
  const high = between(axis.seconds, axis.high, look.seconds);
  if (look.ndvi === null || look.clear < CLEAR_FROM || (low === null && high === null)) return "unknown";
  if (low !== null && look.ndvi < low) return "below";
  return high !== null && look.ndvi > high ? "above" : "within";
}

/** Place among `count` looks that a key leads to from another place (null: none yet); null for any other key. */
export function steppedTo(key: string, at: number | null, count: number): number | null {
  const last = count - 1;
  if (count === 0) return null;
  if (key === "Home") return 0;
  if (key === "End") return last;
  if (key === "ArrowRight") return at === null ? 0 : Math.min(at + 1, last);
  if (key === "ArrowLeft") return at === null ? last : Math.max(at - 1, 0);
  return null;
}

export interface Mark {
  seconds: number;
  day: string;
  kind: MarkerKind;
}

/** Markers within the season, by day. */
export function marksOf(curve: Curve): Mark[] {
  const [start, end] = [secondsOf(curve.season.start), secondsOf(curve.season.end)];
  return curve.markers
    .map(({ kind, day }) => ({ kind, day, seconds: secondsOf(day) }))
    .filter(({ seconds }) => seconds >= start && seconds <= end)
    .sort((one, other) => one.seconds - other.seconds);
}

export function secondsOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 1000;
}
