/** Where a parcel's page is. */
import { numberOf, writePlace, type Place } from "../place";

export function parcelAddress(id: string, alert: number | null = null): string {
  return writePlace("parcels", [id], alert === null ? "" : `alert=${alert}`);
}

/** Parcel of a place, and the alert that is open on its page. */
export function readParcel(place: Place): { id: string; alert: number | null } | null {
  const [id] = place.path;
  return id === undefined ? null : { id, alert: numberOf(place.query, "alert") };
}
