/** The week's visits village by village, in the order in which the service sends them: that of a short round. */
import { formatNumber } from "../../format";
import type { components } from "../schema";
import type { OfficeSpeech } from "../words";

/** What a visit says of where it is. */
export interface Placed {
  readonly list_unit: string;
  readonly village: components["schemas"]["VillageName"] | null;
  readonly unit: { readonly code: string; readonly name: string } | null;
  readonly done: boolean;
}

export interface Stop<Visit> {
  /** Names the stop in an address. */
  readonly key: string;
  /** Null: not known, the unit stands for it. */
  readonly village: string | null;
  /** Null: of no unit. */
  readonly unit: string | null;
  readonly tasks: readonly Visit[];
}

export function stopsOf<Visit extends Placed>(tasks: readonly Visit[]): Stop<Visit>[] {
  const stops = new Map<string, Stop<Visit> & { tasks: Visit[] }>();
  for (const task of tasks) {
    const key = keyOf(task);
    const stop = stops.get(key) ?? { key, village: task.village?.name ?? null, unit: task.unit?.name ?? null, tasks: [] };
    stop.tasks.push(task);
    stops.set(key, stop);
  }
  return [...stops.values()];
}

function keyOf({ list_unit, village, unit }: Placed): string {
  return JSON.stringify(village ? [list_unit, village.code] : [list_unit, null, unit?.code ?? null]);
}

/** Where the village is not known, the unit's name and that it is not known. */
export function stopName({ village, unit }: Pick<Stop<unknown>, "village" | "unit">, { say }: OfficeSpeech): string {
  return village ?? `${unit ?? say("visits_noUnit")} · ${say("visits_noVillage")}`;
}

/** Number of each visit that is left, in the order of the round; what is done has none. */
export function numbersOf<Visit extends Placed>(tasks: readonly Visit[]): Map<Visit, number> {
  return new Map(tasks.filter((task) => !task.done).map((task, at) => [task, at + 1]));
}

const M_PER_KM = 1000;

/** How long the rounds of what is left are, as the crow flies; null where nothing is left that has a place. */
export function wayText(metres: number | null | undefined, { say, language }: OfficeSpeech): string | null {
  if (metres === null || metres === undefined) return null; // a list that was taken along before lists said so
  const km = metres / M_PER_KM;
  return say("visits_way", { n: formatNumber(km, language, km < 10 ? 1 : 0) });
}
