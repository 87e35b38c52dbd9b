import { describe, expect, it } from "vitest";
import { actsOn, worksWithAlerts } from "../../src/office/alerts/acts";
import { ALL, narrows, readFilter, writeFilter, type Filter } from "../../src/office/alerts/filter";
import { Selection } from "../../src/office/alerts/selection";
import { readPlace, TODAY, writePlace } from "../../src/office/place";
import { parcelAddress, readParcel } from "../../src/office/parcel/address";
import { roomFor, ROOMS } from "../../src/office/rooms";
import { agendaOf, urgencyOf } from "../../src/office/today/agenda";
import { levelLeft } from "../../src/office/today/visits";
import { numbersOf, stopName, stopsOf } from "../../src/office/visits/stops";
import { OFFICE_DICTIONARIES } from "../../src/office/words";
import { Speech } from "../../src/i18n";
import { alertOf, TODAY as DAY } from "./fake";

describe("filter", () => {
  it("stays itself through the address", () => {
    const filters: Filter[] = [ALL, { which: "false_alarm", levels: ["action", "info"], cause: "a&b", scope: "own", mine: true, limit: 150 }];
    for (const filter of filters) expect(readFilter(writeFilter(filter))).toEqual(filter);
    expect(writeFilter(ALL)).toBe("");
  });
  it("leaves out what it does not know", () => {
    expect(readFilter("which=evil&level=red&level=watch&scope=x&limit=-3&mine=2")).toEqual({ ...ALL, levels: ["watch"] });
    expect(readFilter("limit=999999").limit).toBe(1000);
  });
  it("narrows unless only more of the same is asked for", () => {
    expect(narrows({ ...ALL, limit: 100 })).toBe(false);
    expect(narrows({ ...ALL, mine: true })).toBe(true);
  });
});

describe("place", () => {
  it("stays itself through the address", () => {
    const places = [["today", []], ["alerts", [], "level=warning"], ["parcels", ["A/1 ?#%地"], "alert=7"], ["runs", ["a", "b"]]] as const;
    for (const [room, path, query = ""] of places) expect(readPlace(writePlace(room, path, query))).toEqual({ room, path, query });
  });
  it("is Today where an address says nothing", () => {
    for (const hash of ["", "#", "#/", "#/parcels/%E0%A4%A"]) expect(readPlace(hash)).toEqual({ room: "today", path: [], query: "" });
  });
  it("is the first room where there is none of the name", () => {
    expect(roomFor("evil", "officer").name).toBe("today");
    expect(roomFor("today", "admin").name).toBe("people");
    expect(readPlace(TODAY).room).toBe("today");
  });
  it("names each room once", () => {
    expect(new Set(ROOMS.map((room) => room.name)).size).toBe(ROOMS.length);
  });
  it("takes no alert that is no number, and no parcel without a name", () => {
    expect(readParcel(readPlace(parcelAddress("A/1", 7)))).toEqual({ id: "A/1", alert: 7 });
    for (const query of ["alert=x", "alert=-1"]) expect(readParcel(readPlace(`#/parcels/P?${query}`))).toEqual({ id: "P", alert: null });
    expect(readParcel(readPlace("#/parcels/"))).toBeNull();
  });
});

describe("selection", () => {
  it("ticks a range from the last one to this one, either way", () => {
    const some = new Selection([5, 3, 9, 1]);
    some.set(9, true);
    some.set(5, true, true);
    expect(some.numbers).toEqual([5, 3, 9]);
    some.set(3, false, true);
    expect(some.numbers).toEqual([9]);
  });
  it("knows none, some and all", () => {
    const some = new Selection([1, 2]);
    expect(some.state).toBe("none");
    some.set(2, true);
    expect(some.state).toBe("some");
    some.setAll(true);
    expect([some.state, some.numbers]).toEqual(["all", [1, 2]]);
    some.setAll(false);
    expect(some.numbers).toEqual([]);
  });
  it("takes nothing that is not listed", () => {
    const some = new Selection([1]);
    some.set(7, true);
    expect(some.numbers).toEqual([]);
    expect(new Selection([]).state).toBe("none");
  });
});

describe("acts", () => {
  it("follow what the service allows", () => {
    expect(actsOn(alertOf(1, "action"), "officer")).toEqual(["acknowledge", "note", "false_alarm"]);
    expect(actsOn(alertOf(1, "action"), "reviewer")).toEqual(["acknowledge", "note", "close", "false_alarm"]);
    expect(actsOn(alertOf(1, "action", { status: "visited" }), "officer")).toEqual(["note", "close", "false_alarm"]);
    expect(actsOn(alertOf(1, "watch", { ended_on: "2024-06-01" }), "officer")).toContain("close");
    expect(actsOn(alertOf(1, "info"), "officer")).toContain("close");
    expect(actsOn(alertOf(1, "action", { stopped_on: "2024-06-01" }), "officer")).toContain("close");
    expect(actsOn(alertOf(1, "action", { status: "closed" }), "risk")).toEqual(["note", "reopen"]);
  });
  it("are none for administrators", () => {
    expect(worksWithAlerts("admin")).toBe(false);
    expect(actsOn(alertOf(1, "action"), "admin")).toEqual([]);
  });
});

describe("agenda", () => {
  it("has what can still be met by its day, then what has passed, the latest first", () => {
    const passed = { ...DAY.overdue.lines[0]!, due_on: "2024-06-13", days_left: -1, facility_number: "F-LATE" };
    const today = { ...DAY, overdue: { total: 2, lines: [...DAY.overdue.lines, passed] } };
    expect(agendaOf(today).map((matter) => matter.subject)).toEqual(["abrupt", "F-2023-0455", "L-881", "F-LATE", "F-2023-0402"]);
  });
  it("puts a claim before a loan of the same day", () => {
    const loan = { ...DAY.maturing.lines[0]!, due_on: "2024-06-15", days_left: 1 };
    const kinds = agendaOf({ ...DAY, maturing: { total: 1, lines: [loan] } }).map((matter) => matter.kind);
    expect(kinds.slice(0, 2)).toEqual(["claim", "maturing"]);
  });
  it("is pressing by the days that are left", () => {
    expect([-1, 0, 2, 3, 7, 8].map(urgencyOf)).toEqual(["passed", "now", "now", "soon", "soon", "later"]);
  });
});

describe("the round of a week", () => {
  const { tasks } = DAY.visits!;
  const stops = stopsOf(tasks);
  it("goes village by village as the service says, and the unit stands for a village that is not known", () => {
    expect(stops.map((stop) => stopName(stop, new Speech("en", OFFICE_DICTIONARIES)))).toEqual(["Liuzhuang", "Xihe branch · village not known", "Dongpo"]);
    expect(stops.map((stop) => stop.tasks.map((task) => task.rank))).toEqual([[1, 3], [4], [2]]);
    expect(stopName({ village: null, unit: null }, new Speech("zh", OFFICE_DICTIONARIES))).toBe("未归属机构 · 所属村不详");
  });
  it("counts what is left, and lists of two units apart", () => {
    expect([...numbersOf(tasks).values()]).toEqual([1, 2, 3]);
    expect(stopsOf([tasks[0]!, { ...tasks[0]!, list_unit: "020" }]).length).toBe(2);
  });
  it("shows the highest level that waits, and none where nothing does", () => {
    expect(stops.map((stop) => levelLeft(stop.tasks))).toEqual(["action", null, null]);
  });
});
