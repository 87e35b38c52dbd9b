/** Where somebody is, as the address keeps it behind "#": one file serves all places. */

/** A room, what follows its name in the address, and the query. */
export interface Place {
  readonly room: string;
  readonly path: readonly string[];
  readonly query: string;
}

export const TODAY = "#/today";

/** Place of an address; Today for one that cannot be read. */
export function readPlace(hash: string): Place {
  const [path = "", query = ""] = split(hash.replace(/^#/, ""), "?");
  const names = path.split("/").slice(1).map(decoded);
  if (!names[0] || names.includes(null)) return { room: "today", path: [], query: "" };
  const [room, ...rest] = names.filter((name) => name !== null);
  return { room: room ?? "today", path: rest.filter((name) => name !== ""), query };
}

/** Address of a place; the names of the path may hold anything, "/" included. */
export function writePlace(room: string, path: readonly string[] = [], query = ""): string {
  const address = ["#", room, ...path.map(encodeURIComponent)].join("/");
  return query ? `${address}?${query}` : address;
}

/** A whole number above zero of a query; null where it is none. */
export function numberOf(query: string, name: string): number | null {
  const number = Number(new URLSearchParams(query).get(name));
  return Number.isInteger(number) && number > 0 ? number : null;
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
