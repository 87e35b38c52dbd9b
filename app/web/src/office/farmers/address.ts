/** Where the pages of farmers and facilities are. */
import { numberOf, writePlace, type Place } from "../place";

/** Page of a farmer by the bank's number, else of a party by its number here. */
export function farmerAddress(farmer: string | null, party: number): string {
  return farmer === null ? writePlace("farmers", [], `party=${party}`) : writePlace("farmers", [farmer]);
}

export function facilityAddress(number: string): string {
  return writePlace("facilities", [number]);
}

/** What to ask the service for; null: the place names nobody. */
export function farmerQuestion(place: Place): string | null {
  const [farmer] = place.path;
  if (farmer !== undefined) return `/farmers/${farmer.split("/").map(encodeURIComponent).join("/")}`;
  const party = numberOf(place.query, "party");
  return party === null ? null : `/parties/${party}`;
}

export function facilityQuestion(place: Place): string | null {
  const [number] = place.path;
  return number === undefined ? null : `/facilities/${number.split("/").map(encodeURIComponent).join("/")}`;
}
