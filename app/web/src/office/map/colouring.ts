/** What colours the map: columns and cells as they are asked for, kept while the map is open. */
import type { Asking, Layer } from "./asking";
import { paint, rowsOf, type Classes, type Painted, type Row } from "./classes";
import { narrows, type Fact, type Sieve } from "./view";

export interface Coloured {
  readonly painted: Painted;
  /** Bytes of the cells; empty where there are none. */
  readonly cells: Uint8Array;
  /** Bytes that tell where parcels are at all. */
  readonly present: Uint8Array | null;
  readonly rows: Row[];
  /** Which parcels filters leave; null: all. */
  readonly left: Uint8Array | null;
}

/** Most runs look at every parcel: where a status is, a parcel is. */
const PRESENT: Fact = "status";

export class Colouring {
  /** Overview as a picture, one pixel a cell; null where no parcel has an outline. */
  readonly cells: HTMLCanvasElement | null;
  private readonly columns = new Map<Fact, Promise<Uint8Array>>();
  private asked = 0;

  constructor(
    private readonly layer: Layer,
    readonly classes: Classes,
    private readonly asking: Asking,
    private readonly decided: number,
  ) {
    this.cells = layer.cells ? canvasOf(layer.cells.width, layer.cells.height) : null;
  }

  /** Colours of a fact over what filters leave; null where something else was asked for meanwhile. */
  async colour(by: Fact, sieve: Sieve): Promise<Coloured | null> {
    const asked = (this.asked += 1);
    const left = narrows(sieve) ? this.asking.left(this.layer.set, sieve) : null;
    const statuses = by === "crop" || by === "vigour" ? this.column("status") : null;
    const cells = this.cells ? this.asking.cells(this.layer, by, sieve) : new Uint8Array();
    const present = this.cells && by !== PRESENT ? this.asking.cells(this.layer, PRESENT, sieve) : null;
    const [column, kept, status, squares, known] = await Promise.all([this.column(by), left, statuses, cells, present]);
    if (asked !== this.asked) return null;
    const painted = paint(this.classes, by, column, kept, status, this.decided);
    return { painted, cells: squares, present: known, rows: rowsOf(this.classes, by, painted.codes), left: kept };
  }

  private column(fact: Fact): Promise<Uint8Array> {
    const known = this.columns.get(fact) ?? this.asking.column(this.layer, fact);
    this.columns.set(fact, known);
    known.catch(() => this.columns.delete(fact));
    return known;
  }
}

function canvasOf(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}
