/** All rooms of the office, in the order of their tabs. */
import { alertsRoom } from "./alerts/worklist";
import { applicationsRoom } from "./applications/page";
import { decisionsRoom } from "./decisions/page";
import { drawingRoom } from "./drawing/page";
import { facilitiesRoom } from "./farmers/facility";
import { farmersRoom } from "./farmers/page";
import { mapRoom } from "./map/page";
import type { Role } from "./answers";
import type { Room } from "./office";
import { parcelRoom } from "./parcel/page";
import { auditRoom, peopleRoom } from "./people/page";
import { policyRoom } from "./policy/page";
import { portfolioRoom } from "./portfolio/page";
import { runsRoom } from "./runs/page";
import { sitesRoom } from "./sites/page";
import { todayRoom } from "./today/page";
import { visitsRoom } from "./visits/page";

/** In the order of the tabs; the first of somebody's is where they begin. */
export const ROOMS: readonly Room[] = [peopleRoom, todayRoom, alertsRoom, decisionsRoom, applicationsRoom, mapRoom, parcelRoom, visitsRoom, portfolioRoom, drawingRoom, farmersRoom, facilitiesRoom, sitesRoom, runsRoom, policyRoom, auditRoom];

/** Room of a name for somebody; their first one for a name that there is not, and for a room that is not theirs. */
export function roomFor(name: string, role: Role): Room {
  const theirs = ROOMS.filter((room) => room.roles?.includes(role) ?? true);
  return theirs.find((room) => room.name === name) ?? theirs[0] ?? todayRoom;
}
