/** The map itself: MapLibre over outlines that are coloured by states, and cells from afar. */
import {
  addProtocol,
  type Map as MapLibre,
  removeProtocol,
  type CanvasSource,
  type GeoJSONSource,
  type LngLatBoundsLike,
} from "maplibre-gl";
import { flatMap } from "../../flatmap";
import { hatch as drawHatch, inkOn } from "../../patterns";
import { LEVELS } from "../alerts/levels";
import type { Card, Inside, Layer } from "./asking";
import { cellPixels, hatchesIn, PATTERNS, type Classes, type Painted } from "./classes";
import { drawMark, markPoints, PIXEL_RATIO } from "./marks";
import { covering, numbersOf, squareName, squareZoom, type Bounds } from "./squares";
import { States } from "./states";
import { CELLS, FILL_OPACITY, hatchLayer, MARKS, PARCELS, PICKED, SCHEME, styleOf } from "./style";
import type { At, Fact } from "./view";

/** What the service gives of an outline is a polygon or several. */
type Geometry = Extract<Exclude<Parameters<GeoJSONSource["setData"]>[0], string>, { type: "Polygon" }>;

const PADDING = 40;
const DEEPEST = 18;
/** So much shallower than outlines begin a map still begins with them. */
const NEARLY = 0.7;

export interface MapEvents {
  moved(): void;
  /** Somebody pointed at a parcel. */
  pick(number: number): void;
  /** A square could not be had. */
  fail(error: unknown): void;
}

export class MapCanvas {
  readonly map: MapLibre;
  private readonly states: States;
  private readonly numbers = new Map<string, Uint32Array>();
  private readonly hatches = new Set<number>();
  private painted: Painted | null = null;
  private standing: Promise<void> | null = null;
  private inView = "";

  constructor(
    container: HTMLElement,
    private readonly layer: Layer,
    private readonly classes: Classes,
    private readonly cells: HTMLCanvasElement | null,
    at: At | null,
    labels: Record<string, string>,
    fetchSquare: (address: string, signal: AbortSignal) => Promise<Uint8Array>,
    private readonly events: MapEvents,
  ) {
    this.serveSquares(fetchSquare);
    this.map = flatMap({
      container,
      style: styleOf(layer, classes, cells),
      ...(at ? { center: [at.lon, at.lat], zoom: at.zoom } : layer.bounds && { bounds: layer.bounds, fitBoundsOptions: { padding: PADDING } }),
      maxZoom: DEEPEST,
      locale: labels,
    });
    this.states = new States(layer.parcels, {
      set: (number, c, h) => this.map.setFeatureState(this.feature(number), { c, h }),
      forgetAll: () => this.map.removeFeatureState({ source: PARCELS, sourceLayer: layer.outlines?.layer ?? "" }),
    });
    if (!at) this.comeNear();
    this.listen();
  }

  /** Resolves once the style stands and images can be drawn. */
  ready(): Promise<void> {
    return (this.standing ??= this.addImages());
  }

  private async addImages(): Promise<void> {
    if (!this.map.isStyleLoaded()) await this.map.once("load");
    for (const level of LEVELS) {
      const mark = drawMark(level);
      if (mark) this.map.addImage(`mark-${level}`, mark, { pixelRatio: PIXEL_RATIO });
    }
    PATTERNS.forEach((pattern, at) => {
      if (pattern !== "none") this.map.addImage(hatchLayer(at), drawHatch(pattern, pattern === "sparse" ? [255, 255, 255, 200] : inkOn(pattern)), { pixelRatio: PIXEL_RATIO });
    });
  }

  /** Colour parcels. Only what is in view is told; nothing is laid out anew but a hatch that was not drawn before. */
  paint(painted: Painted): void {
    this.painted = painted;
    if (this.layer.outlines) {
      const wanted = new Set(hatchesIn(painted));
      for (const hatch of new Set([...wanted, ...this.hatches])) this.showHatch(hatch, wanted.has(hatch));
    }
    this.tell();
  }

  drawCells(fact: Fact, cells: Uint8Array, present: Uint8Array | null): void {
    const grid = this.layer.cells;
    const context = this.cells?.getContext("2d");
    if (!grid || !context || cells.length === 0) return;
    context.putImageData(new ImageData(cellPixels(this.classes, fact, cells, present), grid.width, grid.height), 0, 0);
    // A canvas is read again while it plays; one frame is enough.
    const source = this.map.getSource<CanvasSource>(CELLS);
    source?.play();
    this.map.once("render", () => source?.pause());
    this.map.triggerRepaint();
  }

  drawMarks(marks: Inside["marks"]): void {
    void this.map.getSource<GeoJSONSource>(MARKS)?.setData({ type: "FeatureCollection", features: markPoints(marks) });
  }

  /** Mark a parcel; null: none. */
  drawPicked(outline: Card["outline"]): void {
    const features = outline ? [{ type: "Feature" as const, properties: {}, geometry: outline as unknown as Geometry }] : [];
    void this.map.getSource<GeoJSONSource>(PICKED)?.setData({ type: "FeatureCollection", features });
  }

  setFillOpacity(share: number): void {
    if (this.layer.outlines) this.map.setPaintProperty("fill", "fill-opacity", share * FILL_OPACITY);
    if (this.cells) this.map.setPaintProperty(CELLS, "raster-opacity", share);
  }

  fly(bounds: LngLatBoundsLike): void {
    this.map.fitBounds(bounds, { padding: PADDING, maxZoom: 16, duration: motion() });
  }

  at(): At {
    const { lat, lng } = this.map.getCenter();
    return { lat, lon: lng, zoom: this.map.getZoom() };
  }

  bounds(): Bounds {
    const bounds = this.map.getBounds();
    const clip = (value: number, most: number): number => Math.min(Math.max(value, -most), most);
    return [clip(bounds.getWest(), 180), clip(bounds.getSouth(), 90), clip(bounds.getEast(), 180), clip(bounds.getNorth(), 90)];
  }

  remove(): void {
    removeProtocol(SCHEME);
    this.map.remove();
  }

  /** A part of the book that outlines almost fit begins with outlines. */
  private comeNear(): void {
    const from = this.layer.outlines?.min_zoom ?? 0;
    if (this.map.getZoom() < from && this.map.getZoom() > from - NEARLY) this.map.setZoom(from);
  }

  private feature(number: number): { source: string; sourceLayer: string; id: number } {
    return { source: PARCELS, sourceLayer: this.layer.outlines?.layer ?? "", id: number };
  }

  private serveSquares(fetchSquare: (address: string, signal: AbortSignal) => Promise<Uint8Array>): void {
    const { outlines } = this.layer;
    if (!outlines) return;
    addProtocol(SCHEME, async ({ url }, { signal }) => {
      const [z = 0, x = 0, y = 0] = url.slice(SCHEME.length + 3).split("/").map(Number);
      const address = outlines.url.replace("{z}", String(z)).replace("{x}", String(x)).replace("{y}", String(y));
      const square = await fetchSquare(address, signal);
      this.numbers.set(squareName(z, x, y), numbersOf(square));
      this.tell();
      return { data: square.buffer as ArrayBuffer };
    });
  }

  private listen(): void {
    this.map.on("move", () => this.tellNewSquares());
    this.map.on("moveend", () => this.events.moved());
    this.map.on("click", ({ point }) => this.pickAt(point));
    this.map.on("error", ({ error }) => this.events.fail(error));
    const canvas = this.map.getCanvas();
    canvas.addEventListener("keydown", ({ key }) => {
      if (key === "Enter") this.pickAt(this.map.project(this.map.getCenter()));
    });
  }

  private pickAt(point: { x: number; y: number }): void {
    const { outlines } = this.layer;
    if (!outlines || this.map.getZoom() < outlines.min_zoom) {
      if (outlines) this.map.easeTo({ center: this.map.unproject([point.x, point.y]), zoom: outlines.min_zoom + 0.5, duration: motion() });
      return;
    }
    const [feature] = this.map.queryRenderedFeatures([point.x, point.y], { layers: ["fill"] });
    const number = Number(feature?.properties[outlines.number] ?? Number.NaN);
    if (Number.isInteger(number)) this.events.pick(number);
  }

  /** Squares that stay for a while as they were need nothing. */
  private tellNewSquares(): void {
    const names = this.squaresInView();
    if (names.join() !== this.inView) this.tell(names);
  }

  private tell(names = this.squaresInView()): void {
    this.inView = names.join();
    if (!this.painted) return;
    this.states.show(names.flatMap((name) => this.numbers.get(name) ?? []), this.painted);
  }

  /** Of every depth that is drawn while squares load: those of one zoom lie within those of the other. */
  private squaresInView(): string[] {
    const { outlines } = this.layer;
    if (!outlines || this.map.getZoom() < outlines.min_zoom - 0.5) return [];
    const bounds = this.bounds();
    const deepest = squareZoom(this.map.getZoom(), outlines.min_zoom, outlines.max_zoom);
    const zooms = deepest === outlines.min_zoom ? [deepest] : [deepest, outlines.min_zoom];
    return zooms.flatMap((zoom) => covering(bounds, zoom));
  }

  private showHatch(hatch: number, shown: boolean): void {
    if (shown === this.hatches.has(hatch)) return;
    if (shown) this.hatches.add(hatch);
    else this.hatches.delete(hatch);
    this.map.setLayoutProperty(hatchLayer(hatch), "visibility", shown ? "visible" : "none");
  }
}

/** Whether the browser draws maps at all. */
export function canDraw(): boolean {
  return document.createElement("canvas").getContext("webgl2") !== null;
}

function motion(): number {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 700;
}
