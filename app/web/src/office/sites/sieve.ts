/** Which sites the list shows and in which order: kept in the address. Filters are the service's, order is the page's. */
import { writePlace } from "../place";
import type { SiteKind, SiteRow, SiteStanding } from "./answers";

export const KINDS: readonly SiteKind[] = ["solar", "wind", "hydro", "reservoir"];
/** From the gravest down. */
export const STANDINGS: readonly SiteStanding[] = ["action", "warning", "watch", "on_track", "unseen"];
export const COLUMNS = ["site", "kind", "standing", "progress", "seen", "next", "alerts"] as const;
export type SiteColumn = (typeof COLUMNS)[number];

export interface SiteSieve {
  readonly kind: SiteKind | null;
  readonly standing: SiteStanding | null;
  readonly text: string;
  /** Sites that are no longer watched, instead of those that are. */
  readonly stopped: boolean;
  readonly sort: SiteColumn;
  readonly down: boolean;
}

export const EVERY_SITE: SiteSieve = { kind: null, standing: null, text: "", stopped: false, sort: "standing", down: false };
const MOST_TEXT = 100;

/** Sieve of an address; what it does not know it leaves out. */
export function readSieve(query: string): SiteSieve {
  const values = new URLSearchParams(query);
  return {
    kind: KINDS.find((kind) => kind === values.get("kind")) ?? null,
    standing: STANDINGS.find((standing) => standing === values.get("standing")) ?? null,
    text: (values.get("q") ?? "").trim().slice(0, MOST_TEXT),
    stopped: values.get("stopped") === "true",
    sort: COLUMNS.find((column) => column === values.get("sort")) ?? EVERY_SITE.sort,
    down: values.get("down") === "1",
  };
}

/** What the service is asked: filters alone. */
export function askedOf({ kind, standing, text, stopped }: SiteSieve): string {
  const values = new URLSearchParams();
  if (kind !== null) values.set("kind", kind);
  if (standing !== null) values.set("standing", standing);
  if (text !== "") values.set("q", text);
  if (stopped) values.set("stopped", "true");
  return values.toString();
}

export function sieveAddress(sieve: SiteSieve): string {
  const values = new URLSearchParams(askedOf(sieve));
  if (sieve.sort !== EVERY_SITE.sort) values.set("sort", sieve.sort);
  if (sieve.down) values.set("down", "1");
  return writePlace("sites", [], values.toString());
}

export const siteAddress = (id: string): string => writePlace("sites", [id]);

export const siftsSites = (sieve: SiteSieve): boolean => askedOf(sieve) !== "";

/** Sieve after somebody pressed the head of a column: that column, and the other way round when pressed again. */
export function sortedBy(sieve: SiteSieve, column: SiteColumn): SiteSieve {
  return { ...sieve, sort: column, down: sieve.sort === column && !sieve.down };
}

type Sorted = string | number | null;

const VALUES: Record<SiteColumn, (site: SiteRow) => Sorted> = {
  site: (site) => site.name ?? site.site_id,
  kind: (site) => KINDS.indexOf(site.kind),
  standing: (site) => STANDINGS.indexOf(site.standing),
  progress: (site) => site.share,
  seen: (site) => site.seen_on,
  next: (site) => site.next?.due ?? null,
  // The most first, as the gravest standing is first.
  alerts: (site) => -site.alerts,
};

/** Sites in order; what is not known comes last either way, and equals by their id. */
export function inOrder(sites: readonly SiteRow[], { sort, down }: SiteSieve): SiteRow[] {
  const value = VALUES[sort];
  return [...sites].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null) || byId(one, other);
    const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
    return (down ? -order : order) || byId(one, other);
  });
}

function byId(one: SiteRow, other: SiteRow): number {
  return one.site_id.localeCompare(other.site_id, undefined, { numeric: true });
}
