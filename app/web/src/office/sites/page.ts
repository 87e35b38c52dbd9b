/** Energy sites that are financed: all of them, or one. What draws them comes when somebody opens it. */
import { LENDING, type Draw, type Office, type Room } from "../office";
import type { Place } from "../place";
import { readSieve } from "./sieve";

export const sitesRoom: Room = {
  name: "sites",
  tab: "sites",
  menu: true,
  roles: LENDING,
  open: async (office: Office, place: Place, signal: AbortSignal): Promise<Draw> => {
    const [id] = place.path;
    if (id !== undefined) return (await import("./site")).sitePage(office, id, signal);
    return (await import("./list")).siteList(office, readSieve(place.query), signal);
  },
};
