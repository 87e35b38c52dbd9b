/** Areas and distances on WGS 84, for figures that must stand at once; the service's own figures are the ones that count. */

/** Longitude and latitude in degrees. */
export type Position = readonly [number, number];
export type Ring = readonly Position[];
/** A border, then holes. */
export type Polygon = readonly Ring[];

const SEMI_MAJOR_M = 6378137;
const FLATTENING = 1 / 298.257223563;
const E2 = FLATTENING * (2 - FLATTENING);
const E = Math.sqrt(E2);
const RADIANS = Math.PI / 180;
export const M2_PER_HA = 10_000;

/** q of the authalic latitude (Snyder, Map Projections: A Working Manual, 1987, eq. 3-12). */
function authalicQ(sine: number): number {
  const es = E * sine;
  return (1 - E2) * (sine / (1 - es * es) - Math.log((1 - es) / (1 + es)) / (2 * E));
}

const Q_POLE = authalicQ(1);
/** Radius of the sphere that has the area of the ellipsoid (eq. 3-13). */
const AUTHALIC_M = SEMI_MAJOR_M * Math.sqrt(Q_POLE / 2);

/**
 * Area inside a ring, m²; the way round does not matter, and a ring need not be closed.
 *
 * Latitudes become authalic ones, so that areas of the ellipsoid are those of a sphere, and there each edge adds the
 * spherical excess between it and the equator: tan(E/2) = tan(Δλ/2) · (tan φ₁/2 + tan φ₂/2) / (1 + tan φ₁/2 · tan φ₂/2).
 */
export function ringAreaM2(ring: Ring): number {
  const halves = ring.map(([lon, lat]) => [lon * RADIANS, Math.tan(Math.asin(authalicQ(Math.sin(lat * RADIANS)) / Q_POLE) / 2)] as const);
  let excess = 0;
  halves.forEach(([lon, half], at) => {
    const [nextLon, nextHalf] = halves[(at + 1) % halves.length] ?? [lon, half];
    const turn = Math.tan((nextLon - lon) / 2);
    excess += 2 * Math.atan2(turn * (half + nextHalf), 1 + half * nextHalf);
  });
  return Math.abs(excess) * AUTHALIC_M * AUTHALIC_M;
}

export function polygonAreaM2([border = [], ...holes]: Polygon): number {
  return ringAreaM2(border) - holes.reduce((sum, hole) => sum + ringAreaM2(hole), 0);
}

export type Plane = (position: Position) => readonly [number, number];

/** Metres east and north of a place, by the ellipsoid's two radii there: true to 0.1 % within some kilometres. */
export function planeAround([lon0, lat0]: Position): Plane {
  const sine = Math.sin(lat0 * RADIANS);
  const w2 = 1 - E2 * sine * sine;
  const across = (SEMI_MAJOR_M / Math.sqrt(w2)) * Math.cos(lat0 * RADIANS) * RADIANS;
  const along = ((SEMI_MAJOR_M * (1 - E2)) / (w2 * Math.sqrt(w2))) * RADIANS;
  return ([lon, lat]) => [(lon - lon0) * across, (lat - lat0) * along];
}

/** The position so many metres east and north of another. */
export function shifted([lon, lat]: Position, east: number, north: number): Position {
  const [across, along] = planeAround([lon, lat])([lon + 1, lat + 1]);
  return [lon + east / across, lat + north / along];
}

export function distanceM(one: Position, other: Position): number {
  const [x, y] = planeAround(one)(other);
  return Math.hypot(x, y);
}

export function lengthM(line: readonly Position[]): number {
  return line.slice(1).reduce((sum, position, at) => sum + distanceM(line[at] ?? position, position), 0);
}

/** Metres from a position to ground; 0 inside it. */
export function distanceToGroundM(from: Position, ground: readonly Polygon[]): number {
  const plane = planeAround(from);
  return Math.min(...ground.map((polygon) => (isInside(from, polygon) ? 0 : Math.min(...polygon.map((ring) => toRing(ring.map(plane)))))));
}

/** Whether a position lies inside a border and in none of its holes (even-odd rule). */
export function isInside([lon, lat]: Position, polygon: Polygon): boolean {
  let inside = false;
  for (const ring of polygon)
    for (const [one, other] of edges(ring))
      if (one[1] > lat !== other[1] > lat && lon < one[0] + ((lat - one[1]) / (other[1] - one[1])) * (other[0] - one[0])) inside = !inside;
  return inside;
}

/** Metres from (0, 0) to the nearest edge of a ring in a plane. */
function toRing(ring: readonly (readonly [number, number])[]): number {
  return Math.min(...edges(ring).map(([one, other]) => toSegment([0, 0], one, other)));
}

/** Distance of a point from a segment in a plane. */
export function toSegment([x, y]: readonly [number, number], [x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number]): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const square = dx * dx + dy * dy;
  const part = square === 0 ? 0 : Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / square));
  return Math.hypot(x - x1 - part * dx, y - y1 - part * dy);
}

/** Edges of a ring, the last one back to its start; edges of no length are left out. */
export function edges<Point extends readonly [number, number]>(ring: readonly Point[]): [Point, Point][] {
  return ring
    .map((point, at): [Point, Point] => [point, ring[(at + 1) % ring.length] ?? point])
    .filter(([one, other]) => one[0] !== other[0] || one[1] !== other[1]);
}

/** Whether the border crosses itself: two edges that are no neighbours meet. */
export function crossesItself(ring: Ring): boolean {
  const sides = edges(ring);
  return sides.some(([a, b], at) =>
    sides.slice(at + 2, at === 0 ? sides.length - 1 : sides.length).some(([c, d]) => meet(a, b, c, d)),
  );
}

function meet(a: Position, b: Position, c: Position, d: Position): boolean {
  const side = (p: Position, q: Position, r: Position): number => Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);
}

/** West, south, east, north of positions; null without any. */
export function boundsOf(positions: readonly Position[]): [number, number, number, number] | null {
  if (positions.length === 0) return null;
  const [lons, lats] = [positions.map(([lon]) => lon), positions.map(([, lat]) => lat)];
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

/** A position somewhere in the middle of ground, for routes and for where to look. */
export function middleOf(ground: readonly Polygon[]): Position | null {
  const box = boundsOf(ground.flatMap(([border = []]) => border));
  return box && [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
}
