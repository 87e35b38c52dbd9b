/** Imagery by day: what of a list of runs a map draws beneath the parcels. */
import type { Imagery, Raster } from "./asking";
import type { Picture } from "./view";

export interface PictureDay {
  readonly date: string;
  /** Share of the ground that was clear, 0..1. */
  readonly clear: number;
  readonly rasters: readonly Raster[];
}

/** From this share on a day counts as clear where none is asked for. */
const CLEAR = 0.5;
const MOSAIC = "mosaic";

/** Days on which anything was seen, ascending; days of several runs are one. */
export function daysOf({ runs }: Imagery): PictureDay[] {
  const days = new Map<string, PictureDay>();
  for (const run of runs)
    for (const { date, clear_share, layers } of run.dates) {
      const known = days.get(date);
      days.set(date, { date, clear: Math.max(known?.clear ?? 0, clear_share), rasters: [...(known?.rasters ?? []), ...layers] });
    }
  return [...days.values()].sort((one, other) => one.date.localeCompare(other.date));
}

/** The day of an address: the one it names, else the newest clear one, else the clearest; null where there is none. */
export function dayNamed(days: readonly PictureDay[], date: string | null): PictureDay | null {
  const named = days.find((each) => each.date === date);
  if (named) return named;
  const clear = days.filter((each) => each.clear >= CLEAR).at(-1);
  return clear ?? [...days].sort((one, other) => other.clear - one.clear)[0] ?? null;
}

/** Rasters of a day, those of newer runs above; without any day the mosaics of the seasons, in true colour. */
export function rastersOf(imagery: Imagery, day: PictureDay | null, picture: Picture): Raster[] {
  const below = day ? day.rasters.filter(({ layer }) => layer === picture) : [];
  const mosaics = picture === "true-colour" && day === null ? imagery.runs.flatMap((run) => run.layers.filter(({ layer }) => layer === MOSAIC)) : [];
  return [...below, ...mosaics].reverse();
}

/** The day that is nearest to another in order, for a second date to begin with. */
export function dayBefore(days: readonly PictureDay[], date: string): PictureDay | null {
  const at = days.findIndex((each) => each.date === date);
  return days[at - 1] ?? days[at + 1] ?? null;
}
