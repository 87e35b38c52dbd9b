/** Where somebody is, as the address keeps it behind "#": one file serves all places. */
import { ALL, readFilter, writeFilter, type Filter } from "./alerts/filter";

export type Place =
  | { page: "today" }
  | { page: "alerts"; filter: Filter }
  | { page: "parcel"; id: string; alert: number | null };

export const TODAY: Place = { page: "today" };
export const WORK_LIST: Place = { page: "alerts", filter: ALL };

/** Place of an address; Today for one that is not known. */
export function readPlace(hash: string): Place {
  const [path = "", query = ""] = split(hash.replace(/^#/, ""), "?");
  const [, page, id] = path.split("/");
  if (page === "alerts") return { page, filter: readFilter(query) };
  const named = page === "parcels" && id ? decoded(id) : null;
  if (named === null) return TODAY;
  const alert = Number(new URLSearchParams(query).get("alert"));
  return { page: "parcel", id: named, alert: Number.isInteger(alert) && alert > 0 ? alert : null };
}

export function writePlace(place: Place): string {
  if (place.page === "today") return "#/today";
  if (place.page === "alerts") return withQuery("#/alerts", writeFilter(place.filter));
  return withQuery(`#/parcels/${encodeURIComponent(place.id)}`, place.alert === null ? "" : `alert=${place.alert}`);
}

function withQuery(path: string, query: string): string {
  return query ? `${path}?${query}` : path;
}

function split(text: string, mark: string): string[] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null; // a broken escape in a typed address
  }
}
