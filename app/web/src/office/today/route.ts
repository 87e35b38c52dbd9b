/** The week's visits, village by village. */
import type { Level, VisitTask } from "../answers";
import { higher } from "../alerts/levels";

export interface VillageStop {
  /** Null: the book knows no village of these parcels. */
  village: string | null;
  tasks: VisitTask[];
  left: number;
  /** Highest level among the visits that are left. */
  level: Level | null;
}

/** Villages in the order of their first visit that is left, then those that are done; tasks by rank. */
export function stopsOf(tasks: readonly VisitTask[]): VillageStop[] {
  const ranked = [...tasks].sort((one, other) => one.rank - other.rank);
  const villages = [...new Set(ranked.map((task) => task.place))];
  const stops = villages.map((village) => stopOf(village, ranked.filter((task) => task.place === village)));
  return stops.sort((one, other) => firstLeft(one) - firstLeft(other));
}

function stopOf(village: string | null, tasks: VisitTask[]): VillageStop {
  const open = tasks.filter((task) => !task.done);
  const level = open.reduce<Level | null>((highest, task) => higher(highest, task.level), null);
  return { village, tasks, left: open.length, level };
}

function firstLeft(stop: VillageStop): number {
  return stop.tasks.find((task) => !task.done)?.rank ?? Number.MAX_SAFE_INTEGER;
}
