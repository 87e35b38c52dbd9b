import { readFileSync } from "node:fs";
import openapi, { astToString } from "openapi-typescript";
import { expect, it } from "vitest";

it.each([
  ["openapi.json", "src/schema.d.ts"],
  ["openapi.office.json", "src/office/schema.d.ts"],
])("the types are those of %s (npm run types makes them anew)", async (document, types) => {
  const made = astToString(await openapi(JSON.parse(readFileSync(document, "utf8"))));
  expect(readFileSync(types, "utf8")).toContain(made.trim());
});

it("the lock file names no registry", () => {
  expect(readFileSync("package-lock.json", "utf8")).not.toMatch(/"resolved"/);
});
