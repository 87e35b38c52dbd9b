/** All rooms of the office, in the order of their tabs. */
import { alertsRoom } from "./alerts/worklist";
import { applicationsRoom } from "./applications/page";
import { decisionsRoom } from "./decisions/page";
import { drawingRoom } from "./drawing/page";
import { mapRoom } from "./map/page";
import type { Room } from "./office";
import { parcelRoom } from "./parcel/page";
import { todayRoom } from "./today/page";
import { visitsRoom } from "./visits/page";

export const ROOMS: readonly Room[] = [todayRoom, alertsRoom, decisionsRoom, applicationsRoom, mapRoom, parcelRoom, visitsRoom, drawingRoom];

/** Room of a name; the first one for a name that there is not. */
export function roomNamed(name: string): Room {
  return ROOMS.find((room) => room.name === name) ?? todayRoom;
}
