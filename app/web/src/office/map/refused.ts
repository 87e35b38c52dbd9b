/** A set of parcels that the service refused as changed, kept beside the address while the map loads anew. */

interface Refused {
  readonly refusedAt: number;
  readonly refusedSet: string;
}

/** A layer that changed is asked for again at most once in this time. */
const ONCE_IN_MS = 30_000;

export function noteRefused(set: string, address: string): void {
  const noted: Refused = { refusedAt: Date.now(), refusedSet: set };
  history.replaceState(noted, "", address);
}

/** The set that was refused a moment ago, if any. */
export function refusedSet(): string | undefined {
  const noted = history.state as Partial<Refused> | null;
  return noted?.refusedAt !== undefined && Date.now() - noted.refusedAt < ONCE_IN_MS ? noted.refusedSet : undefined;
}
