/** Draw a parcel: on the map, by walking its border, or from a file. What draws maps comes when somebody opens it. */
import type { Draw, Office, Room } from "../office";
import type { Place } from "../place";
import { Asking } from "./asking";
import { readWay } from "./ways";

export const drawingRoom: Room = {
  name: "drawing",
  tab: "drawing_tab",
  menu: true,
  roles: ["officer"],
  open: async (office: Office, place: Place, signal: AbortSignal): Promise<Draw> => {
    const asking = new Asking(office.client, signal);
    const [room, layer] = await Promise.all([import("./room"), asking.layer()]);
    const way = readWay(place);
    return () => room.showDrawing(office, layer, way);
  },
};
