/** The three ways to an outline, as addresses keep them. */
import { writePlace, type Place } from "../place";

export const WAYS = ["draw", "walk", "import"] as const;
export type Way = (typeof WAYS)[number];

export function readWay(place: Place): { way: Way; redraws: string | null } {
  const way = WAYS.find((each) => each === place.path[0]) ?? "draw";
  return { way, redraws: new URLSearchParams(place.query).get("redraws") };
}

export const wayAddress = (way: Way): string => writePlace("drawing", [way]);
