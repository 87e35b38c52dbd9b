/** Which parcels of the map must be told anew what they look like: only those that are in view. */
import type { Painted } from "./classes";

/** Set or forget what a parcel looks like. */
export interface Sink {
  set(number: number, code: number, hatch: number): void;
  forgetAll(): void;
}

/** Beyond these, what is out of view is forgotten: each further square that loads looks at all that is kept. */
export const MOST_KEPT = 40_000;
const NOTHING = -1;

export class States {
  private readonly said: Int32Array;
  private kept = 0;

  constructor(
    parcels: number,
    private readonly sink: Sink,
    private readonly mostKept: number = MOST_KEPT,
  ) {
    this.said = new Int32Array(parcels).fill(NOTHING);
  }

  /** Tell what changed of the parcels of squares in view; how many that were. */
  show(squares: readonly Uint32Array[], { codes, hatches }: Painted): number {
    const inView = squares.reduce((sum, each) => sum + each.length, 0);
    if (this.kept > Math.max(this.mostKept, 2 * inView)) this.forget();
    let told = 0;
    for (const numbers of squares) for (const number of numbers) told += this.tell(number, codes[number] ?? 0, hatches[number] ?? 0);
    return told;
  }

  private tell(number: number, code: number, hatch: number): number {
    const wanted = code + 256 * hatch;
    if (this.said[number] === wanted) return 0;
    if (this.said[number] === NOTHING) this.kept += 1;
    this.said[number] = wanted;
    this.sink.set(number, code, hatch);
    return 1;
  }

  private forget(): void {
    this.said.fill(NOTHING);
    this.kept = 0;
    this.sink.forgetAll();
  }
}
