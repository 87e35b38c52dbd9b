import { describe, expect, it } from "vitest";
import { Speech } from "../../src/i18n";
import { OFFICE_DICTIONARIES } from "../../src/office/words";
import type { Corners, ListedSite, SitePage } from "../../src/office/sites/answers";
import { groundPixels } from "../../src/office/sites/backdrop";
import { dueMarks, lookPoints, progressAxis, reportedAt, reportedOf, spanOf, topOf } from "../../src/office/sites/curve";
import { reachedText } from "../../src/office/sites/facts";
import { failureRemedy, failureShort, failureText } from "../../src/office/sites/failures";
import { linesIn, stepOf } from "../../src/office/sites/graticule";
import { degreesText } from "../../src/office/sites/mapcard";
import { amount, capacityNotes, capacityText, countryName, outsideNote } from "../../src/office/sites/measures";
import { earlierText, meterProblem } from "../../src/office/sites/meters";
import { firstAndLast, newestClear, pathOf, placeOn } from "../../src/office/sites/placing";
import { readout } from "../../src/office/sites/progress";
import { barText } from "../../src/office/sites/progressbar";
import { askedOf, EVERY_SITE, inOrder, KINDS, readSieve, sieveAddress, siftsSites, sortedBy, STANDINGS } from "../../src/office/sites/sieve";
import { borders, boundsOf, sitePoints, signs, sizeOf } from "../../src/office/sites/signs";
import { KIND_SHAPES, STANDING_COLOURS, STANDING_SHAPES } from "../../src/office/sites/standing";
import { summaryOf } from "../../src/office/sites/summary";
import { daysBetween, nextText, remarks } from "../../src/office/sites/table";
import { stopText } from "../../src/office/sites/watching";
import { figure } from "../../src/office/parcel/evidence";
import { secondsOf } from "../../src/office/parcel/season";

const english = new Speech("en", OFFICE_DICTIONARIES);
const chinese = new Speech("zh", OFFICE_DICTIONARIES);

function rowOf(site_id: string, more: Partial<ListedSite> = {}): ListedSite {
  return {
    site_id,
    name: null,
    kind: "solar",
    unit_code: "010",
    unit_name: "North",
    capacity_mw: 40,
    area_ha: 45,
    complete_due: "2026-10-30",
    facility: null,
    standing: "on_track",
    as_of: "2026-11-09",
    seen_on: "2026-10-30",
    planned: 1,
    low: 0.5,
    share: 0.6,
    high: 0.7,
    reached: ["cleared"],
    next: { kind: "complete", due: "2026-10-30" },
    alerts: 0,
    unseen_because: null,
    ended_on: null,
    mounting: null,
    country: null,
    lon: 115.6,
    lat: 33.4,
    outline: { type: "Polygon", coordinates: [[[115.59, 33.39], [115.61, 33.39], [115.61, 33.41], [115.59, 33.41], [115.59, 33.39]]] },
    ...more,
  };
}

describe("the address of the list", () => {
  const whole = { kind: "wind", standing: "watch", text: "a & b", stopped: true, sort: "next", down: true } as const;
  it("comes back as it was written, and asks the service for its filters alone", () => {
    expect(readSieve(sieveAddress(whole).split("?")[1] ?? "")).toEqual(whole);
    expect(askedOf(whole)).toBe("kind=wind&standing=watch&q=a+%26+b&stopped=true");
    expect([siftsSites(whole), siftsSites({ ...EVERY_SITE, sort: "next" })]).toEqual([true, false]);
    expect(sieveAddress(EVERY_SITE)).toBe("#/sites");
  });
  it.each(["kind=coal", "standing=info", "sort=colour", "stopped=1", "down=yes", "q=++"])("does without %s", (query) => expect(readSieve(query)).toEqual(EVERY_SITE));
});

describe("the order of the list", () => {
  const sites = [rowOf("s10", { share: null, standing: "unseen" }), rowOf("s2", { share: 0.2, standing: "action", alerts: 2 }), rowOf("s1", { share: 0.2, next: null, name: "Alpha" })];
  const ids = (sort: Parameters<typeof sortedBy>[1], down = false): string[] => inOrder(sites, { ...EVERY_SITE, sort, down }).map(({ site_id }) => site_id);
  it("puts the gravest first, numbers as numbers, equals by their id", () => {
    expect(ids("standing")).toEqual(["s2", "s1", "s10"]);
    expect(ids("alerts")).toEqual(["s2", "s1", "s10"]);
    expect(ids("site")).toEqual(["s1", "s2", "s10"]);
  });
  it("keeps what is not known last either way", () => {
    expect([ids("progress"), ids("progress", true)].map((order) => order.at(-1))).toEqual(["s10", "s10"]);
    expect(ids("next", true).at(-1)).toBe("s1");
  });
  it("turns round when a head is pressed again", () => {
    expect(sortedBy(EVERY_SITE, "standing").down).toBe(true);
    expect(sortedBy({ ...EVERY_SITE, down: true }, "seen")).toEqual({ ...EVERY_SITE, sort: "seen", down: false });
  });
});

const SOLAR = {
  kind: "solar",
  built_ha: 10,
  points: [],
  planned_curve: [["2026-01-01", 0], ["2026-03-01", 1]],
  detail: null,
  watches: [{ watch_id: "w", as_of: "2026-02-09", seen_on: "2026-02-05", planned: 0.6, low: 0.2, share: 0.3, high: 0.5, standing: "warning" }],
  looks: [
    { day: "2026-02-05", measure: "panels_m2", value: 31_000, error: 900, clear_share: 1 },
    { day: "2026-01-20", measure: "panels_m2", value: 1_000, error: 900, clear_share: 0.3 },
    { day: "2026-01-20", measure: "cleared_m2", value: 90_000, error: 900, clear_share: 0.3 },
  ],
  milestones: [
    { kind: "complete", due: "2026-03-01", draws: 0.5, after: null, by: null },
    { kind: "cleared", due: "2026-01-05", draws: 0.5, after: "2026-01-10", by: "2026-01-20" },
  ],
  as_of: "2026-02-09",
} as const satisfies Partial<SitePage> as unknown as SitePage;

describe("the curve of a site", () => {
  it("shows looks as shares of the ground that is to be built on, by day", () => {
    expect(lookPoints(SOLAR).map(({ day, share, clear }) => [day, share, clear])).toEqual([["2026-01-20", 0.01, 0.3], ["2026-02-05", 0.31, 1]]);
    expect(lookPoints({ ...SOLAR, built_ha: null })).toEqual([]);
    const detail = { whole: { least: 50_000, usual: 62_000, most: 80_000, basis: "capacity" } } as NonNullable<SitePage["detail"]>;
    expect(lookPoints({ ...SOLAR, built_ha: null, detail }).at(-1)?.share).toBe(0.5);
  });
  it("counts turbines half by pads and half by towers, on days that tell both", () => {
    const look = (day: string, measure: "pads" | "turbines", value: number) => ({ day, measure, value, error: 0, clear_share: measure === "pads" ? 0.9 : 0.6 });
    const looks = [look("2026-01-01", "pads", 2), look("2026-01-01", "turbines", 1), look("2026-01-11", "pads", 3)];
    const farm = { ...SOLAR, kind: "wind" as const, points: [[1, 2], [3, 4]] as [number, number][], looks };
    expect(lookPoints(farm)).toEqual([{ day: "2026-01-01", seconds: secondsOf("2026-01-01"), share: 0.75, clear: 0.6 }]);
    expect(lookPoints({ ...farm, points: [] })).toEqual([]);
  });
  it("reports what the latest watch says of every look, else what each watch said; days without figures leave no gap", () => {
    expect(reportedOf(SOLAR)).toEqual([["2026-02-05", 0.2, 0.3, 0.5]]);
    const detail = { curve: [["2026-01-20", 0, 0.01, 0.1], ["2026-01-30", null, null, null]] } as unknown as NonNullable<SitePage["detail"]>;
    expect(reportedOf({ detail, watches: SOLAR.watches })).toEqual([["2026-01-20", 0, 0.01, 0.1]]);
  });
  it("has one axis of all days, and says what was reported by then", () => {
    const axis = progressAxis(SOLAR);
    expect(axis.seconds).toEqual(["2026-01-01", "2026-01-20", "2026-02-05", "2026-03-01"].map(secondsOf));
    expect(axis.planned).toEqual([0, undefined, undefined, 1]);
    expect(reportedAt(axis, secondsOf("2026-01-31"))).toBeNull();
    expect(reportedAt(axis, secondsOf("2026-02-28"))).toEqual({ low: 0.2, share: 0.3, high: 0.5 });
    expect(topOf(axis, lookPoints(SOLAR))).toBe(1);
    expect(topOf(axis, [{ day: "", seconds: 0, share: 1.31, clear: 1 }])).toBe(1.4);
  });
  it("marks milestones by their planned day, and holds them all", () => {
    const marks = dueMarks(SOLAR);
    expect(marks.map(({ kind, reached }) => [kind, reached])).toEqual([["cleared", [secondsOf("2026-01-10"), secondsOf("2026-01-20")]], ["complete", null]]);
    const [first, last] = spanOf(progressAxis(SOLAR), marks, "2026-04-01");
    expect(first).toBeLessThan(secondsOf("2026-01-01"));
    expect(last).toBeGreaterThan(secondsOf("2026-04-01"));
  });
  it("is read out look by look", () => {
    const text = readout(secondsOf("2026-02-05"), progressAxis(SOLAR), lookPoints(SOLAR), english);
    expect(text).toBe("5 Feb 2026: 31% measured (100% clear); reported 30%, between 20% and 50% · 59% planned");
    expect(readout(secondsOf("2026-01-20"), progressAxis(SOLAR), lookPoints(SOLAR), chinese)).toBe("2026年1月20日：实测1%（晴空30%） · 计划32%");
  });
});

describe("places on a picture", () => {
  /** A square of 1 km at 33.4 N, turned a little as grids of UTM are off their middle meridian. */
  const corners: Corners = [[115.6, 33.409], [115.6107, 33.4091], [115.6108, 33.4001], [115.6001, 33.4]];
  it("find its corners and its middle", () => {
    const [u, v] = corners.map((corner) => placeOn(corners, corner)).flat().reduce(([a, b]: number[], each, at) => (at % 2 ? [a ?? 0, (b ?? 0) + each] : [(a ?? 0) + each, b ?? 0]), [0, 0]);
    expect([u, v].map((sum) => (sum ?? 0).toFixed(9))).toEqual(["2.000000000", "2.000000000"]);
    const middle: [number, number] = [(115.6 + 115.6107 + 115.6108 + 115.6001) / 4, (33.409 + 33.4091 + 33.4001 + 33.4) / 4];
    expect(placeOn(corners, middle).map((part) => part.toFixed(6))).toEqual(["0.500000", "0.500000"]);
  });
  it("are less than 0 or more than 1 outside", () => {
    const [u, v] = placeOn(corners, [115.59, 33.42]);
    expect([u < 0, v < 0]).toEqual([true, true]);
  });
  it("draw rings of polygons, holes too, and nothing of points", () => {
    const ring = [...corners, corners[0]];
    expect(pathOf({ type: "Polygon", coordinates: [ring, ring] }, corners, 100, 50)).toBe("M0.00 0.00L100.00 0.00L100.00 50.00L0.00 50.00L0.00 0.00Z".repeat(2).replaceAll("-0.00", "0.00"));
    expect(pathOf({ type: "MultiPoint", coordinates: [...corners] }, corners, 100, 50)).toBe("");
  });
  it("begin with the first clear day and the last", () => {
    const days = [{ day: "a", clear_share: 0.2 }, { day: "b", clear_share: 0.9 }, { day: "c", clear_share: 0.8 }, { day: "d", clear_share: 0.1 }];
    expect(firstAndLast(days, 0.5)).toEqual(["b", "c"]);
    expect(firstAndLast(days, 0.95)).toEqual(["a", "d"]);
    expect(firstAndLast([], 0.5)).toBeNull();
    expect([newestClear(days), newestClear([{ day: "x", clear_share: 0 }]), newestClear([])]).toEqual(["c", "x", null]);
  });
});

describe("words of a site", () => {
  it("say what is not known and never show it as nothing", () => {
    const nothing = { planned: null, low: null, share: null, high: null };
    expect(barText(nothing, english)).toBe("How much is built is not known");
    expect(barText({ ...nothing, planned: 0.4 }, chinese)).toBe("已建比例不详；计划40%");
    expect(barText({ ...nothing, low: 0, share: 0.005, high: 0.1 }, english)).toBe("1% built, between 0% and 10%");
    expect(barText(rowOf("s"), english)).toBe("60% built, between 50% and 70%; 100% planned");
  });
  it("count days to the next milestone from the day of the list", () => {
    expect(daysBetween("2026-11-09", "2026-10-30")).toBe(-10);
    expect(nextText(rowOf("s"), "2026-11-09", english)).toBe("Complete, 30 Oct 2026 (10 days ago)");
    expect(nextText(rowOf("s"), null, chinese)).toBe("建成，计划于2026年10月30日");
    expect(nextText(rowOf("s", { next: null }), null, english)).toBe("all reached");
  });
  it("tell between which looks a milestone was reached, and how late one is that was not", () => {
    const due = "2026-10-30";
    expect(reachedText({ due, after: "2026-10-01", by: "2026-10-11" }, "2026-11-09", english)).toBe("between 1 Oct 2026 and 11 Oct 2026");
    expect(reachedText({ due, after: null, by: "2026-10-11" }, "2026-11-09", english)).toBe("by 11 Oct 2026");
    expect(reachedText({ due, after: null, by: null }, "2026-11-09", english)).toBe("not yet seen, 10 days after the planned day");
    expect(reachedText({ due, after: null, by: null }, "2026-10-30", english)).toBe("not yet seen");
    expect(reachedText({ due, after: null, by: null }, null, chinese)).toBe("尚未见到");
  });
  it("give areas in hectares and turbines as numbers", () => {
    expect(amount("panels_m2", 233_500, english)).toBe("23.35 ha");
    expect(amount("pads", 1.26, chinese)).toBe("1.3");
  });
});

describe("values of alerts", () => {
  it("are said in their unit", () => {
    expect([figure(0.253, "share", english), figure(15_400.4, "m2", english), figure(0.253, "ndvi", english), figure(null, "m2", chinese)]).toEqual(["25%", "15,400 m²", "0.25", "不详"]);
  });
});

describe("a meter reading", () => {
  const good = { starts_on: "2026-10-01", ends_on: "2026-10-31", energy_kwh: 0, source: "meter 7", as_of: "2026-10-31" };
  it("is whole and its days are in order before it is sent", () => {
    expect(meterProblem(good)).toBeNull();
    expect(meterProblem({ ...good, source: "" })).toBe("sitesMeterMissing");
    expect([NaN, -1, Infinity].map((energy_kwh) => meterProblem({ ...good, energy_kwh }))).toEqual(Array(3).fill("sitesMeterNumber"));
    expect(meterProblem({ ...good, ends_on: "2026-09-30" })).toBe("sitesMeterOrder");
    expect(meterProblem({ ...good, as_of: "2026-10-30" })).toBe("sitesMeterEarly");
  });
});

describe("signs of sites", () => {
  it("differ by shape for each type and each standing", () => {
    expect(new Set(Object.values(KIND_SHAPES)).size).toBe(KINDS.length);
    expect(new Set(Object.values(STANDING_SHAPES)).size).toBe(STANDINGS.length);
    expect(new Set(Object.values(STANDING_COLOURS)).size).toBe(STANDINGS.length);
    expect(new Set(signs().map(({ name }) => name)).size).toBe(KINDS.length * STANDINGS.length);
  });
  it("lie where sites do, the gravest over the others", () => {
    const [point] = sitePoints([rowOf("s", { kind: "wind", standing: "action" })]);
    expect(point?.geometry.coordinates).toEqual([115.6, 33.4]);
    expect(point?.properties).toMatchObject({ sign: "site-wind-action", order: 0, site: "s" });
  });
  it("have borders in the colour of their standing, which a view of all of them holds", () => {
    const far: ListedSite["outline"] = { type: "MultiPolygon", coordinates: [[[[3, -1], [4, -1], [4, 0], [3, -1]]]] };
    const both = [rowOf("a", { outline: far, standing: "watch" }), rowOf("b")];
    expect(borders(both).map(({ properties }) => properties)).toEqual([{ site: "a", colour: STANDING_COLOURS.watch }, { site: "b", colour: STANDING_COLOURS.on_track }]);
    expect(boundsOf(both)).toEqual([3, -1, 115.61, 33.41]);
    expect(boundsOf([])).toBeNull();
  });
  it("are as large as their border is in the view", () => {
    const degree = (lat: number): ListedSite["outline"] => ({ type: "Polygon", coordinates: [[[10, lat], [11, lat], [11, lat + 0.01], [10, lat]]] });
    expect(sizeOf({ outline: degree(0) }, 0)).toBeCloseTo(512 / 360, 6);
    expect(sizeOf({ outline: degree(60) }, 8)).toBeCloseTo((512 * 256) / 360, 3);
    const high: ListedSite["outline"] = { type: "Polygon", coordinates: [[[10, 59.5], [10.001, 59.5], [10, 60.5], [10, 59.5]]] };
    expect(sizeOf({ outline: high }, 0)).toBeCloseTo((2 * 512) / 360, 2);
  });
});

describe("lines of degrees", () => {
  it("are few at every zoom, on round numbers, the same step both ways", () => {
    for (const wide of [0.004, 0.03, 0.4, 7, 100]) {
      const lines = linesIn([115.61 - wide / 2, 33.37 - wide / 4, 115.61 + wide / 2, 33.37 + wide / 4]);
      const lons = lines.filter(({ axis }) => axis === "lon").map(({ degrees }) => degrees);
      expect(lons.length, String(wide)).toBeGreaterThanOrEqual(1);
      expect(lons.length, String(wide)).toBeLessThanOrEqual(5);
      for (const degrees of lons) expect(degrees / stepOf(wide)).toBeCloseTo(Math.round(degrees / stepOf(wide)), 6);
    }
    expect(stepOf(0.4)).toBe(0.1);
  });
  it("never leave the map", () => expect(linesIn([-180, -90, 180, 90]).filter(({ axis }) => axis === "lat").every(({ degrees }) => Math.abs(degrees) <= 85)).toBe(true));
  it("are told by their half of the world", () => {
    expect([degreesText("lon", 115.6, english), degreesText("lon", -3.705, english), degreesText("lat", 0.5, english), degreesText("lat", -33, chinese)]).toEqual(["115.6° E", "3.705° W", "0.5° N", "南纬33°"]);
  });
});

describe("parcels beneath the sites", () => {
  it("are ground where any is known and clear elsewhere", () => {
    const pixels = groundPixels(new Uint8Array([255, 0, 3]));
    expect([3, 7, 11].map((at) => pixels[at] !== 0)).toEqual([false, true, true]);
  });
});

describe("a site in one line", () => {
  const page = { ...rowOf("s"), detail: null, watches: [], milestones: [] } as unknown as SitePage;
  const told = (more: Partial<SitePage>, speech = english): string => summaryOf({ ...page, ...more }, speech);
  it("says how much is built, against what was planned, and what is late", () => {
    const behind = { low: 0.58, share: 0.64, high: 0.71, planned: 0.8, seen_on: "2026-05-12", next: null };
    expect(told(behind)).toBe("58% to 71% built as of 12 May 2026; planned 80%: behind its plan.");
    expect(told(behind, chinese)).toBe("截至2026年5月12日已建58%至71%；计划80%：落后于计划。");
    expect(told({ ...behind, planned: 0.6 })).toContain("as planned, as far as ten metres can tell");
    expect(told({ ...behind, planned: 0.2 })).toContain("ahead of its plan");
    expect(told({ ...behind, planned: null })).toBe("58% to 71% built as of 12 May 2026.");
    expect(told({ ...behind, low: 0.7, high: 0.7 })).toContain("70% built as of");
    expect(told({})).toContain("Complete was planned for 30 Oct 2026, 10 days before the watch, and is not seen yet.");
    expect(told({ reached: ["complete"], low: 0.96, high: 1, next: null })).toBe("96% to 100% built as of 30 Oct 2026: complete.");
  });
  it("says why nothing is known, and what an earlier watch saw", () => {
    const unseen = { seen_on: null, low: null, share: null, high: null, planned: null, next: null };
    expect(told({ ...unseen, as_of: null })).toBe("No watch has looked at it yet, so nothing is known of what is built.");
    const detail = { failure: { code: "SITES_NO_PAST", message: "m" } } as NonNullable<SitePage["detail"]>;
    const watches = [{ ...SOLAR.watches[0]!, seen_on: "2026-02-05", low: 0.2, share: 0.3, high: 0.5 }, { ...SOLAR.watches[0]!, ...unseen }];
    expect(told({ ...unseen, detail, watches })).toBe("Fewer than three clear looks from before works began: there is nothing to compare with. An earlier watch saw 20% to 50% built as of 5 Feb 2026.");
    expect(told(unseen)).toBe("The newest watch did not see it.");
  });
});

describe("why a site was not seen", () => {
  it("is said in words, for codes that nobody foresaw too", () => {
    expect(failureShort("SITES_NO_SCENES", english)).toBe("no clear scene");
    expect(failureText("SITES_TOO_LARGE", chinese)).toContain("内存");
    expect(failureRemedy("UNREADABLE_RASTER", english)).toContain("tries again");
    expect(remarks(rowOf("s", { standing: "unseen", unseen_because: "SITES_NO_PAST" }), english)).toEqual(["no past to compare with"]);
    expect(remarks(rowOf("s", { standing: "unseen", as_of: null, ended_on: "2026-11-10" }), english)).toEqual(["not watched yet", "No longer watched since 10 Nov 2026"]);
    expect(remarks(rowOf("s"), english)).toEqual([]);
  });
});

describe("what ground may hold", () => {
  const held = { low: 2.6, high: 8.1, low_by_ha: 0.37, high_by_ha: 0.87, basis: "b", source: "A 2022; B 2021", checked: true, mounting: "fixed", country: "IN", planned: "within" } as const;
  it("names country, stands and source in the language of the page", () => {
    expect(capacityText(held, english)).toBe("2.6 – 8.1 MW");
    expect(capacityNotes(held, english)).toEqual(["At 0.37 to 0.87 MW a hectare, as reported of India; mounting: fixed tilt. A range of reported densities, not a measurement. Source: A 2022; B 2021."]);
    expect(capacityNotes({ ...held, country: null, mounting: null }, chinese)[0]).toContain("按全球公开密度");
    expect(capacityNotes({ ...held, checked: false }, english)[1]).toBe("Not all of these sources were read in the original.");
    expect(countryName("CN", chinese)).toBe("中国");
  });
  it("says where the plan lies outside", () => {
    expect(outsideNote({ planned: "above" }, 12, english)).toBe("The planned 12.0 MW are more than such ground is reported to hold.");
    expect(outsideNote({ planned: "below" }, 1, chinese)).toContain("低于");
    expect([outsideNote({ planned: "within" }, 1, english), outsideNote({ planned: null }, 1, english), outsideNote({ planned: "above" }, null, english)]).toEqual([null, null, null]);
  });
  it("says of an older watch what that one rested on", () => {
    const old = { ...held, low_by_ha: null, high_by_ha: null, source: null, checked: null, planned: null };
    expect(capacityNotes(old, english)[0]).toContain("mean density of whole solar outlines");
  });
});

describe("what stays readable", () => {
  it("is who stopped a site and why, where that was kept", () => {
    const stop = { stopped_at: "2026-11-20T10:00:00Z", stopped_by: "rita", reason: "repaid" };
    expect(stopText(stop, english)).toBe("Stopped 20 Nov 2026 by rita: repaid");
    expect(stopText({ ...stop, stopped_by: null, reason: null }, english)).toBe("Stopped 20 Nov 2026");
  });
  it("is what a meter said before it was corrected", () => {
    const word = { energy_kwh: 18_250, as_of: "2026-10-30", recorded_at: "2026-11-01T08:00:00Z", recorded_by: "olga" };
    expect(earlierText(word, english)).toBe("Corrected: 18,250 kWh was said on 30 Oct 2026 (entered by olga)");
    expect(earlierText({ ...word, recorded_by: null }, chinese)).toBe("已更正：2026年10月30日曾报18,250千瓦时");
  });
});
