import { describe, expect, it } from "vitest";
import { DICTIONARIES, fill, initialLanguage, type Key } from "../src/i18n";

const { en, zh } = DICTIONARIES;
const keys = Object.keys(en) as Key[];
const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();

describe("dictionaries", () => {
  it("hold the same keys", () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  });
  it.each(keys)("%s is said in both, with the same places to fill", (key) => {
    expect(en[key].trim()).not.toBe("");
    expect(zh[key].trim()).not.toBe("");
    expect(places(zh[key])).toEqual(places(en[key]));
  });
  it("are not mixed up", () => {
    for (const key of keys) expect(en[key], key).not.toMatch(/\p{Script=Han}/u);
    expect(keys.filter((key) => !/\p{Script=Han}/u.test(zh[key]))).toEqual([]);
  });
});

describe("fill", () => {
  it("puts values in and leaves what it does not know", () => {
    expect(fill("{a} of {b}", { a: 1 })).toBe("1 of {b}");
  });
});

describe("initialLanguage", () => {
  it("follows the address, then the last choice, then the browser", () => {
    expect(initialLanguage("?lang=zh", "en", "en-GB")).toBe("zh");
    expect(initialLanguage("", "zh", "en-GB")).toBe("zh");
    expect(initialLanguage("", null, "zh-TW")).toBe("zh");
    expect(initialLanguage("?lang=en", "zh", "zh-CN")).toBe("en");
    expect(initialLanguage("", null, "fr")).toBe("en");
  });
});
