import { readFileSync } from "node:fs";
import openapi, { astToString } from "openapi-typescript";
import { expect, it } from "vitest";

it("the types are those of openapi.json (npm run types makes them anew)", async () => {
  const document = JSON.parse(readFileSync("openapi.json", "utf8"));
  const made = astToString(await openapi(document));
  expect(readFileSync("src/schema.d.ts", "utf8")).toContain(made.trim());
});

it("the lock file names no registry", () => {
  expect(readFileSync("package-lock.json", "utf8")).not.toMatch(/"resolved"/);
});
