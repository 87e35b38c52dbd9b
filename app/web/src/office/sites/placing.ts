/** Where places of the earth lie on a picture whose four corners are known. */
import { CLEAR_FROM } from "../../curve";
import type { Corners, Geometry, Position } from "./answers";

/** Steps of Newton's method: a picture is so nearly a parallelogram that the second is exact to a thousandth of a pixel. */
const STEPS = 4;

/**
 * Place on the picture, 0..1 from its west and from its north edge; outside it less or more.
 * The four corners span it bilinearly: over a few kilometres a grid of UTM differs from that by less than a pixel.
 */
export function placeOn([nw, ne, se, sw]: Corners, [lon, lat]: Position): [number, number] {
  const [east, south, skew] = [minus(ne, nw), minus(sw, nw), minus(minus(se, ne), minus(sw, nw))];
  let [u, v] = [0.5, 0.5];
  for (let step = 0; step < STEPS; step += 1) {
    const off = [nw[0] + u * east[0] + v * south[0] + u * v * skew[0] - lon, nw[1] + u * east[1] + v * south[1] + u * v * skew[1] - lat] as const;
    const [a, b] = [east[0] + v * skew[0], south[0] + u * skew[0]];
    const [c, d] = [east[1] + v * skew[1], south[1] + u * skew[1]];
    const size = a * d - b * c;
    u -= (d * off[0] - b * off[1]) / size;
    v -= (a * off[1] - c * off[0]) / size;
  }
  return [u, v];
}

/** Path of the rings of a geometry over a picture of so many pixels; "" for points. */
export function pathOf(geometry: Geometry, corners: Corners, width: number, height: number): string {
  const at = (place: Position): string => {
    const [u, v] = placeOn(corners, place);
    return `${(u * width).toFixed(2)} ${(v * height).toFixed(2)}`;
  };
  return ringsOf(geometry)
    .map((ring) => `M${ring.map(at).join("L")}Z`)
    .join("");
}

function ringsOf(geometry: Geometry): readonly (readonly Position[])[] {
  if (geometry.type === "Polygon") return geometry.coordinates;
  if (geometry.type === "GeometryCollection") return geometry.geometries.flatMap(ringsOf);
  return geometry.type === "MultiPolygon" ? geometry.coordinates.flat() : [];
}

/** All corners of a geometry. */
export function positionsOf(geometry: Geometry): readonly Position[] {
  if (geometry.type === "GeometryCollection") return geometry.geometries.flatMap(positionsOf);
  if (geometry.type === "Point") return [geometry.coordinates];
  return geometry.type === "MultiPoint" ? geometry.coordinates : ringsOf(geometry).flat();
}

function minus([x, y]: Position, [x2, y2]: Position): Position {
  return [x - x2, y - y2];
}

/** The newest clear day, else the newest; null where there is none. Pictures come by day. */
export function newestClear(days: readonly { day: string; clear_share: number }[]): string | null {
  return (days.findLast(({ clear_share }) => clear_share >= CLEAR_FROM) ?? days.at(-1))?.day ?? null;
}

/** The days to compare at first: the first clear one and the last. Pictures come by day. */
export function firstAndLast(days: readonly { day: string; clear_share: number }[], clearFrom: number): [string, string] | null {
  const clear = days.filter(({ clear_share }) => clear_share >= clearFrom);
  const shown = clear.length > 0 ? clear : days;
  const [first, last] = [shown[0], shown.at(-1)];
  return first === undefined || last === undefined ? null : [first.day, last.day];
}
