/**
 * What this device keeps while there is no network: the week's list that somebody took along, visits and photos that are
 * not sent yet, and a border that is being walked. Everything is the browser's own IndexedDB; nothing of it leaves but
 * with a request of its owner.
 */
const NAME = "acreline-office";
const VERSION = 1;

export const STORES = ["weeks", "visits", "photos", "walks"] as const;
export type Store = (typeof STORES)[number];

export class Kept {
  private constructor(private readonly database: IDBDatabase) {}

  static open(): Promise<Kept> {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open(NAME, VERSION);
      asked.onupgradeneeded = () => {
        for (const store of STORES) if (!asked.result.objectStoreNames.contains(store)) asked.result.createObjectStore(store);
      };
      asked.onsuccess = () => {
        const database = asked.result;
        database.onversionchange = () => database.close(); // a newer page in another tab goes first
        resolve(new Kept(database));
      };
      asked.onerror = () => reject(asked.error ?? new Error("IndexedDB"));
    });
  }

  close(): void {
    this.database.close();
  }

  get<Value>(store: Store, key: string): Promise<Value | null> {
    return this.done<Value | undefined>(store, "readonly", (rows) => rows.get(key)).then((found) => found ?? null);
  }

  all<Value>(store: Store): Promise<Value[]> {
    return this.done<Value[]>(store, "readonly", (rows) => rows.getAll());
  }

  async put(store: Store, key: string, value: unknown): Promise<void> {
    await this.done(store, "readwrite", (rows) => rows.put(value, key));
  }

  async remove(store: Store, key: string): Promise<void> {
    await this.done(store, "readwrite", (rows) => rows.delete(key));
  }

  async clear(store: Store): Promise<void> {
    await this.done(store, "readwrite", (rows) => rows.clear());
  }

  /** Write several rows at once, in their order: all of them, or none. A row whose value is null goes. */
  putAll(rows: readonly { store: Store; key: string; value: unknown }[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const change = this.database.transaction([...new Set(rows.map((row) => row.store))], "readwrite", { durability: "strict" });
      change.oncomplete = () => resolve();
      change.onabort = () => reject(change.error ?? new Error("IndexedDB"));
      for (const { store, key, value } of rows) {
        if (value === null) change.objectStore(store).delete(key);
        else change.objectStore(store).put(value, key);
      }
    });
  }

  /** Resolves once the change lies on the disk, not when it was asked for. */
  private done<Value>(store: Store, mode: IDBTransactionMode, act: (rows: IDBObjectStore) => IDBRequest): Promise<Value> {
    return new Promise((resolve, reject) => {
      const change = this.database.transaction(store, mode, { durability: mode === "readwrite" ? "strict" : "default" });
      const asked = act(change.objectStore(store));
      change.oncomplete = () => resolve(asked.result as Value);
      change.onabort = () => reject(change.error ?? new Error("IndexedDB"));
    });
  }
}
