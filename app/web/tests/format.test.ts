import { describe, expect, it } from "vitest";
import { areaIn, formatArea, formatDay, formatEffect, formatMoney, formatShare, formatSpan, moneyOfMinor, sumDecimals } from "../src/format";

const plain = (text: string): string => text.replace(/\s/g, " ");

describe("money", () => {
  it("is written for its readers: lakh for rupees in English", () => {
    expect(plain(formatMoney({ amount: "133000.00", currency: "INR" }, "en"))).toBe("₹1,33,000");
    expect(plain(formatMoney({ amount: "133000.50", currency: "CNY" }, "zh"))).toBe("¥133,000.50");
    expect(plain(formatMoney({ amount: "61900.00", currency: "CNY" }, "en", { cents: true }))).toBe("¥61,900.00");
  });
  it("keeps every digit of amounts that a float would lose", () => {
    expect(formatMoney({ amount: "90071992547409931.23", currency: "CNY" }, "zh")).toBe("¥90,071,992,547,409,931.23");
  });
  it("writes effects with their sign, and nothing before zero", () => {
    expect(formatEffect("88552.08", "CNY", "en")).toBe("+88,552.08");
    expect(formatEffect("-86.46", "CNY", "en")).toBe("\u221286.46");
    expect(formatEffect("0.00", "CNY", "en")).toBe("0.00");
  });
  it("adds decimals exactly", () => {
    expect(sumDecimals(["0.10", "0.20"])).toBe("0.30");
    expect(sumDecimals(["88552.08", "-26565.62", "-86.46"])).toBe("61900.00");
    expect(sumDecimals(["-0.05", "0.01"])).toBe("-0.04");
    expect(sumDecimals(["5", "7"])).toBe("12");
    expect(sumDecimals([])).toBe("0");
  });
  it("comes from minor units by the currency's decimals", () => {
    expect(moneyOfMinor(4290000, "INR", 2)).toEqual({ amount: "42900.00", currency: "INR" });
    expect(moneyOfMinor(42, "JPY", 0)).toEqual({ amount: "42", currency: "JPY" });
  });
});

describe("areas", () => {
  it("turn into mu and acres", () => {
    expect(areaIn(2, "mu")).toBe(30);
    expect(areaIn(0.40468564224, "acre")).toBeCloseTo(1, 12);
  });
  it("show more digits when small", () => {
    expect(formatArea(2.456, "en")).toBe("2.46");
    expect(formatArea(123.456, "en")).toBe("123.5");
    expect(formatArea(12345.6, "en")).toBe("12,346");
  });
});

describe("days", () => {
  it("read in both languages, whatever the time zone", () => {
    expect(formatDay("2026-05-01", "en")).toBe("1 May 2026");
    expect(formatDay("2026-05-01", "zh")).toBe("2026年5月1日");
  });
  it("say once what both ends of a span share", () => {
    expect(formatSpan("2026-03-02", "2026-06-12", "zh")).toBe("2026年3月2日至6月12日");
    expect(formatSpan("2025-10-01", "2026-09-30", "zh")).toBe("2025年10月1日至2026年9月30日");
    expect(plain(formatSpan("2026-03-02", "2026-06-12", "en"))).toBe("2 Mar – 12 Jun 2026");
  });
});

describe("shares", () => {
  it("are whole percents", () => expect(formatShare(0.666, "en")).toBe("67%"));
});
