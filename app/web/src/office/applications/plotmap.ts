/** The branch's map to pick plots on: the layer of the map room, coloured by what each parcel is to an application. */
import { Asking, type Layer } from "../map/asking";
import { MapCanvas } from "../map/canvas";
import { UNKNOWN } from "../map/classes";
import { drawRasters } from "../map/imagery";
import { dayNamed, daysOf, rastersOf } from "../map/pictures";
import type { Bounds } from "../map/squares";
import { EVERYTHING, type At } from "../map/view";
import type { Office } from "../office";
import type { components } from "../schema";
import { paintPlots, PLOT_CLASSES } from "./plotclasses";

export { canDraw } from "../map/canvas";

const PADDING = 36;
const NEAR = 15.5;
/** Where each application's map was left: saving draws the page anew. */
const left = new Map<string, At>();

export interface Pointed {
  readonly number: number;
  readonly parcel: string;
}

export class PlotMap {
  private constructor(
    private readonly office: Office,
    private readonly application: string,
    private readonly layer: Layer,
    private readonly column: Uint8Array,
    private readonly canvas: MapCanvas,
    private readonly asking: Asking,
    private readonly signal: AbortSignal,
    private readonly stage: HTMLElement,
  ) {
    canvas.map.on("idle", () => (stage.dataset["drawn"] = "true"));
    signal.addEventListener("abort", () => this.leave());
  }

  /** The map in an element that stands on the page; null: no outlines are made, so that nothing can be pointed at. */
  static async draw(office: Office, application: string, stage: HTMLElement, around: Bounds | null, picked: (pointed: Pointed) => void, signal: AbortSignal): Promise<PlotMap | null> {
    const asking = new Asking(office, signal);
    const layer = await asking.layer();
    if (layer.outlines === null) return null;
    const path = `/api/v1/applications/${encodeURIComponent(application)}/map/${layer.set}`;
    const [column, present] = await Promise.all([asking.bytes(path), layer.cells ? asking.cells(layer, "status", EVERYTHING) : null]);
    if (signal.aborted) return null;
    const canvas = canvasOn(office, stage, layer, left.get(application) ?? null, asking, picked, signal);
    const map = new PlotMap(office, application, layer, column, canvas, asking, signal, stage);
    await canvas.ready();
    if (signal.aborted) return null;
    if (around && !left.has(application)) canvas.map.fitBounds([...around], { padding: PADDING, maxZoom: NEAR, duration: 0 });
    map.mark(new Set());
    if (present) canvas.drawCells("status", new Uint8Array(present.length).fill(UNKNOWN), present);
    await map.drawImagery();
    return map;
  }

  /** Colour the chosen parcels. */
  mark(chosen: ReadonlySet<number>): void {
    this.canvas.paint(paintPlots(this.column, chosen));
  }

  /** Number of a parcel on this map. */
  async numberOf(parcel: string): Promise<number> {
    const path = `/parcel-layer/${this.layer.set}/parcels/${encodeURIComponent(parcel)}`;
    return (await this.office.client.get<components["schemas"]["NumberedParcel"]>(path, this.signal)).number;
  }

  /** Bring a parcel into view. */
  show(bounds: Bounds): void {
    delete this.stage.dataset["drawn"];
    this.canvas.map.fitBounds([...bounds], { padding: PADDING, maxZoom: NEAR, duration: 0 });
  }

  /** The newest clear day beneath the outlines; nothing where the office has no imagery. */
  private async drawImagery(): Promise<void> {
    const imagery = await this.asking.imagery();
    if (this.signal.aborted) return;
    drawRasters(this.canvas.map, rastersOf(imagery, dayNamed(daysOf(imagery), null), "true-colour"), 1);
  }

  private leave(): void {
    left.set(this.application, this.canvas.at());
    this.canvas.remove();
  }
}

function canvasOn(office: Office, stage: HTMLElement, layer: Layer, at: At | null, asking: Asking, picked: (pointed: Pointed) => void, signal: AbortSignal): MapCanvas {
  const { say } = office.speech;
  const labels = { "Map.Title": say("app_mapLabel"), "NavigationControl.ZoomIn": say("map_zoomIn"), "NavigationControl.ZoomOut": say("map_zoomOut") };
  const fail = (error: unknown): void => {
    if (!signal.aborted && !(error instanceof DOMException && error.name === "AbortError")) office.fail(error);
  };
  const pick = async (number: number): Promise<void> => picked({ number, parcel: await asking.named(layer.set, number) });
  const cells = layer.cells ? document.createElement("canvas") : null;
  if (cells && layer.cells) [cells.width, cells.height] = [layer.cells.width, layer.cells.height];
  return new MapCanvas(stage, layer, PLOT_CLASSES, cells, at, labels, (address, square) => asking.bytes(address, square), {
    moved: () => undefined,
    pick: (number) => void pick(number).catch(fail),
    fail,
  });
}
