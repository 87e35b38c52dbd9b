import { describe, expect, it } from "vitest";
import { ApiError } from "../../src/api";
import { Client, cookieOf } from "../../src/office/client";
import { readFilter } from "../../src/office/alerts/filter";
import { FakeService, OFFICER, PASSWORD } from "./fake";

const signal = new AbortController().signal;
const clientOf = (service: FakeService): Client => new Client(service.send, () => service.cookies);

describe("sign-in", () => {
  it("asks nothing where no session can be", async () => {
    const service = new FakeService();
    expect(await clientOf(service).me()).toBeNull();
    expect(service.asked).toEqual([]);
  });
  it("sends login and password once, in the body, and then knows who is there", async () => {
    const service = new FakeService();
    const client = clientOf(service);
    expect(await client.signIn("chen", PASSWORD)).toEqual(OFFICER);
    expect(service.asked[0]).toMatchObject({ method: "POST", url: "/api/v1/session", body: { login: "chen", password: PASSWORD } });
    expect(await client.me()).toEqual(OFFICER);
    expect(JSON.stringify(service.asked.slice(1))).not.toContain(PASSWORD);
  });
  it("says how long to wait after too many tries", async () => {
    const client = clientOf(new FakeService());
    for (let tries = 0; tries < 3; tries++) await expect(client.signIn("chen", "wrong")).rejects.toMatchObject({ status: 401, retryAfterS: null });
    await expect(client.signIn("chen", "wrong")).rejects.toMatchObject({ status: 429, retryAfterS: 90 });
  });
  it("is over after signing out", async () => {
    const service = new FakeService({ signedIn: true });
    await clientOf(service).signOut();
    expect(service.signedIn).toBe(false);
  });
});

describe("a session that ended", () => {
  it("is told wherever it shows, and the refusal still comes through", async () => {
    const service = new FakeService();
    const client = clientOf(service);
    let told = 0;
    client.onSignedOut = () => (told += 1);
    await expect(client.today(signal)).rejects.toBeInstanceOf(ApiError);
    expect(told).toBe(1);
  });
  it("is not told by a wrong password", async () => {
    const client = clientOf(new FakeService());
    client.onSignedOut = () => expect.unreachable();
    await expect(client.signIn("chen", "wrong")).rejects.toThrow("Login or password is wrong.");
  });
});

describe("acts", () => {
  it("carry the token of the session; what only reads does not", async () => {
    const service = new FakeService({ signedIn: true });
    const client = clientOf(service);
    await client.today(signal);
    expect(await client.act("acknowledge", [11, 12])).toEqual({ changed: [11], already: [12] });
    expect(service.asked.map(({ headers }) => headers.get("X-CSRF-Token"))).toEqual([null, "token"]);
  });
  it("have addresses of their own", async () => {
    const service = new FakeService({ signedIn: true });
    await clientOf(service).act("false_alarm", [11], { said: "cut for silage" });
    expect(service.asked[0]).toMatchObject({ url: "/api/v1/alerts/false-alarm", body: { numbers: [11], said: "cut for silage" } });
  });
  it("keep a refusal's code", async () => {
    const service = new FakeService({ signedIn: true });
    const client = new Client(service.send, () => "");
    await expect(client.act("acknowledge", [11])).rejects.toMatchObject({ status: 403, problem: { code: "CSRF_REFUSED" } });
  });
});

describe("answers", () => {
  it("of a parcel are asked for by its id, whatever it holds", async () => {
    const service = new FakeService({ signedIn: true });
    await expect(clientOf(service).parcel("a/b?c#d", signal)).rejects.toMatchObject({ status: 404 });
    expect(service.asked[0]?.url).toBe("/api/v1/parcels/a%2Fb%3Fc%23d");
  });
  it("of a work list are those asked for", async () => {
    const list = await clientOf(new FakeService({ signedIn: true })).workList("level=warning&which=live", signal);
    expect(list.alerts.map((alert) => alert.number)).toEqual([12, 13]);
    expect(readFilter("level=warning").levels).toEqual(["warning"]);
  });
  it("that are no JSON are still a failure that can be read", async () => {
    const client = new Client(() => Promise.resolve(new Response("<html>", { status: 502, statusText: "Bad Gateway" })), () => "");
    await expect(client.today(signal)).rejects.toThrow("502 Bad Gateway");
  });
});

describe("cookieOf", () => {
  it("goes by the whole name", () => {
    expect(cookieOf("a=1; ab=2=3", "ab")).toBe("2=3");
    expect(cookieOf("xab=1", "ab")).toBeNull();
    expect(cookieOf("", "ab")).toBeNull();
  });
});
