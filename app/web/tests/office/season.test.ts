import { describe, expect, it } from "vitest";
import type { Curve } from "../../src/office/answers";
import { axisOf, between, looksOf, marksOf, secondsOf, spreadOver, steppedTo, verdictOn } from "../../src/office/parcel/season";
import { CURVE } from "./fake";

const SMALL: Curve = {
  parcel_id: "P",
  run_id: "r",
  season: { id: "s", start: "2024-03-01", end: "2024-04-30" },
  looks: { date: ["2024-03-01", "2024-03-06", "2024-03-11", "2024-03-16"], ndvi: [0.2, 0.9, null, 0.5], clear_share: [1, 0.2, 0, 0.9] },
  expected: { date: ["2024-03-01", "2024-03-21"], low: [0.1, 0.3], high: [0.3, null] },
  neighbours: { count: 9, date: ["2024-03-16"], median: [0.4] },
  markers: [
    { kind: "peak", day: "2024-03-16", low: null, high: null },
    { kind: "end", day: "2023-10-10", low: null, high: null },
    { kind: "start", day: "2024-03-05", low: null, high: null },
  ],
};

describe("axis", () => {
  const axis = axisOf(SMALL);
  it("is the union of all days, in order", () => {
    expect(axis.seconds).toEqual(["2024-03-01", "2024-03-06", "2024-03-11", "2024-03-16", "2024-03-21"].map(secondsOf));
  });
  it("lets the line go on over looks that are not clear, and breaks it where a source lacks a figure", () => {
    expect(axis.ndvi).toEqual([0.2, undefined, undefined, 0.5, undefined]);
    expect(axis.high).toEqual([0.3, undefined, undefined, undefined, null]);
    expect(axis.neighbours).toEqual([undefined, undefined, undefined, 0.4, undefined]);
  });
  it("holds only looks where nothing is known of others", () => {
    const alone = axisOf({ ...SMALL, expected: null, neighbours: null });
    expect(alone.seconds).toHaveLength(4);
    expect(alone.low).toEqual([undefined, undefined, undefined, undefined]);
  });
  it("spreads a source without figures as gaps", () => expect(spreadOver(["a", "b"], ["b"], [])).toEqual([undefined, null]));
});

describe("between", () => {
  it("draws a straight line, and none outside or beside a gap", () => {
    expect(between([0, 10, 20], [1, undefined, 3], 10)).toBe(2);
    expect(between([0, 10, 20], [1, undefined, 3], 20)).toBe(3);
    expect(between([0, 10], [1, 2], 11)).toBeNull();
    expect(between([5, 10], [1, 2], 4)).toBeNull();
    expect(between([0, 10], [1, null], 5)).toBeNull();
  });
});

describe("verdict", () => {
  const axis = axisOf(SMALL);
  const looks = looksOf(SMALL);
  it("is of clear looks only, against the band of their day", () => {
    expect(looks.map((look) => verdictOn(look, axis))).toEqual(["within", "unknown", "unknown", "within"]);
    expect(verdictOn({ ...looks[0]!, ndvi: 0.05 }, axis)).toBe("below");
    expect(verdictOn({ ...looks[0]!, ndvi: 0.4 }, axis)).toBe("above");
  });
  it("finds the fall of the made-up season", () => {
    const fallen = looksOf(CURVE).filter((look) => verdictOn(look, axisOf(CURVE)) === "below");
    expect(fallen.map((look) => look.day)).toEqual(["2024-06-04", "2024-06-14", "2024-07-04", "2024-07-14"]);
  });
});

describe("keys", () => {
  it("lead from look to look and stop at the ends", () => {
    expect(steppedTo("ArrowRight", null, 3)).toBe(0);
    expect(steppedTo("ArrowLeft", null, 3)).toBe(2);
    expect(steppedTo("ArrowRight", 2, 3)).toBe(2);
    expect(steppedTo("ArrowLeft", 0, 3)).toBe(0);
    expect([steppedTo("Home", 2, 3), steppedTo("End", null, 3)]).toEqual([0, 2]);
    expect([steppedTo("Tab", 1, 3), steppedTo("End", null, 0)]).toEqual([null, null]);
  });
});

describe("markers", () => {
  it("are those within the season, by day", () => expect(marksOf(SMALL).map((mark) => mark.kind)).toEqual(["start", "peak"]));
});
