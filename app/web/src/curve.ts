/** What the curve shows, apart from how it is drawn. */
import type { Cycle, Series } from "./api";

/** Share of the parcel that must be clear for a date to be trusted. */
export const CLEAR_FROM = 0.5;

export interface Observation {
  day: string;
  seconds: number;
  ndvi: number | null;
  clear: number;
}

/** Rows of a series, by date. */
export function observations(series: Series): Observation[] {
  return series.date.map((day, index) => ({
    day,
    seconds: Date.parse(`${day}T00:00:00Z`) / 1000,
    ndvi: series.ndvi[index] ?? null,
    clear: series.clear_share[index] ?? 0,
  }));
}

/** Dates clear enough to trust: the line runs through these. */
export function clearOnly(rows: readonly Observation[]): (Observation & { ndvi: number })[] {
  return rows.filter((row): row is Observation & { ndvi: number } => row.ndvi !== null && row.clear >= CLEAR_FROM);
}

/** Marks of all cycles, peaks before starts before ends. */
export function seasonMarks(cycles: readonly Pick<Cycle, "sos" | "pos" | "eos">[]): { day: string; name: "sos" | "pos" | "eos" }[] {
  const names = ["pos", "sos", "eos"] as const;
  return names.flatMap((name) => cycles.flatMap((cycle) => (cycle[name] ? [{ day: cycle[name], name }] : [])));
}
