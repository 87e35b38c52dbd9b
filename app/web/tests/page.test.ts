import { describe, expect, it } from "vitest";
import type { Series } from "../src/api";
import { readView, writeView } from "../src/address";
import { clearOnly, observations, seasonMarks } from "../src/curve";
import { comparison } from "../src/compare";

describe("address", () => {
  it("keeps parcel and colouring, whatever the id holds", () => {
    for (const view of [{ parcel: "A/1 &=#%", mode: "limit" }, { parcel: null, mode: "crop" }, { parcel: "地块", mode: "status" }] as const)
      expect(readView(writeView(view))).toEqual(view);
  });
  it("falls back to crop for a colouring that does not exist", () => {
    expect(readView("#by=evil").mode).toBe("crop");
  });
});

describe("curve", () => {
  const series: Series = { parcel_id: "P", date: ["2026-01-01", "2026-01-11", "2026-01-21"], ndvi: [0.2, null, 0.5], clear_share: [1, 0, 0.3] };
  it("keeps every date and draws its line through clear ones only", () => {
    const rows = observations(series);
    expect(rows).toHaveLength(3);
    expect(rows[1]?.ndvi).toBeNull();
    expect(clearOnly(rows).map((row) => row.day)).toEqual(["2026-01-01"]);
  });
  it("labels peaks before starts and ends", () => {
    const marks = seasonMarks([{ sos: "2026-03-01", pos: "2026-05-01", eos: null }]);
    expect(marks.map((mark) => mark.name)).toEqual(["pos", "sos"]);
  });
});

describe("comparison", () => {
  const seen = { crop: "wheat", crop_set: ["wheat", "barley"] };
  it("tells as declared from possible from other", () => {
    expect(comparison({ ...seen, declared_crop: "wheat" })).toBe("same");
    expect(comparison({ ...seen, declared_crop: "barley" })).toBe("possible");
    expect(comparison({ ...seen, declared_crop: "maize" })).toBe("differs");
    expect(comparison({ ...seen, declared_crop: null })).toBeNull();
    expect(comparison({ crop: null, crop_set: [], declared_crop: "maize" })).toBeNull();
  });
});
