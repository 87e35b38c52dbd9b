/** The map of a person's part of the book. What draws it is large, and comes when somebody opens it. */
import { writePlace } from "../place";
import { LENDING, type Draw, type Office, type Room } from "../office";
import { Asking } from "./asking";
import { refusedSet } from "./refused";
import { readView } from "./view";

export const mapRoom: Room = {
  name: "map",
  tab: "map",
  roles: LENDING,
  open: async (office: Office, place, signal: AbortSignal): Promise<Draw> => {
    const asking = new Asking(office, signal);
    const [room, layer, keys] = await Promise.all([import("./room"), asking.layer(refusedSet()), asking.keys()]);
    // A change of language draws the page anew: where somebody was meanwhile.
    let view = readView(place.query);
    return () => room.showMap(office, layer, keys, view, (now) => (view = now));
  },
};

export const MAP = writePlace("map");
