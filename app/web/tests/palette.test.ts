import { describe, expect, it } from "vitest";
import type { States } from "../src/api";
import { breaksOf, classOf, LIMIT_COLOURS, limitsPerUnit, spread, STATUS_STYLES, VIGOUR_COLOURS } from "../src/palette";
import { hatch } from "../src/patterns";

/** Relative luminance by WCAG 2. */
function luminance(colour: string): number {
  const channels = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  const [r = 0, g = 0, b = 0] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

describe("ramps", () => {
  it.each([["vigour", VIGOUR_COLOURS], ["limit", LIMIT_COLOURS]] as const)("%s darkens at each step, so that hue is not needed", (_, ramp) => {
    const steps = ramp.map(luminance);
    for (let i = 1; i < steps.length; i++) expect((steps[i - 1]! + 0.05) / (steps[i]! + 0.05)).toBeGreaterThan(1.25);
  });
  it("spread over the classes that there are", () => {
    expect(spread(LIMIT_COLOURS, 5)).toEqual([...LIMIT_COLOURS]);
    expect(spread(LIMIT_COLOURS, 2)).toEqual([LIMIT_COLOURS[0], LIMIT_COLOURS[4]]);
    expect(spread(LIMIT_COLOURS, 1)).toHaveLength(1);
  });
});

describe("statuses", () => {
  it("each have a colour and a hatch of their own", () => {
    const styles = Object.values(STATUS_STYLES);
    expect(new Set(styles.map((style) => style.colour)).size).toBe(styles.length);
    expect(new Set(styles.map((style) => style.pattern)).size).toBe(styles.length);
  });
});

describe("hatches", () => {
  it.each(["diagonal", "reverse", "cross", "dots", "horizontal", "vertical", "grid", "sparse"] as const)("%s covers a part, not all", (pattern) => {
    const { data } = hatch(pattern, [0, 0, 0, 255]);
    const inked = data.filter((_, at) => at % 4 === 3 && data[at]! > 0).length / (data.length / 4);
    expect(inked).toBeGreaterThan(0.08);
    expect(inked).toBeLessThan(0.6);
  });
});

describe("limits per unit", () => {
  const states = { amount_minor: [90000, null, 100], area_ha: [1, 1, 0] } as unknown as States;
  it("divide by the area in the unit, and are null where they cannot be", () => {
    expect(limitsPerUnit(states, "mu", 2)).toEqual([60, null, null]);
  });
  it("fall into classes of about equal size at round numbers", () => {
    const values = Array.from({ length: 100 }, (_, i) => 500 + i * 3);
    const breaks = breaksOf(values);
    expect(breaks).toHaveLength(4);
    for (const cut of breaks) expect(cut % 10).toBe(0);
    for (let group = 0; group <= 4; group++) expect(values.filter((value) => classOf(value, breaks) === group).length).toBeGreaterThan(10);
  });
  it("need no classes where nothing differs or nothing is known", () => {
    expect(breaksOf([5, 5, 5])).toEqual([]);
    expect(breaksOf([null])).toEqual([]);
  });
});
