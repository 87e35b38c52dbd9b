/** Keeps visits on this device and sends them whenever there is a network, as long as their officer is signed in. */
import { ApiError } from "../../api";
import type { Client } from "../client";
import { Kept } from "../kept/database";
import { sendPhoto, sendVisit } from "./asking";
import { again, inOrder, nextTry, shownEnough, type Entry } from "./queue";
import { sendAll, type Ports } from "./sending";

/** Tabs of one browser share the queue: one at a time sends. */
const LOCK = "acreline-visits";

export class Sender {
  /** Called when something changed, with the share of a photo that is on its way. */
  onChange: (key: string, share: number | null) => void = () => undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running = false;
  private stopped = false;
  /** The network is back: what waits because there was none is tried at once. */
  private readonly online = (): void => void this.sendNow();

  constructor(
    private readonly client: Client,
    readonly login: string,
  ) {
    window.addEventListener("online", this.online);
    void this.run();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.online);
  }

  /** All visits on this device, of others too: pages show only how many those are. */
  async entries(): Promise<Entry[]> {
    return withKept((kept) => kept.all<Entry>("visits"));
  }

  async keep(entry: Entry, photo: Blob | null): Promise<void> {
    const rows = [{ store: "visits" as const, key: entry.key, value: entry as unknown }];
    await withKept((kept) => kept.putAll(photo === null ? rows : [...rows, { store: "photos" as const, key: entry.key, value: photo }]));
    this.onChange(entry.key, null);
    void this.run();
  }

  /** The photo of a visit as it lies on this device; null: none does. */
  async photo(entry: Entry): Promise<Blob | null> {
    return withKept((kept) => kept.get<Blob>("photos", entry.key));
  }

  /** Put a refused visit's correction in its place; false where it is refused no more: another tab was there first. */
  async correct(entry: Entry, by: Entry, photo: Blob | null): Promise<boolean> {
    const done = await withKept(async (kept) => {
      if ((await kept.get<Entry>("visits", entry.key))?.state !== "refused") return false;
      await kept.putAll([
        { store: "visits", key: entry.key, value: null },
        { store: "photos", key: entry.key, value: null },
        { store: "visits", key: by.key, value: by },
        { store: "photos", key: by.key, value: photo },
      ]);
      return true;
    });
    this.onChange(by.key, null);
    void this.run();
    return done;
  }

  /** Let go what was refused before a visit that is in the book by now. */
  async forgetEarlier({ earlier: _, ...entry }: Entry): Promise<void> {
    await withKept((kept) => kept.put("visits", entry.key, entry));
    this.onChange(entry.key, null);
  }

  async tryAgain(entry: Entry): Promise<void> {
    await withKept((kept) => kept.put("visits", entry.key, again(entry)));
    this.onChange(entry.key, null);
    await this.run();
  }

  /** Try at once, whatever the wait. */
  async sendNow(): Promise<void> {
    const waiting = inOrder(await this.entries(), this.login).filter((entry) => entry.state === "waiting");
    await withKept((kept) => kept.putAll(waiting.map((entry) => ({ store: "visits", key: entry.key, value: { ...entry, not_before: 0 } }))));
    await this.run();
  }

  async drop(entry: Entry): Promise<void> {
    await withKept(async (kept) => {
      await kept.remove("visits", entry.key);
      await kept.remove("photos", entry.key);
    });
    this.onChange(entry.key, null);
  }

  async run(): Promise<void> {
    if (this.running || this.stopped || !("indexedDB" in globalThis)) return;
    this.running = true;
    try {
      await alone(() => sendAll(this.login, this.ports(), { changed: (entry, share) => this.onChange(entry.key, share) }));
      await this.tidy();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // the session ended: the frame shows the sign-in form
    } finally {
      this.running = false;
    }
    await this.wait();
  }

  private async wait(): Promise<void> {
    clearTimeout(this.timer);
    const at = this.stopped ? null : nextTry(await this.entries(), this.login);
    if (at !== null) this.timer = setTimeout(() => void this.run(), Math.max(1000, at - Date.now()));
  }

  private async tidy(): Promise<void> {
    const old = (await this.entries()).filter((entry) => shownEnough(entry, Date.now()));
    for (const entry of old) await withKept((kept) => kept.remove("visits", entry.key));
  }

  private ports(): Ports {
    return {
      entries: () => this.entries(),
      photo: (key) => withKept((kept) => kept.get<Blob>("photos", key)),
      keep: (entry) => withKept((kept) => kept.put("visits", entry.key, entry)),
      drop: (key) => withKept((kept) => kept.remove("photos", key)),
      sendPhoto: (key, photo, progress) => sendPhoto(this.client, key, photo, progress),
      sendVisit: (key, said) => sendVisit(this.client, key, said),
      now: () => Date.now(),
    };
  }
}

async function withKept<Value>(act: (kept: Kept) => Promise<Value>): Promise<Value> {
  const kept = await Kept.open();
  try {
    return await act(kept);
  } finally {
    kept.close();
  }
}

async function alone(act: () => Promise<void>): Promise<void> {
  if ("locks" in navigator) await navigator.locks.request(LOCK, act);
  else await act(); // sending twice is one visit all the same
}
