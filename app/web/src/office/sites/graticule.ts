/** Lines of longitude and latitude under the signs: without place names they say where in the world a map is. */

export interface Meridian {
  axis: "lon" | "lat";
  degrees: number;
}

type Box = readonly [west: number, south: number, east: number, north: number];

/** Degrees between two lines, the widest first. */
const STEPS: readonly number[] = [30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
/** Lines of each kind across a view, at most. */
const MOST = 4;
const EDGE = 85;

/** Degrees between two lines over a span, so that few of them cross it. */
export function stepOf(span: number): number {
  return STEPS.findLast((step) => span / step <= MOST) ?? 60;
}

/** Lines through a view; the same step both ways, so that squares are squares. */
export function linesIn([west, south, east, north]: Box): Meridian[] {
  const step = stepOf(Math.max(east - west, north - south));
  return [...along("lon", west, east, step), ...along("lat", Math.max(south, -EDGE), Math.min(north, EDGE), step)];
}

function along(axis: Meridian["axis"], from: number, to: number, step: number): Meridian[] {
  const [first, last] = [Math.ceil(from / step), Math.floor(to / step)];
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, at) => ({ axis, degrees: Number(((first + at) * step).toFixed(6)) }));
}

/** A line from edge to edge of a view, and a little beyond. */
export function lineAcross({ axis, degrees }: Meridian, [west, south, east, north]: Box): [number, number][] {
  const [wide, high] = [east - west, north - south];
  return axis === "lon" ? [[degrees, Math.max(south - high, -EDGE)], [degrees, Math.min(north + high, EDGE)]] : [[west - wide, degrees], [east + wide, degrees]];
}
