import { describe, expect, it } from "vitest";
import { REFUSALS, refusalOf, withoutRefusal } from "../../src/office/serviceway";
import { en } from "../../src/office/words/en";

describe("the way back from the bank's own service", () => {
  it("says why, of the refusals that there are and of nothing else", () => {
    expect(refusalOf("?refused=OIDC_STALE")).toBe("oidcStale");
    expect(refusalOf("?lang=zh&refused=OIDC_NOT_LINKED")).toBe("oidcUnlinked");
    for (const search of ["", "?refused=", "?refused=<b>", "?refused=toString", "?refuse=OIDC_STALE"]) expect(refusalOf(search)).toBeNull();
    for (const key of Object.values(REFUSALS)) expect(en).toHaveProperty(key);
  });
  it("leaves the rest of the address as it is", () => {
    expect(withoutRefusal("?refused=OIDC_STALE")).toBe("");
    expect(withoutRefusal("?lang=zh&refused=OIDC_STALE")).toBe("?lang=zh");
  });
});
