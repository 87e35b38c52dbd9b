import { describe, expect, it } from "vitest";
import { ApiError } from "../../src/api";
import { Speech } from "../../src/i18n";
import { PLOT_CLASSES, paintPlots } from "../../src/office/applications/plotclasses";
import { refusalText } from "../../src/office/applications/refusals";
import { decimalTyped, firstStep, hectares, lacksOf, stepNamed } from "../../src/office/applications/steps";
import { PATTERNS } from "../../src/office/map/classes";
import { OFFICE_DICTIONARIES } from "../../src/office/words";

describe("plots on the map of an application", () => {
  const column = Uint8Array.from([0, 1, 2, 3, 4, 5, 255 & 7]);
  const diagonal = PATTERNS.indexOf("diagonal");
  it("are chosen before they are the farmer's, and pledged ones are hatched whatever else they are", () => {
    const { codes, hatches } = paintPlots(column, new Set([0]));
    expect([...codes]).toEqual([1, 3, 2, 2, 1, 1, 1]);
    expect([...hatches].map((hatch) => hatch === diagonal)).toEqual([false, true, false, true, false, true, true]);
  });
  it("have a class for every code, and none for what nothing is known of", () => {
    expect(PLOT_CLASSES.all.map(({ code }) => code)).toEqual([1, 2, 3]);
    expect([...paintPlots(new Uint8Array(2), new Set()).codes]).toEqual([0, 0]);
  });
});

describe("what is typed", () => {
  it.each([["12000", "12000"], ["12,000.50", "12000.50"], ["12 000,5", "12000.5"], ["1，200", "1200"], [" 7 ", "7"]])("%j is the amount %s", (typed, amount) => {
    expect(decimalTyped(typed)).toBe(amount);
  });
  it.each(["", "12k", "-1", "1e5", "1.23456", "about 500", "1234567890123"])("%j is no amount", (typed) => {
    expect(decimalTyped(typed)).toBeNull();
  });
  it("keeps an area as it was", () => {
    expect([hectares(null), hectares(0.8), hectares(1.2345678)]).toEqual([undefined, "0.8", "1.234568"]);
  });
});

describe("steps", () => {
  it("are opened where something lacks", () => {
    expect(firstStep(["plots", "amount"])).toBe("plots");
    expect(firstStep([])).toBe("onward");
    expect(stepNamed("limit", ["plots"])).toBe("limit");
    expect(stepNamed("nothing", ["season"])).toBe("asked");
    expect(lacksOf("person", ["bureau_report", "plots"])).toEqual(["bureau_report"]);
  });
});

describe("refusals", () => {
  const refused = (code: string): ApiError => new ApiError(400, { code, message: "In English.", remedy: "" } as ApiError["problem"]);
  it("are said in Chinese where the room has words, in English by the service", () => {
    const [en, zh] = [new Speech("en", OFFICE_DICTIONARIES), new Speech("zh", OFFICE_DICTIONARIES)];
    expect(refusalText(refused("DRAW_TOO_MUCH"), zh)).toBe("超出目前可支用的金额。");
    expect(refusalText(refused("DRAW_TOO_MUCH"), en)).toBe("In English.");
    expect(refusalText(refused("SOMETHING_NEW"), zh)).toBe("In English.");
    expect(refusalText(refused("APPLICATION_CHANGED"), en)).toBe("Somebody else changed it: load the page again.");
  });
});
