import { describe, expect, it } from "vitest";
import { Speech } from "../../src/i18n";
import { cropName, valueName } from "../../src/office/book/naming";
import { facilityAddress, facilityQuestion, farmerAddress, farmerQuestion } from "../../src/office/farmers/address";
import { readPlace } from "../../src/office/place";
import { barWidth, fileAddress, readView, viewAddress } from "../../src/office/portfolio/view";
import { OFFICE_DICTIONARIES } from "../../src/office/words";

const chinese = new Speech("zh", OFFICE_DICTIONARIES);

describe("places of farmers and facilities", () => {
  it("hold numbers of any kind, and parties without one", () => {
    expect(farmerQuestion(readPlace(farmerAddress("F/1 ü", 7)))).toBe("/farmers/F/1%20%C3%BC");
    expect(farmerQuestion(readPlace(farmerAddress(null, 7)))).toBe("/parties/7");
    expect(facilityQuestion(readPlace(facilityAddress("L/2")))).toBe("/facilities/L/2");
    expect([farmerQuestion(readPlace("#/farmers")), facilityQuestion(readPlace("#/facilities"))]).toEqual([null, null]);
  });
});

describe("what the portfolio shows", () => {
  it("is kept in the address, and odd ones fall back", () => {
    expect(readView(readPlace(viewAddress({ by: "class", day: "2026-02-03" })).query)).toEqual({ by: "class", day: "2026-02-03" });
    expect(readView("by=all&day=yesterday")).toEqual({ by: "branch", day: null });
  });
  it("leads to its files", () => {
    expect(fileAddress({ by: "crop", day: null }, "table", "csv")).toBe("/api/v1/portfolio.csv?by=crop");
    expect(fileAddress({ by: "crop", day: "2026-02-03" }, "parcels", "xlsx")).toBe("/api/v1/portfolio/parcels.xlsx?day=2026-02-03");
  });
  it("draws a bar for everything that is there, and none for nothing", () => {
    expect([barWidth(0, 9), barWidth(9, 9), barWidth(1, 1e6), barWidth(0, 0)]).toEqual([0, 1, 0.004, 0]);
  });
});

describe("words of values", () => {
  it("are said in the reader's language, and unknown ones stay what they are", () => {
    expect([valueName("lease", chinese), valueName("new_kind", chinese), valueName(null, chinese)]).toEqual(["租赁", "new kind", null]);
    expect(cropName("rice", new Map([["rice", { en: "Rice", zh: "水稻" }]]), chinese)).toBe("水稻");
    expect(cropName("quinoa", new Map(), chinese)).toBe("quinoa");
  });
});
