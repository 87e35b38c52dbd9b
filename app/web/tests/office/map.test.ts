import { describe, expect, it } from "vitest";
import { classesOf, cellPixels, hatchesIn, leftOver, paint, PATTERNS, rowsOf, UNKNOWN } from "../../src/office/map/classes";
import { levelOf, markPoints } from "../../src/office/map/marks";
import { dayBefore, dayNamed, daysOf, rastersOf } from "../../src/office/map/pictures";
import { covering, numbersOf, squareZoom } from "../../src/office/map/squares";
import { States } from "../../src/office/map/states";
import { EVERYTHING, mapAddress, narrows, parcelOnMap, readView, sieveQuery, START, writeView, type View } from "../../src/office/map/view";
import type { Imagery, Raster } from "../../src/office/map/asking";

describe("the address of a view", () => {
  const whole: View = {
    at: { lat: 35.12346, lon: 116.2, zoom: 13.25 },
    by: "crop",
    parcel: "a/b c",
    sieve: { levels: ["action", "watch"], crops: ["maize", "wheat"], statuses: ["CLOUDY"], unit: "010", mine: true },
    picture: "ndvi",
    date: "2026-05-14",
    beside: "2026-06-01",
  };

  it("comes back as it was written", () => {
    expect(readView(writeView(whole))).toEqual(whole);
    expect(mapAddress(whole)).toContain("#/map?at=35.12346,116.2,13.25&by=crop");
    expect(readView(writeView({ ...START, date: "none" })).date).toBe("none");
  });

  it("leaves out what is as usual", () => {
    expect(mapAddress(START)).toBe("#/map");
    expect(parcelOnMap("p 1")).toBe("#/map?parcel=p+1");
  });

  it.each(["at=1,2", "at=91,0,3", "at=,,", "at=1,2,x", "by=colour", "date=2026-13-01", "date=today", "level=high", "status=ok", "picture=x"])("does without %s", (query) => {
    expect(readView(query)).toEqual(START);
  });

  it("says filters to the service in its own words", () => {
    expect(sieveQuery(whole.sieve)).toBe("level=action&level=watch&crop=maize&crop=wheat&status=CLOUDY&unit=010&mine=true");
    expect(narrows(EVERYTHING)).toBe(false);
    expect(narrows({ ...EVERYTHING, mine: true })).toBe(true);
  });
});

describe("squares", () => {
  it("cover what a view touches and no more", () => {
    expect(covering([-180, -85, 180, 85], 1)).toEqual(["1/0/0", "1/0/1", "1/1/0", "1/1/1"]);
    expect(covering([116.2, 35.1, 116.2, 35.1], 13)).toEqual(["13/6740/3242"]);
    expect(covering([-180, -90, 180, 90], 0)).toEqual(["0/0/0"]);
  });

  it("are those of the nearest depth that there is", () => {
    expect([9.9, 13.5, 14.2, 18].map((zoom) => squareZoom(zoom, 13, 14))).toEqual([13, 13, 14, 14]);
  });

  it("name their parcels by their values, however these are written", () => {
    const value = (...bytes: number[]): number[] => [0x22, bytes.length, ...bytes];
    const name = [0x0a, 1, 0x70];
    const feature = [0x12, 2, 0x18, 3];
    const values = [...value(0x28, 0xac, 0x02), ...value(0x20, 7), ...value(0x30, 4)];
    const layer = [...name, ...feature, ...values, 0x28, 0x80, 0x20, 0x78, 2];
    expect([...numbersOf(Uint8Array.from([0x1a, layer.length, ...layer]))]).toEqual([300, 7, 2]);
    expect(numbersOf(new Uint8Array()).length).toBe(0);
    expect(() => numbersOf(Uint8Array.from([0x1a, 0x80]))).toThrow("ends within a number");
  });
});

const CROPS = [{ value: 1, key: "wheat", colour: "#112233" }, { value: 3, key: "maize", colour: "#445566" }];
const STATUSES = ["UNVERIFIED", "CLOUDY", "OK"].map((key, value) => ({ key, value }));
const classes = classesOf(CROPS, STATUSES);
const OK = 2;

describe("classes", () => {
  it("have codes of their own, from 1 up", () => {
    expect(classes.all.map(({ code }) => code)).toEqual(classes.all.map((_, at) => at + 1));
    expect(classes.all.length).toBeLessThan(256);
  });

  it("give every byte of every fact a class of that fact", () => {
    for (const [fact, codes] of Object.entries(classes.codeOf)) for (const code of codes) expect(classes.all[code - 1]?.fact).toBe(fact);
  });

  it("tell falls of a limit by a hatch as well, and rises by none", () => {
    const of = (byte: number) => classes.all[(classes.codeOf.limit[byte] ?? 0) - 1];
    expect([0, 69, 70, 89, 90, 99].map((byte) => of(byte)?.pattern)).toEqual(["horizontal", "horizontal", "diagonal", "diagonal", "sparse", "sparse"]);
    expect([100, 101, 200].map((byte) => of(byte)?.pattern)).toEqual(["none", "none", "none"]);
    expect(of(254)?.meaning.kind).toBe("newLimit");
    expect(of(UNKNOWN)?.meaning.kind).toBe("unknown");
  });

  it("hide what filters hide and hatch what is not decided", () => {
    const column = Uint8Array.from([1, 3, 1, UNKNOWN]);
    const painted = paint(classes, "crop", column, Uint8Array.from([1, 1, 0, 1]), Uint8Array.from([OK, 1, OK, 1]), OK);
    const sparse = PATTERNS.indexOf("sparse");
    expect([...painted.hatches]).toEqual([0, sparse, 0, 0]);
    expect(painted.codes[2]).toBe(0);
    expect(hatchesIn(painted)).toEqual([sparse]);
    expect(leftOver(Uint8Array.from([1, 1, 0, 1]), 4)).toBe(3);
    expect(leftOver(null, 4)).toBe(4);
  });

  it("are counted, the highest alert first and what is not known last", () => {
    const { codes } = paint(classes, "alert", Uint8Array.from([0, 0, 1, 4, 4, UNKNOWN]), null, null, OK);
    const said = rowsOf(classes, "alert", codes).map(({ class: { meaning }, count }) => [meaning.kind === "level" ? meaning.level : meaning.kind, count]);
    expect(said).toEqual([["action", 2], ["info", 1], [null, 2], ["unknown", 1]]);
  });

  it("colour cells, with a ground where parcels are of which nothing is known", () => {
    const pixels = cellPixels(classes, "crop", Uint8Array.from([1, UNKNOWN, UNKNOWN]), Uint8Array.from([2, 2, UNKNOWN]));
    expect([...pixels.slice(0, 4)]).toEqual([0x11, 0x22, 0x33, 255]);
    expect(pixels[7]).toBeGreaterThan(0);
    expect([...pixels.slice(8)]).toEqual([0, 0, 0, 0]);
  });
});

describe("states", () => {
  const sink = () => {
    const told: number[] = [];
    return { told, forgotten: 0, set: (number: number) => void told.push(number), forgetAll(): void { this.forgotten += 1; } };
  };
  const painted = { codes: new Uint8Array(100).fill(1), hatches: new Uint8Array(100) };

  it("are told once, and again only where something changed", () => {
    const heard = sink();
    const states = new States(100, heard);
    const square = Uint32Array.from([3, 4, 5]);
    expect(states.show([square], painted)).toBe(3);
    expect(states.show([square, square], painted)).toBe(0);
    const changed = { codes: painted.codes.slice(), hatches: painted.hatches.slice() };
    changed.codes[4] = 2;
    changed.codes[50] = 2;
    expect(states.show([square], changed)).toBe(1);
    expect(heard.told).toEqual([3, 4, 5, 4]);
  });

  it("are forgotten when many are kept that are no longer in view", () => {
    const heard = sink();
    const states = new States(100, heard, 5);
    for (const at of [0, 3, 6]) states.show([Uint32Array.from([at, at + 1, at + 2])], painted);
    expect(heard.forgotten).toBe(0);
    expect(states.show([Uint32Array.from([0, 1])], painted)).toBe(2);
    expect(heard.forgotten).toBe(1);
  });
});

describe("signs", () => {
  it("stand for bytes of the alert column", () => {
    expect([0, 1, 2, 3, 4, 5, 255].map(levelOf)).toEqual([null, "info", "watch", "warning", "action", null, null]);
  });

  it("lie where alerts do, the highest over the others", () => {
    const [point] = markPoints({ number: [9], alert: [4], lon: [4.5], lat: [51] });
    expect(point).toEqual({ type: "Feature", geometry: { type: "Point", coordinates: [4.5, 51] }, properties: { level: "action", order: -4, number: 9 } });
  });
});

describe("pictures", () => {
  const raster = (url: string, layer: string): Raster => ({ url, layer, tile_px: 512, max_zoom: 14, bounds: [0, 0, 1, 1], ramp: null });
  const run = (run_id: string, dates: [string, number][]): Imagery["runs"][number] => ({
    run_id,
    season_start: "2026-01-01",
    season_end: "2026-12-31",
    created_at: "2026-11-01T00:00:00Z",
    simulated: true,
    bounds: [0, 0, 1, 1],
    layers: [raster(`${run_id}/mosaic`, "mosaic")],
    dates: dates.map(([date, clear_share]) => ({ date, clear_share, scenes: [], layers: [raster(`${run_id}/${date}`, "true-colour"), raster(`${run_id}/${date}n`, "ndvi")] })),
  });
  const imagery: Imagery = { runs: [run("new", [["2026-05-01", 0.9], ["2026-06-01", 0.2]]), run("old", [["2026-05-01", 0.4], ["2026-04-01", 0.95]])] };
  const days = daysOf(imagery);

  it("come by day, those of several runs together", () => {
    expect(days.map(({ date, clear }) => [date, clear])).toEqual([["2026-04-01", 0.95], ["2026-05-01", 0.9], ["2026-06-01", 0.2]]);
    expect(rastersOf(imagery, days[1] ?? null, "ndvi").map(({ url }) => url)).toEqual(["old/2026-05-01n", "new/2026-05-01n"]);
  });

  it("begin with the newest clear day", () => {
    expect(dayNamed(days, null)?.date).toBe("2026-05-01");
    expect(dayNamed(days, "2026-04-01")?.date).toBe("2026-04-01");
    expect(dayNamed(days, "1999-01-01")?.date).toBe("2026-05-01");
    expect(dayNamed([], null)).toBeNull();
    expect(dayBefore(days, "2026-05-01")?.date).toBe("2026-04-01");
    expect(dayBefore(days, "2026-04-01")?.date).toBe("2026-05-01");
    expect(dayBefore(days.slice(0, 1), "2026-04-01")).toBeNull();
  });

  it("are the mosaic of the season where no day was made", () => {
    const bare = { runs: [run("new", [])] };
    expect(rastersOf(bare, dayNamed(daysOf(bare), null), "true-colour").map(({ url }) => url)).toEqual(["new/mosaic"]);
    expect(rastersOf(bare, null, "ndvi")).toEqual([]);
  });
});
