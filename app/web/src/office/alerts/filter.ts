/** Which alerts a work list shows: kept in the address, asked of the service. */
import type { Level, Scope } from "../answers";
import { writePlace } from "../place";
import { LEVELS } from "./levels";

/** "live": still seen and not closed; "ended": no longer seen and waits to be closed. */
export const WHICH = ["live", "ended", "open", "acknowledged", "visited", "closed", "false_alarm", "all"] as const;
export const SCOPES: readonly Scope[] = ["own", "regional", "unclear"];

export interface Filter {
  which: (typeof WHICH)[number];
  /** Empty: any. From the highest down. */
  levels: Level[];
  cause: string | null;
  scope: Scope | null;
  mine: boolean;
  limit: number;
}

export const PAGE_SIZE = 50;
export const MOST = 1000;
export const ALL: Filter = { which: "live", levels: [], cause: null, scope: null, mine: false, limit: PAGE_SIZE };

/** Address of a work list. */
export function listAddress(filter: Filter): string {
  return writePlace("alerts", [], writeFilter(filter));
}

export const WORK_LIST = writePlace("alerts");

/** Filter of an address; what it does not know it leaves out. */
export function readFilter(query: string): Filter {
  const values = new URLSearchParams(query);
  const wanted = values.getAll("level");
  const limit = Number(values.get("limit") ?? PAGE_SIZE);
  return {
    which: WHICH.find((which) => which === values.get("which")) ?? ALL.which,
    levels: LEVELS.filter((level) => wanted.includes(level)),
    cause: values.get("cause") || null,
    scope: SCOPES.find((scope) => scope === values.get("scope")) ?? null,
    mine: values.get("mine") === "1",
    limit: Number.isInteger(limit) && limit >= 1 ? Math.min(limit, MOST) : PAGE_SIZE,
  };
}

/** The same words for the address and for the service; what is as usual is left out. */
export function writeFilter(filter: Filter): string {
  const values = new URLSearchParams();
  if (filter.which !== ALL.which) values.set("which", filter.which);
  for (const level of LEVELS) if (filter.levels.includes(level)) values.append("level", level);
  if (filter.cause !== null) values.set("cause", filter.cause);
  if (filter.scope !== null) values.set("scope", filter.scope);
  if (filter.mine) values.set("mine", "1");
  if (filter.limit !== ALL.limit) values.set("limit", String(filter.limit));
  return values.toString();
}

export function narrows(filter: Filter): boolean {
  return writeFilter({ ...filter, limit: ALL.limit }) !== "";
}
