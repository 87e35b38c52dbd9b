import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LEVEL_COLOURS, LEVELS, SHAPES } from "../../src/office/alerts/levels";

/** Relative luminance by WCAG 2. */
function luminance(colour: string): number {
  const channels = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  const [r = 0, g = 0, b = 0] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const sheets = ["src/base.css", "src/office/office.css"].map((name) => readFileSync(name, "utf8")).join("\n");
const named = Object.fromEntries([...sheets.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, colour]) => [name, colour]));
const colour = (name: string): string => named[name] ?? name;
const GROUNDS = ["paper", "ground", "soft", "green-2"];

describe("contrast", () => {
  it.each(["ink", "ink-2", "green", "red"])("of text in %s is 4.5 on every ground", (ink) => {
    for (const ground of GROUNDS) expect(contrast(colour(ink), colour(ground)), ground).toBeGreaterThanOrEqual(4.5);
  });
  it.each(["focus", "edge"])("of %s, which shows where something is, is 3 on every ground", (ink) => {
    for (const ground of GROUNDS) expect(contrast(colour(ink), colour(ground)), ground).toBeGreaterThanOrEqual(3);
  });
  it.each([["#ffffff", "green"], ["#5f6863", "soft"], ["#64430a", "#fdf3e2"], ["red", "#fcf1ef"], ["#6a4705", "#fbeecb"], ["red", "#fbe6e3"], ["green", "green-2"]])("of %s on %s is 4.5", (ink, ground) => {
    expect(contrast(colour(ink), colour(ground))).toBeGreaterThanOrEqual(4.5);
  });
});

describe("levels", () => {
  it.each(LEVELS)("%s can be read as text, and is the same on page and chart", (level) => {
    for (const ground of GROUNDS) expect(contrast(LEVEL_COLOURS[level], colour(ground)), ground).toBeGreaterThanOrEqual(4.5);
    expect(named[`level-${level}`]).toBe(LEVEL_COLOURS[level]);
  });
  it("have shapes of their own, and darken from info to action", () => {
    expect(new Set(Object.values(SHAPES)).size).toBe(LEVELS.length);
    const dark = LEVELS.map((level) => luminance(LEVEL_COLOURS[level]));
    expect(dark.slice(0, 2).every((value, at) => value < dark[at + 1]!)).toBe(true);
  });
});
