/** All rooms of the office, in the order of their tabs. */
import { alertsRoom } from "./alerts/worklist";
import { applicationsRoom } from "./applications/page";
import { decisionsRoom } from "./decisions/page";
import { drawingRoom } from "./drawing/page";
import { facilitiesRoom } from "./farmers/facility";
import { farmersRoom } from "./farmers/page";
import { mapRoom } from "./map/page";
import type { Room } from "./office";
import { parcelRoom } from "./parcel/page";
import { auditRoom, peopleRoom } from "./people/page";
import { policyRoom } from "./policy/page";
import { portfolioRoom } from "./portfolio/page";
import { runsRoom } from "./runs/page";
import { todayRoom } from "./today/page";
import { visitsRoom } from "./visits/page";

export const ROOMS: readonly Room[] = [todayRoom, alertsRoom, decisionsRoom, applicationsRoom, mapRoom, parcelRoom, visitsRoom, portfolioRoom, drawingRoom, farmersRoom, facilitiesRoom, peopleRoom, runsRoom, policyRoom, auditRoom];

/** Room of a name; the first one for a name that there is not. */
export function roomNamed(name: string): Room {
  return ROOMS.find((room) => room.name === name) ?? todayRoom;
}
