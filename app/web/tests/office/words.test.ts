import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ApiError } from "../../src/api";
import { Speech } from "../../src/i18n";
import { daysAway, longDay, moneyOr, nameOf, shareOr, waitOf } from "../../src/office/figures";
import { problemText } from "../../src/office/problems";
import { OFFICE_DICTIONARIES, type OfficeKey } from "../../src/office/words";
import { UnreachableError } from "../../src/office/unreachable";

const { en, zh } = OFFICE_DICTIONARIES;
const keys = Object.keys(en) as OfficeKey[];
const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();
const english = new Speech("en", OFFICE_DICTIONARIES);
const chinese = new Speech("zh", OFFICE_DICTIONARIES);

describe("dictionaries of the office", () => {
  it("hold the same keys, none of them empty, with the same places to fill", () => {
    expect(Object.keys(zh).sort()).toEqual([...keys].sort());
    for (const key of keys) {
      expect([en[key].trim(), zh[key].trim()], key).not.toContain("");
      expect(places(zh[key]), key).toEqual(places(en[key]));
    }
  });
  it("are not mixed up", () => {
    for (const key of keys) {
      expect(en[key], key).not.toMatch(/\p{Script=Han}/u);
      expect(zh[key], key).toMatch(/\p{Script=Han}/u);
    }
  });
  it("hold nothing that no page says", () => {
    const files = readdirSync("src/office", { recursive: true, encoding: "utf8" }).filter((name) => /\.ts$/.test(name) && !/(^|\/)words(\/|\.ts$)|schema\.d\.ts$/.test(name)).map((name) => `src/office/${name}`);
    const source = files.map((name) => readFileSync(name, "utf8")).join("\n");
    const computed = /^(role|level|asks|scope|status|basis|event|outcome|drawn|matter|which|act|verdict|marker)_|^[A-Z_]+$/;
    const begun = [...source.matchAll(/`([a-zA-Z_]+_)\$\{/g)].map((match) => match[1] ?? "");
    const put_together = (key: string): boolean => computed.test(key) || begun.some((start) => key.startsWith(start));
    const silent = keys.filter((key) => !put_together(key) && !new RegExp(`["\`]${key}["\`]|\\b${key}\\b(?=["\`])`).test(source));
    expect(silent.filter((key) => !["same", "ha", "mu", "acre", "possible", "differs"].includes(key))).toEqual([]);
  });
});

describe("figures", () => {
  it("say what is not known and never show it as zero", () => {
    expect([moneyOr(null, english), shareOr(null, chinese)]).toEqual(["not known", "不详"]);
    expect(shareOr(0, english)).toBe("0%");
  });
  it("tell days as people do", () => {
    expect([-5, 0, 1, 6].map((days) => daysAway(days, english))).toEqual(["5 days ago", "today", "tomorrow", "in 6 days"]);
    expect([-5, 0, 6].map((days) => daysAway(days, chinese))).toEqual(["5天前", "今天", "6天后"]);
    expect(longDay("2024-06-14", chinese)).toBe("2024年6月14日 星期五");
  });
  it("never promise a shorter wait", () => {
    expect([40, 121, 900].map((seconds) => waitOf(seconds, english))).toEqual(["in 40 seconds", "in 3 minutes", "in 15 minutes"]);
  });
  it("name a cause by its key where its rules are not at hand", () => {
    expect(nameOf("frost", {}, english)).toBe("frost");
    expect(nameOf("frost", { frost: { en: "Frost", zh: "霜冻" } }, chinese)).toBe("霜冻");
  });
});

describe("problems", () => {
  const refused = new ApiError(400, { code: "CLOSE_NEEDS", message: "Alert 11 still shows.", remedy: "Visit it." });
  it("are said in the language of the page where it knows them", () => {
    expect(problemText(refused, english)).toBe("Alert 11 still shows. Visit it.");
    expect(problemText(refused, chinese)).toBe(zh.problem_close);
  });
  it("keep the service's words where it does not", () => {
    expect(problemText(new ApiError(500, { code: "NEW", message: "Odd.", remedy: "" }), chinese)).toBe("Odd.");
  });
  it("say that no answer came", () => expect(problemText(new UnreachableError("Failed to fetch"), english)).toBe(en.problem_unreachable));
});
