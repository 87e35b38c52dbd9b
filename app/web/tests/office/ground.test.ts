import { describe, expect, it } from "vitest";
import { added, choseNext, chose, draftOf, EMPTY, moved, MOST_CORNERS, redone, removed, typedPosition, undone } from "../../src/office/ground/draft";
import { boundsOf, crossesItself, distanceM, distanceToGroundM, edges, isInside, planeAround, polygonAreaM2, ringAreaM2, shifted, toSegment, type Position, type Ring } from "../../src/office/ground/geodesy";
import { areaSd, cornersOf, median, NO_WALK, outlineOf, walked, WALK_RULES, type Fix, type Walk } from "../../src/office/ground/walk";

/** Areas by Karney's method (pyproj.Geod.polygon_area_perimeter, WGS 84), and the way from corner 1 to corner 3. */
const KNOWN: [number, number, number, number, number][] = [
  [116.39, 39.9, 0.001, 10919.533673554659, 140.14826914409383],
  [5, 51, 0.01, 897965.4021048546, 1315.4031727468393],
  [77, 0, 0.002, 56621.731563943984, 313.8069438300863],
  [20, 69.5, 0.02, 2005367.3265361786, 2364.069818492525],
  [-58, -34, 0.001, 11784.7537562881, 144.35658082112175],
];
const pent = (lon: number, lat: number, d: number): Ring => [[lon, lat], [lon + d, lat], [lon + d, lat + d], [lon + d * 0.4, lat + d * 1.3], [lon, lat + d]];
const AT: Position = [116.39, 39.9];
const square = (side: number, at: Position = AT): Ring => [at, shifted(at, side, 0), shifted(at, side, side), shifted(at, 0, side)];

describe("figures on the ellipsoid", () => {
  it.each(KNOWN)("agree with Karney's at %d, %d to a part in a hundred thousand", (lon, lat, d, area, way) => {
    const ring = pent(lon, lat, d);
    expect(Math.abs(ringAreaM2(ring) / area - 1)).toBeLessThan(1e-5);
    expect(ringAreaM2([...ring].reverse())).toBeCloseTo(ringAreaM2(ring), 3);
    expect(ringAreaM2([...ring, ring[0]!])).toBeCloseTo(ringAreaM2(ring), 3);
    expect(Math.abs(distanceM(ring[0]!, ring[2]!) / way - 1)).toBeLessThan(1e-3);
  });
  it("take holes off", () => {
    const hole = square(20, shifted(AT, 10, 10));
    expect(polygonAreaM2([square(100), hole])).toBeCloseTo(10_000 - 400, -1);
    expect(isInside(shifted(AT, 15, 15), [square(100), hole])).toBe(false);
    expect(isInside(shifted(AT, 50, 50), [square(100), hole])).toBe(true);
  });
  it("tell how far ground is, and 0 on it", () => {
    const ground = [[square(100)], [square(100, shifted(AT, 500, 0))]];
    expect(distanceToGroundM(shifted(AT, 50, 50), ground)).toBe(0);
    expect(distanceToGroundM(shifted(AT, 130, 50), ground)).toBeCloseTo(30, 0);
    expect(distanceToGroundM(shifted(AT, -30, -40), ground)).toBeCloseTo(50, 0);
    expect(distanceToGroundM(shifted(AT, 470, 20), ground)).toBeCloseTo(30, 0);
  });
  it("see a border that crosses itself", () => {
    const [a, b, c, d] = square(100) as [Position, Position, Position, Position];
    expect(crossesItself([a, b, c, d])).toBe(false);
    expect(crossesItself([a, c, b, d])).toBe(true);
    expect(crossesItself([a, b, c])).toBe(false);
    expect(boundsOf([])).toBeNull();
  });
});

describe("a draft", () => {
  const three = [[1, 1], [2, 1], [2, 2]] as const;
  it("takes a corner after the chosen one, moves and removes it, and goes back and forth", () => {
    let draft = three.reduce<typeof EMPTY>((so_far, corner) => added(so_far, corner), EMPTY);
    draft = added(chose(draft, 0), [1.5, 1]);
    expect([draft.corners, draft.chosen]).toEqual([[[1, 1], [1.5, 1], [2, 1], [2, 2]], 1]);
    const away = removed(moved(draft, 1, [1.5, 0.9]), 1);
    expect([away.corners, away.chosen]).toEqual([three, 0]);
    const back = undone(undone(away));
    expect(back.corners).toEqual(draft.corners);
    expect(redone(redone(back)).corners).toEqual(away.corners);
    expect(redone(added(back, [3, 3])).corners).toHaveLength(5);
    expect(undone(EMPTY)).toBe(EMPTY);
  });
  it("goes round its corners and holds no more than the service takes", () => {
    const draft = draftOf(three);
    expect([1, 1, 1, 1, -1].reduce<[number | null, typeof draft]>(([, at], by) => { const to = choseNext(at, by as 1 | -1); return [to.chosen, to]; }, [null, draft])[0]).toBe(2);
    const full = draftOf(Array.from({ length: MOST_CORNERS }, (_, at): Position => [at / 1e5, 0]));
    expect(added(full, [1, 1])).toBe(full);
  });
  it.each([["116.3913, 39.9075", [116.3913, 39.9075]], [" -58.4，-34.6 ", [-58.4, -34.6]], ["5 51", [5, 51]], ["39.9075", null], ["181, 2", null], ["x, 2", null], ["5,", null], ["", null]])("reads %j", (text, position) => {
    expect(typedPosition(text)).toEqual(position);
  });
});

const fixAt = (east: number, north: number, seconds: number, accuracy = 5): Fix => {
  const [lon, lat] = shifted(AT, east, north);
  return { lon, lat, accuracy, at: seconds * 1000 };
};
const walkOf = (...fixes: Fix[]): Walk => fixes.reduce((walk, fix) => walked(walk, fix), NO_WALK);

describe("a walk", () => {
  it("leaves out what the phone itself says is vague, what stands still and what jumps", () => {
    const walk = walkOf(fixAt(0, 0, 0), fixAt(1, 0, 1), fixAt(1, 1, 2, 3), fixAt(12, 0, 10), fixAt(200, 0, 11), fixAt(20, 0, 12, 40), fixAt(22, 0, 18));
    expect(walk.counts).toEqual({ kept: 3, inaccurate: 1, same: 1, better: 1, jump: 1 });
    expect(walk.fixes.map((fix) => fix.accuracy)).toEqual([3, 5, 5]);
    expect(walked(NO_WALK, { ...fixAt(0, 0, 0), accuracy: NaN }).counts.inaccurate).toBe(1);
  });
  it("believes a jump that stays: the phone had the wrong place before", () => {
    const far = [1, 2, 3, 4, 5, 6].map((second) => fixAt(300, second * 4, second));
    const walk = walkOf(fixAt(0, 0, 0), ...far);
    expect([walk.counts.jump, walk.counts.kept, walk.jumps]).toEqual([5, 2, 0]);
  });
  it("walks a square and knows its area and how far to trust it", () => {
    const sides = [...Array(10).keys()].map((step) => step * 10);
    const round = [...sides.map((m) => [m, 0]), ...sides.map((m) => [100, m]), ...sides.map((m) => [100 - m, 100]), ...sides.map((m) => [0, 100 - m])];
    const walk = walkOf(...round.map(([x, y], at) => fixAt(x!, y!, at * 8)));
    const outline = outlineOf(walk)!;
    expect(outline.ring).toHaveLength(4);
    expect(outline.areaM2).toBeCloseTo(10_000, -1);
    expect(outline.gapM).toBeCloseTo(10, 0);
    // ½ √(4 · σ² · (100 √2)²) = 100 √2 σ
    expect(areaSd([fixAt(0, 0, 0), fixAt(100, 0, 1), fixAt(100, 100, 2), fixAt(0, 100, 3)])).toBeCloseTo((100 * Math.SQRT2 * 5) / 1.5152, 0);
    expect(outline.errorM2).toBeCloseTo(1.96 * 466.7, -1);
    expect(outlineOf(walkOf(fixAt(0, 0, 0), fixAt(50, 0, 40)))).toBeNull();
  });
  it("has an area error as chance makes it", () => {
    let state = 7;
    const uniform = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
    const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    const sigma = 5 / 1.5152;
    const corners = [[0, 0], [120, 10], [150, 90], [60, 140], [-20, 70]];
    const areas = Array.from({ length: 4000 }, () => ringAreaM2(corners.map(([x, y]) => shifted(AT, x! + sigma * normal(), y! + sigma * normal()))));
    const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length;
    const sd = Math.sqrt(areas.reduce((sum, area) => sum + (area - mean) ** 2, 0) / (areas.length - 1));
    expect(Math.abs(areaSd(corners.map(([x, y], at) => fixAt(x!, y!, at))) / sd - 1)).toBeLessThan(0.05);
  });
  it("is simplified so that no fix lies further from the outline than the tolerance", () => {
    const ring = Array.from({ length: 200 }, (_, at): Position => {
      const angle = (at / 200) * 2 * Math.PI;
      return shifted(AT, (80 + 10 * Math.sin(5 * angle)) * Math.cos(angle), (80 + 10 * Math.sin(5 * angle)) * Math.sin(angle));
    });
    const kept = cornersOf(ring, WALK_RULES.toleranceM).map((at) => ring[at]!);
    expect(kept.length).toBeLessThan(60);
    const flat = planeAround(AT);
    for (const point of ring) expect(Math.min(...edges(kept).map(([one, other]) => toSegment(flat(point), flat(one), flat(other))))).toBeLessThanOrEqual(2.01);
    expect(cornersOf(ring, 0)).toHaveLength(200);
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  });
});
