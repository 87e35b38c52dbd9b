import { describe, expect, it } from "vitest";
import { ApiError } from "../../src/api";
import { again, after, corrected, countsOf, inOrder, newEntry, nextOf, nextTry, shownEnough, type Entry, type VisitSaid } from "../../src/office/visits/queue";
import { sendAll, type Ports } from "../../src/office/visits/sending";

const SAID: VisitSaid = { parcel_id: "p1", second_officer: "wang", captured_at: "2024-06-18T07:30:00Z", outcome: "not_confirmed", note: "", photo: false };
const entry = (key: string, at: number, more: Partial<Entry> = {}): Entry => ({ ...newEntry(key, "chen", "p1", SAID, false, at), ...more });
const refusal = (status: number, code = "VISIT_CAUSE", wait: number | null = null): ApiError => new ApiError(status, { code, message: "No.", remedy: "" } as ApiError["problem"], wait);

describe("the queue", () => {
  it("sends somebody's own visits in the order in which they were recorded, and nothing overtakes", () => {
    const rows = [entry("c", 30), entry("a", 10, { not_before: 99 }), entry("b", 20, { state: "refused" }), entry("x", 1, { login: "li" })];
    expect(inOrder(rows, "chen").map((row) => row.key)).toEqual(["a", "b", "c"]);
    expect(nextOf(rows, "chen", 98)).toBeNull();
    expect(nextOf(rows, "chen", 99)?.key).toBe("a");
    expect(nextTry(rows, "chen")).toBe(99);
    expect(countsOf(rows, "chen")).toEqual({ waiting: 2, refused: 1, sent: 0, others: 1 });
    expect([nextOf([], "chen", 0), nextTry([], "chen")]).toEqual([null, null]);
  });
  it("waits longer after each failure, as long as the service asks, and never for ever", () => {
    let row = entry("a", 0);
    const waits = Array.from({ length: 9 }, () => {
      row = after(row, { kind: "unreachable", now: 0, wait_s: null, problem: null });
      return row.not_before;
    });
    expect(waits).toEqual([5e3, 1e4, 2e4, 4e4, 8e4, 16e4, 3e5, 3e5, 3e5]);
    expect(after(row, { kind: "unreachable", now: 7, wait_s: 30, problem: null }).not_before).toBe(30_007);
  });
  it("keeps what was refused until its officer tries again", () => {
    const no = after(entry("a", 0), { kind: "refused", problem: { code: "VISIT_CAUSE", text: "No." } });
    expect([no.state, nextOf([no], "chen", 0)]).toEqual(["refused", null]);
    expect(again(no)).toEqual(entry("a", 0));
    expect(again(after(no, { kind: "sent", visit: 3 })).state).toBe("sent");
  });
});

const DAY_MS = 86_400_000;
const refusedFor = (code: string, more: Partial<Entry> = {}): Entry => after(entry("a", 7, { photo: "sent", tries: 2, ...more }), { kind: "refused", problem: { code, text: "No." } });

describe("a correction", () => {
  const said: VisitSaid = { ...SAID, outcome: "partly", cause_found: "hail" };
  it("is sent anew, photo and all, with what was refused behind it", () => {
    const no = refusedFor("VISIT_TIME");
    const right = corrected(no, said, true, 99, "other");
    expect(right).toEqual({ ...newEntry("a", "chen", "p1", said, true, 99), earlier: [{ said: SAID, problem: { code: "VISIT_TIME", text: "No." }, kept_at: 7 }] });
    expect(nextOf([right], "chen", 99)?.photo).toBe("kept");
    const again2 = corrected(after(right, { kind: "refused", problem: { code: "VISIT_CAUSE", text: "No cause." } }), SAID, false, 120, "other");
    expect(again2.earlier?.map((each) => [each.said.outcome, each.problem.code, each.kept_at])).toEqual([["not_confirmed", "VISIT_TIME", 7], ["partly", "VISIT_CAUSE", 99]]);
    expect(again2.photo).toBe("none");
  });
  it("takes another key only where the service holds another visit under its own", () => {
    expect(corrected(refusedFor("VISIT_KEY"), said, false, 1, "other").key).toBe("other");
    expect(corrected(refusedFor("NOT_IN_UNIT"), said, false, 1, "other").key).toBe("a");
  });
  it("is of a refused visit and of no other", () => {
    for (const row of [entry("a", 1), entry("a", 1, { state: "sent", visit: 3 })]) expect(() => corrected(row, said, false, 1, "other")).toThrow("refused");
  });
  it("stays on the device for a month with what it corrects, others for a day", () => {
    const sent = after(entry("a", 0), { kind: "sent", visit: 3 });
    expect([shownEnough(sent, DAY_MS), shownEnough(sent, DAY_MS + 1), shownEnough(entry("a", 0), 9 * DAY_MS)]).toEqual([false, true, false]);
    const right = after(corrected(refusedFor("VISIT_TIME"), said, false, 0, "other"), { kind: "sent", visit: 4 });
    expect([shownEnough(right, 28 * DAY_MS), shownEnough(right, 28 * DAY_MS + 1)]).toEqual([false, true]);
  });
});

class Device implements Ports {
  sent: string[] = [];
  dropped: string[] = [];
  seen: string[] = [];
  clock = 0;
  failing: (ApiError | TypeError | null)[] = [];
  constructor(readonly rows: Map<string, Entry>, readonly photos = new Map<string, Blob>()) {}
  entries = (): Promise<Entry[]> => Promise.resolve([...this.rows.values()]);
  photo = (key: string): Promise<Blob | null> => Promise.resolve(this.photos.get(key) ?? null);
  keep = (row: Entry): Promise<void> => Promise.resolve(void this.rows.set(row.key, row));
  drop = (key: string): Promise<void> => Promise.resolve(void this.dropped.push(key));
  now = (): number => this.clock;
  sendPhoto = (key: string, _photo: Blob, progress: (share: number) => void): Promise<void> => this.send(`photo ${key}`, () => progress(0.5));
  sendVisit = (key: string): Promise<{ number: number }> => this.send(`visit ${key}`).then(() => ({ number: 7 }));
  run = (): Promise<void> => sendAll("chen", this, { changed: (row, share) => this.seen.push(`${row.key} ${row.state} ${share}`) });
  states = (): string[] => [...this.rows.values()].map((row) => row.state);

  private send(what: string, meanwhile = (): void => undefined): Promise<void> {
    meanwhile();
    const failure = this.failing.shift() ?? null;
    if (failure) return Promise.reject(failure);
    this.sent.push(what);
    return Promise.resolve();
  }
}
const device = (...rows: Entry[]): Device => new Device(new Map(rows.map((row) => [row.key, row])), new Map([["a", new Blob(["x"])]]));

describe("sending", () => {
  it("sends the photo first and lets it go once the visit is in the book", async () => {
    const phone = device(entry("a", 1, { photo: "kept" }), entry("b", 2));
    await phone.run();
    expect(phone.sent).toEqual(["photo a", "visit a", "visit b"]);
    expect([phone.dropped, phone.states()]).toEqual([["a", "b"], ["sent", "sent"]]);
    expect(phone.seen).toContain("a waiting 0.5");
  });
  it("stops where the line fails and goes on from there, without the photo again", async () => {
    const phone = device(entry("a", 1, { photo: "kept" }), entry("b", 2));
    phone.failing = [null, new TypeError("Failed to fetch")];
    await phone.run();
    expect([phone.sent, phone.states()]).toEqual([["photo a"], ["waiting", "waiting"]]);
    await phone.run();
    expect(phone.sent).toEqual(["photo a"]);
    phone.clock = 5_000;
    await phone.run();
    expect(phone.sent).toEqual(["photo a", "visit a", "visit b"]);
  });
  it("goes past a visit that the service refuses and says why", async () => {
    const phone = device(entry("a", 1), entry("b", 2));
    phone.failing = [refusal(400)];
    await phone.run();
    expect([phone.states(), phone.sent]).toEqual([["refused", "sent"], ["visit b"]]);
    expect(phone.rows.get("a")?.problem).toEqual({ code: "VISIT_CAUSE", text: "No." });
  });
  it("sends a photo again that the service no longer has, and gives up on the third time", async () => {
    const phone = device(entry("a", 1, { photo: "kept" }));
    const lacks = refusal(409, "VISIT_PHOTO");
    phone.failing = [null, lacks, null, null];
    await phone.run();
    expect([phone.sent, phone.states()]).toEqual([["photo a", "photo a", "visit a"], ["sent"]]);
    const other = device(entry("a", 1, { photo: "kept" }));
    other.failing = [null, lacks, null, lacks, null, lacks, null, lacks];
    await other.run();
    expect(other.states()).toEqual(["refused"]);
  });
  it("waits as long as the service asks, and leaves all as it is when the session ended", async () => {
    const busy = device(entry("a", 1));
    busy.failing = [refusal(503, "FOLDER_MISSING", 60)];
    await busy.run();
    expect([busy.rows.get("a")?.not_before, busy.rows.get("a")?.problem?.code]).toEqual([60_000, "FOLDER_MISSING"]);
    const out = device(entry("a", 1));
    out.failing = [refusal(401, "NOT_SIGNED_IN")];
    await expect(out.run()).rejects.toBeInstanceOf(ApiError);
    expect(out.rows.get("a")).toEqual(entry("a", 1));
  });
  it("says when the photo is gone from the device", async () => {
    const phone = device(entry("z", 1, { photo: "kept" }));
    await phone.run();
    expect(phone.rows.get("z")?.problem?.code).toBe("PHOTO_GONE");
  });
});
