import { describe, expect, it } from "vitest";
import { Speech } from "../../src/i18n";
import { listQuery, madeAddress, proposalAddress, readView, tabsOf, toldAddress, viewAddress, wantedOf, type View } from "../../src/office/decisions/address";
import { barScale, compareAmounts, parseAmount, sumsByCurrency } from "../../src/office/decisions/amounts";
import type { DecisionMade } from "../../src/office/decisions/asking";
import { moveOf, outcomeText } from "../../src/office/decisions/parts";
import { ableTo, whyNot } from "../../src/office/decisions/saying";
import { readPlace } from "../../src/office/place";
import { OFFICE_DICTIONARIES, type OfficeKey } from "../../src/office/words";

const cny = (amount: string): { amount: string; currency: string } => ({ amount, currency: "CNY" });
const english = new Speech<OfficeKey>("en", OFFICE_DICTIONARIES);
const chinese = new Speech<OfficeKey>("zh", OFFICE_DICTIONARIES);

describe("a typed amount", () => {
  it.each([["13000", "13000"], [" 13000.50 ", "13000.50"], ["13,000", "13000"], ["1,234,567.5", "1234567.5"], ["007", "7"], ["0", "0"]])("%s is %s", (typed, amount) => {
    expect(parseAmount(typed)).toBe(amount);
  });
  it.each(["", "-1", "1e4", "1,30", "13.000,50", "NaN", "12.3456", "１３０００", "13000元", "99999999999999"])("%s is none", (typed) => {
    expect(parseAmount(typed)).toBeNull();
  });
  it("compares without floats", () => {
    expect(compareAmounts("9007199254740993.01", "9007199254740993.02")).toBe(-1);
    expect([compareAmounts("2", "10"), compareAmounts("10.00", "10"), compareAmounts("0", "0.00"), compareAmounts("3.1", "3")]).toEqual([-1, 0, 0, 1]);
  });
});

describe("sums", () => {
  it("are kept apart by currency", () => {
    expect(sumsByCurrency([cny("0.10"), { amount: "5", currency: "INR" }, cny("0.20")])).toEqual([cny("0.30"), { amount: "5", currency: "INR" }]);
    expect(sumsByCurrency([])).toEqual([]);
  });
});

describe("bars", () => {
  it("are drawn to one scale, and not at all where nothing is known", () => {
    expect(barScale({ before: cny("5000"), after: cny("8000"), low: cny("6000"), high: cny("10000") })).toEqual({ before: 50, after: 80, low: 60, high: 100 });
    expect(barScale({ before: null, after: null, low: null, high: null })).toEqual({ before: null, after: null, low: null, high: null });
  });
});

describe("addresses", () => {
  it("stay themselves", () => {
    const views: View[] = [
      { tab: "open", change: "raised", visit: true, after: "100.7" },
      { tab: "decided", change: null, visit: null, after: null },
      { tab: "open", change: null, visit: false, after: null },
    ];
    for (const view of views) expect(readView(readPlace(viewAddress(view)).query, "reviewer")).toEqual(view);
  });
  it("lead nobody where they may not go", () => {
    expect(readView("tab=batches", "officer").tab).toBe("open");
    expect(readView("tab=open", "admin").tab).toBe("batches");
    expect(tabsOf("risk")).toEqual(["open", "requests", "batches", "decided"]);
  });
  it("ask the service for what they say", () => {
    expect(listQuery({ tab: "open", change: "new", visit: false, after: "9.1" })).toBe("status=open&sort=size&limit=50&change=new&needs_visit=false&after=9.1");
    expect(listQuery({ tab: "decided", change: null, visit: null, after: null })).toBe("status=decided&sort=latest&limit=50");
  });
  it("name pages", () => {
    expect(wantedOf(readPlace(proposalAddress(17)))).toEqual({ page: "proposal", number: 17 });
    expect(wantedOf(readPlace(toldAddress(17)))).toEqual({ page: "told", number: 17 });
    expect(wantedOf(readPlace(madeAddress(3, true)))).toEqual({ page: "made", number: 3, replay: true });
    expect(wantedOf(readPlace("#/decisions"))).toEqual({ page: "list" });
    for (const wrong of ["x", "0", "1.5", "made", "made/x", "17/evil"]) expect(wantedOf(readPlace(`#/decisions/${wrong}`)).page).toBe("nothing");
  });
});

describe("what is said", () => {
  it("is the reason why not, in both languages", () => {
    const able = { code: "MAKER_IS_CHECKER", message: "rita started the batch." };
    expect(whyNot(able, english)).toBe("You made, started or released it: another person decides.");
    expect(whyNot(able, chinese)).toContain("另一人");
    expect(whyNot({ code: "NEW_CODE", message: "Said by the service." }, english)).toBe("Said by the service.");
    expect(ableTo([], "approve").allowed).toBe(false);
  });
  it("is how far a limit moves", () => {
    expect(moveOf({ before: cny("100"), amount: cny("120") }, english)).toBe("From ¥100 to ¥120");
    expect(moveOf({ before: null, amount: cny("120") }, english)).toBe("First limit: ¥120");
    expect(moveOf({ before: cny("100"), amount: null }, english)).toBe("No amount can be given");
  });
  it("is what was decided now, and what had been before", () => {
    const made: DecisionMade = { number: 1, proposal: 2, outcome: "approved", amount: cny("1200.50"), by: "olga", decided_at: "2026-11-22T08:00:00Z" };
    expect(outcomeText({ decided: [made, { ...made, number: 2 }], already: [] }, english)).toBe("Decided: 2, ¥2,401.");
    expect(outcomeText({ decided: [], already: [made] }, english)).toBe("Already decided by olga: 1.");
    expect(outcomeText({ decided: [{ ...made, amount: null }], already: [] }, english)).toBe("Decided: 1.");
  });
});
