/** A border walked with a phone: which fixes count, the outline that they make, and how far its area can be trusted. */
import { distanceM, planeAround, ringAreaM2, toSegment, type Position } from "./geodesy";

export interface Fix {
  readonly lon: number;
  readonly lat: number;
  /** Radius in metres that the phone states for its position. */
  readonly accuracy: number;
  /** Instant, milliseconds since 1970. */
  readonly at: number;
}

export interface WalkRules {
  /** Fixes that state a larger radius are left out. */
  readonly mostAccuracyM: number;
  /** A fix nearer to the last one is the same place: the better of the two stays. */
  readonly leastStepM: number;
  /** Faster than this, beyond the errors of both, nobody walks: the fix is a jump. */
  readonly mostSpeed: number;
  /** Corners that the outline can miss by at most this are left out. */
  readonly toleranceM: number;
}

export const WALK_RULES: WalkRules = { mostAccuracyM: 15, leastStepM: 3, mostSpeed: 5, toleranceM: 2 };

/** After so many jumps in a row it is the place before them that was wrong. */
const JUMPS_BELIEVED = 5;
/** Radius of a stated 68 % circle in standard deviations of one axis: √(−2 ln(1 − 0.6827)). */
const CIRCLE_68 = 1.5152;
/** Standard deviations within which a normal figure lies 19 times of 20. */
const NINETEEN_OF_TWENTY = 1.96;

export type Verdict = "kept" | "inaccurate" | "same" | "better" | "jump";

export interface Walk {
  readonly fixes: readonly Fix[];
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Jumps since the last fix that was kept. */
  readonly jumps: number;
}

export const NO_WALK: Walk = { fixes: [], counts: { kept: 0, inaccurate: 0, same: 0, better: 0, jump: 0 }, jumps: 0 };

/** What a fix is worth to a walk. */
export function verdict(walk: Walk, fix: Fix, rules: WalkRules): Verdict {
  if (!(fix.accuracy <= rules.mostAccuracyM)) return "inaccurate";
  const last = walk.fixes.at(-1);
  if (last === undefined) return "kept";
  const step = distanceM(positionOf(last), positionOf(fix));
  if (step < rules.leastStepM) return fix.accuracy < last.accuracy ? "better" : "same";
  const walked = Math.max(0, fix.at - last.at) / 1000;
  const sure = step - fix.accuracy - last.accuracy;
  return sure > rules.mostSpeed * walked && walk.jumps < JUMPS_BELIEVED ? "jump" : "kept";
}

/** The walk with one more fix. */
export function walked(walk: Walk, fix: Fix, rules: WalkRules = WALK_RULES): Walk {
  const said = verdict(walk, fix, rules);
  const counts = { ...walk.counts, [said]: walk.counts[said] + 1 };
  if (said === "jump") return { ...walk, counts, jumps: walk.jumps + 1 };
  if (said === "kept") return { fixes: [...walk.fixes, fix], counts, jumps: 0 };
  return { ...walk, counts, fixes: said === "better" ? [...walk.fixes.slice(0, -1), fix] : walk.fixes };
}

export function positionOf(fix: Fix): Position {
  return [fix.lon, fix.lat];
}

/**
 * Corners of a ring that no point of it lies further from than a tolerance (Douglas and Peucker 1973, on the two halves
 * between its first point and the one furthest from it); indexes into the ring, in order.
 */
export function cornersOf(ring: readonly Position[], toleranceM: number): number[] {
  const [first] = ring;
  if (first === undefined || ring.length < 4) return ring.map((_, at) => at);
  const flat = ring.map(planeAround(first));
  const far = furthest(flat.map(([x, y]) => Math.hypot(x, y)));
  const kept = new Set([0, far]);
  const closed = [...flat, flat[0] ?? ([0, 0] as const)];
  split(closed, 0, far, toleranceM, kept);
  split(closed, far, flat.length, toleranceM, kept);
  kept.delete(flat.length);
  return [...kept].sort((one, other) => one - other);
}

function split(line: readonly (readonly [number, number])[], start: number, end: number, tolerance: number, kept: Set<number>): void {
  const open: [number, number][] = [[start, end]];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const [from, to] = part;
    const [one, other] = [line[from], line[to]];
    if (one === undefined || other === undefined || to - from < 2) continue;
    const offsets = line.slice(from + 1, to).map((point) => toSegment(point, one, other));
    const at = furthest(offsets);
    if ((offsets[at] ?? 0) <= tolerance) continue;
    const corner = from + 1 + at;
    kept.add(corner);
    open.push([from, corner], [corner, to]);
  }
}

function furthest(values: readonly number[]): number {
  return values.reduce((best, value, at) => (value > (values[best] ?? 0) ? at : best), 0);
}

export interface WalkedOutline {
  readonly ring: Position[];
  readonly areaM2: number;
  /** The area lies within so much of it 19 times of 20, m², as far as the phone's stated errors go. */
  readonly errorM2: number;
  /** Median of the stated radii, m. */
  readonly accuracyM: number;
  /** From the last fix to the first, m: the part of the border that nobody walked. */
  readonly gapM: number;
}

/** The outline of a walk; null while there are not three corners. */
export function outlineOf(walk: Walk, rules: WalkRules = WALK_RULES): WalkedOutline | null {
  const ring = walk.fixes.map(positionOf);
  const corners = cornersOf(ring, rules.toleranceM).flatMap((at) => walk.fixes[at] ?? []);
  const [first, last] = [ring[0], ring.at(-1)];
  if (corners.length < 3 || first === undefined || last === undefined) return null;
  const outline = corners.map(positionOf);
  return {
    ring: outline,
    areaM2: ringAreaM2(outline),
    errorM2: NINETEEN_OF_TWENTY * areaSd(corners),
    accuracyM: median(walk.fixes.map((fix) => fix.accuracy)),
    gapM: distanceM(first, last),
  };
}

/**
 * Standard deviation of the area, m².
 *
 * The area is ½ Σ xᵢ (yᵢ₊₁ − yᵢ₋₁), so that independent errors σᵢ of the corners along both axes give
 * ½ √Σ σᵢ² dᵢ², with dᵢ the way from the corner before to the one after. σᵢ is the stated radius as Android means it, a
 * circle that holds 68 %. An error that all corners share moves the outline and leaves its area; what changes slowly on
 * the way round lies between the two.
 */
export function areaSd(corners: readonly Fix[]): number {
  const terms = corners.map((fix, at) => {
    const before = corners.at(at - 1) ?? fix;
    const after = corners[(at + 1) % corners.length] ?? fix;
    return ((fix.accuracy / CIRCLE_68) * distanceM(positionOf(before), positionOf(after))) ** 2;
  });
  return Math.sqrt(terms.reduce((sum, term) => sum + term, 0)) / 2;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const half = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(half) - 1] ?? NaN, sorted[Math.floor(half)] ?? NaN];
  return (low + high) / 2;
}
