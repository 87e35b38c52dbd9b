/** Where the pages of farmers and facilities are. */
import { numberOf, writePlace, type Place } from "../place";

/** Page of a farmer by the bank's number, else of a party by its number here. */
export function farmerAddress(farmer: string | null, party: number): string {
  return farmer === null ? writePlace("farmers", [], `party=${party}`) : writePlace("farmers", [farmer]);
}

export function facilityAddress(number: string): string {
  return writePlace("facilities", [number]);
}

/** The same page with other parcels: those after so many. */
export function parcelsAfter(place: Place, after: number): string {
  const query = new URLSearchParams(place.query);
  if (after > 0) query.set("after", String(after));
  else query.delete("after");
  return writePlace(place.room, place.path, query.toString());
}

/** What to ask the service for; null: the place names nobody. */
export function farmerQuestion(place: Place): string | null {
  const [farmer] = place.path;
  const after = numberOf(place.query, "after");
  const more = after === null ? "" : `?after=${after}`;
  if (farmer !== undefined) return `/farmers/${farmer.split("/").map(encodeURIComponent).join("/")}${more}`;
  const party = numberOf(place.query, "party");
  return party === null ? null : `/parties/${party}${more}`;
}

export function facilityQuestion(place: Place): string | null {
  const [number] = place.path;
  return number === undefined ? null : `/facilities/${number.split("/").map(encodeURIComponent).join("/")}`;
}
