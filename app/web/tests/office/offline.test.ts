import { describe, expect, it } from "vitest";
import { filesOf, type Bundle } from "../../officefiles";
import { answerOf, cacheName, oldCaches } from "../../src/office/offline";
import { aheadOf, goneAt, stands, type Along } from "../../src/office/visits/away";
import { filledOf, instantOf, localOf, refusedSubject } from "../../src/office/visits/correcting";
import { fitted, MOST_PIXELS } from "../../src/office/visits/photo";
import { newEntry, type VisitSaid } from "../../src/office/visits/queue";
import { causeNeeded, emptyForm, lossOf, missingOf, saidOf } from "../../src/office/visits/said";
import { sameCode, taskNamed } from "../../src/office/visits/situation";
import { barOf, pathOf } from "../../src/office/ground/sketch";
import type { WeekTask } from "../../src/office/visits/away";

const HOME = "https://bank.example";

describe("the service worker", () => {
  it.each([
    ["GET", "navigate", "/", "page"],
    ["GET", "navigate", "/?lang=zh", "page"],
    ["GET", "no-cors", "/assets/office-BnT2XBDZ.js", "file"],
    ["GET", "no-cors", "/assets/patterns--S9olhOP.css", "file"],
    ["GET", "cors", "/api/v1/visits/week", "network"],
    ["GET", "navigate", "/api/v1/visits/3/photo", "network"],
    ["POST", "cors", "/", "network"],
    ["GET", "cors", "/assets/../api/v1/me", "network"],
    ["GET", "cors", "/favicon.svg", "network"],
    ["GET", "cors", "https://other.example/assets/office-BnT2XBDZ.js", "network"],
  ])("answers %s %s %s from: %s", (method, mode, url, from) => {
    expect(answerOf(method, mode, new URL(url, HOME).href, HOME)).toBe(from);
  });
  it("names a cache by its files and drops those of earlier builds only", () => {
    const name = cacheName(["/", "/assets/a-12345678.js"]);
    expect(name).toMatch(/^acreline-[0-9a-f]{8}$/);
    expect(cacheName(["/", "/assets/a-12345679.js"])).not.toBe(name);
    expect(oldCaches([name, "acreline-0", "other"], name)).toEqual(["acreline-0"]);
  });
  it("is told what the office imports, and not what it loads later for maps", () => {
    const chunk = (name: string, imports: string[] = [], later: string[] = [], css: string[] = []): Bundle[string] => ({
      type: "chunk", name, fileName: `assets/${name}.js`, isEntry: name === "office" || name === "sw", imports: imports.map((each) => `assets/${each}.js`),
      dynamicImports: later.map((each) => `assets/${each}.js`), viteMetadata: { importedCss: new Set(css), importedAssets: new Set<string>() },
    });
    const chunks = [chunk("office", ["uplot"], ["form", "map"], ["assets/office.css"]), chunk("uplot"), chunk("form"), chunk("map", ["maplibre"]), chunk("maplibre"), chunk("index"), chunk("sw")];
    const bundle = Object.fromEntries(chunks.map((each) => [(each as { fileName: string }).fileName, each]));
    expect(filesOf(bundle)).toEqual(["/", "/assets/form.js", "/assets/office.css", "/assets/office.js", "/assets/uplot.js"]);
    expect(() => filesOf({})).toThrow("office");
  });
});

const square = (lon: number, lat: number): [number, number][][][] => [[[[lon, lat], [lon + 0.001, lat], [lon + 0.001, lat + 0.001], [lon, lat + 0.001], [lon, lat]]]];
const taskOf = (rank: number, unit: string | null, at: number | null, more: Partial<WeekTask> = {}): WeekTask => ({
  code: `1${rank}-A`, list_unit: "001", rank, parcel_id: `p${rank}`, village: null, unit: unit === null ? null : { code: unit, name: `Unit ${unit}` }, drawn: "ranked", done: false,
  alert: null, looks_for: { en: "Look.", zh: "看。" }, outline: at === null ? null : square(at, 51), ...more,
});

describe("the list", () => {
  it("is found by parcel or by the code of a sheet, however it is typed", () => {
    const week = { tasks: [taskOf(1, "a", 4, { code: "10J-*" })] } as never;
    expect([taskNamed(week, " P1 ")?.rank, taskNamed(week, "loj*")?.rank, taskNamed(week, "p2")]).toEqual([1, 1, null]);
    expect(sameCode("16J-D", "16jd")).toBe(true);
  });
  it("is kept until its session ends and no longer", () => {
    const along = { week: { forget_at: "2024-06-18T12:00:00Z" }, ahead_ms: 0 } as Along;
    const end = Date.parse("2024-06-18T12:00:00Z");
    expect([stands(along, end - 1), stands(along, end)]).toEqual([true, false]);
  });
  it("goes by the clock of the service on a device whose own is off", () => {
    const week = { made_at: "2024-06-18T00:00:00Z", forget_at: "2024-06-18T12:00:00Z" } as Along["week"];
    const dayLate = Date.parse("2024-06-19T00:00:00Z");
    const along = { week, ahead_ms: aheadOf(week, dayLate) } as Along;
    expect([stands(along, dayLate), goneAt(along)]).toEqual([true, Date.parse("2024-06-19T12:00:00Z")]);
    const filled = { ...emptyForm("wang"), outcome: "partly" as const };
    expect(saidOf(filled, taskOf(1, "a", 4), dayLate, along.ahead_ms).captured_at).toBe("2024-06-18T00:00:00.000Z");
  });
});

describe("the form", () => {
  it("asks for what was there where no alert says it", () => {
    const asked = taskOf(1, "a", 4, { alert: { number: 5, cause: "abrupt_loss", title: null, level: "watch", scope: "own", opened_on: "2024-06-01", changed_on: "2024-06-01" } });
    expect(missingOf(emptyForm(), asked)).toEqual(["Second", "Outcome"]);
    expect([causeNeeded("confirmed", asked), causeNeeded("confirmed", taskOf(1, "a", 4)), causeNeeded("other_cause", asked), causeNeeded("not_confirmed", taskOf(1, "a", 4))]).toEqual([false, true, true, false]);
    const filled = { ...emptyForm("wang"), outcome: "partly" as const, loss: "40,5", note: " lodged ", fix: { lon: 4, lat: 51, accuracy: 6, at: 1_718_700_000_000 } };
    expect(missingOf(filled, asked)).toEqual([]);
    expect(saidOf(filled, asked, 0, 0)).toEqual({
      alert: 5, parcel_id: "p1", second_officer: "wang", captured_at: "2024-06-18T08:40:00.000Z", outcome: "partly", longitude: 4, latitude: 51, accuracy_m: 6,
      cause_found: null, loss_share: 0.405, note: "lodged", photo: false,
    });
    expect(saidOf({ ...filled, fix: null }, taskOf(1, "a", 4), 0, 0)).toMatchObject({ parcel_id: "p1", captured_at: "1970-01-01T00:00:00.000Z" });
  });
  it.each([["", null], ["0", 0], ["100 %", 1], ["33.333", 0.3333], ["101", undefined], ["-1", undefined], ["much", undefined]])("reads a loss of %j", (text, share) => {
    expect(lossOf(text)).toBe(share);
  });
  it("makes photos no larger than two million pixels, in their proportions", () => {
    const [width, height] = fitted(4000, 3000);
    expect(width * height).toBeLessThanOrEqual(MOST_PIXELS);
    expect(width / height).toBeCloseTo(4 / 3, 2);
    expect([fitted(640, 480), fitted(100_000, 1)]).toEqual([[640, 480], [100_000, 1]]);
  });
});

describe("a sketch", () => {
  it("fits its square, north up, with a bar of a round length", () => {
    const path = pathOf(square(4, 51), 200, 12)!;
    const numbers = [...path.d.matchAll(/[\d.]+/g)].map(Number);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(12);
    expect(Math.max(...numbers)).toBeLessThanOrEqual(188);
    expect(path.metresPerUnit).toBeCloseTo(111.3 / 176, 1);
    expect([barOf(63), barOf(0.3), barOf(99_999)]).toEqual([50, 1, 5000]);
    expect(pathOf([])).toBeNull();
  });
});

describe("the form of a refused visit", () => {
  const SAID: VisitSaid = {
    alert: 5, parcel_id: "p1", second_officer: "wang", captured_at: "2024-06-18T08:40:00.000Z", outcome: "partly", longitude: 4, latitude: 51, accuracy_m: 6,
    cause_found: "hail", loss_share: 0.405, note: "lodged", photo: true,
  };
  const ALERT = { number: 5, cause: "abrupt_loss", title: null, level: "watch", scope: "own", opened_on: "2024-06-01", changed_on: "2024-06-01" } as const;
  const PICTURE = { blob: new Blob(["x"]), width: 4, height: 3 };
  const AHEAD_MS = 90_000;
  const entry = newEntry("k", "chen", "p1", SAID, true, 0);
  const listed = (...tasks: WeekTask[]) => refusedSubject(entry, { tasks } as never);

  it("holds what was entered and says the same again where nothing is changed", () => {
    const filled = filledOf(entry, PICTURE, AHEAD_MS, ["li", "wang"]);
    expect([filled.loss, filled.fix?.at, filled.photo]).toEqual(["40.5", Date.parse(SAID.captured_at) + AHEAD_MS, PICTURE]);
    expect(missingOf(filled, listed())).toEqual([]);
    expect(saidOf(filled, listed(), 1, AHEAD_MS)).toEqual(SAID);
  });
  it("leaves the alert out where its officer says so, and asks then for what was there", () => {
    const filled = { ...filledOf(entry, null, AHEAD_MS, ["wang"]), withoutAlert: true, cause: "" };
    expect(missingOf(filled, listed())).toEqual(["Cause"]);
    const said = saidOf({ ...filled, cause: "hail" }, listed(), 1, AHEAD_MS);
    expect(["alert" in said, said.parcel_id, said.photo]).toEqual([false, "p1", false]);
  });
  it("asks for a second officer who is there no more, and for a time that was taken out", () => {
    const filled = { ...filledOf(entry, null, 0, ["li"]), at: "" };
    expect(missingOf(filled, listed())).toEqual(["Second", "Time"]);
  });
  it("shows the list's words only where the list is about the same", () => {
    const same = taskOf(1, "a", 4, { alert: ALERT });
    expect([listed(same).task, listed(taskOf(1, "a", 4)).task, listed().task]).toEqual([same, null, null]);
    expect([listed(taskOf(1, "a", 4)).unit?.code, listed().outline]).toEqual(["a", null]);
  });
  it("reads day and time as the place has them", () => {
    expect(instantOf(localOf("2024-06-18T08:40:00.000Z"))).toBe("2024-06-18T08:40:00.000Z");
    expect([localOf("2024-06-18T08:40:00.000Z"), instantOf("")]).toEqual([expect.stringMatching(/^2024-06-1[789]T\d\d:[134]\d$/), null]);
  });
});
