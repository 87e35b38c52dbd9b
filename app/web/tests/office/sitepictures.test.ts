import { describe, expect, it } from "vitest";
import { Speech } from "../../src/i18n";
import { runsGone } from "../../src/office/sites/slider";
import { OFFICE_DICTIONARIES } from "../../src/office/words";

describe("runs whose files are gone", () => {
  it.each(["en", "zh"] as const)("are named in one line, the newest first (%s)", (language) => {
    const speech = new Speech(language, OFFICE_DICTIONARIES);
    expect(runsGone({ missing: [] }, speech)).toBeNull();
    const said = runsGone({ missing: ["run-9", "run-8"] }, speech);
    expect(said).toContain("run-9");
    expect(said).toContain("2");
    expect(said).not.toContain("run-8");
  });
});
