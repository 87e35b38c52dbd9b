/** The map of a person's part of the book. What draws it is large, and comes when somebody opens it. */
import { writePlace } from "../place";
import type { Draw, Office, Room } from "../office";
import { Asking } from "./asking";

export const mapRoom: Room = {
  name: "map",
  tab: "map",
  roles: ["officer", "reviewer", "risk"],
  open: async (office: Office, _place, signal: AbortSignal): Promise<Draw> => {
    const asking = new Asking(office, signal);
    const [room, layer, keys] = await Promise.all([import("./room"), asking.layer(), asking.keys()]);
    return () => room.showMap(office, layer, keys);
  },
};

export const MAP = writePlace("map");
