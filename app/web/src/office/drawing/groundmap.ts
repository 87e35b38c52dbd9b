/** The map to draw on: imagery, the outlines that are there, and the corners of the one that comes about. */
import { type Map as MapLibre, type GeoJSONSource, type LayerSpecification, type MapLayerMouseEvent, type MapLayerTouchEvent, type StyleSpecification } from "maplibre-gl";
import { flatMap } from "../../flatmap";
import type { Position, Ring } from "../ground/geodesy";
import { drawRasters } from "../map/imagery";
import { dayNamed, daysOf, rastersOf } from "../map/pictures";
import type { Imagery, Layer, Shape } from "./asking";

export { canDraw } from "../map/canvas";

const NOTHING = { type: "FeatureCollection" as const, features: [] };
const SOURCES = ["track", "before", "after", "ring", "middles", "corners"] as const;
type Source = (typeof SOURCES)[number];
type Data = Exclude<Parameters<GeoJSONSource["setData"]>[0], string>;
type Pointed = MapLayerMouseEvent | MapLayerTouchEvent;
const PADDING = 60;

export interface GroundEvents {
  tapped(position: Position): void;
  chosen(corner: number): void;
  moved(corner: number, position: Position): void;
  inserted(before: number, position: Position): void;
}

export class GroundMap {
  readonly map: MapLibre;
  private ring: Ring = [];
  private chosen: number | null = null;
  private dragging: { at: number; fresh: boolean; position: Position } | null = null;

  constructor(
    container: HTMLElement,
    layer: Layer,
    labels: Record<string, string>,
    private readonly events: GroundEvents,
  ) {
    this.map = flatMap({
      container,
      style: styleOf(layer),
      ...(layer.bounds && { bounds: layer.bounds, fitBoundsOptions: { padding: 30 } }),
      maxZoom: 20,
      doubleClickZoom: false,
      locale: labels,
    });
    this.listen();
  }

  async ready(): Promise<void> {
    if (!this.map.isStyleLoaded()) await this.map.once("load");
  }

  /** The newest clear day beneath everything; nothing where the office has no imagery. */
  drawImagery(imagery: Imagery): void {
    const rasters = rastersOf(imagery, dayNamed(daysOf(imagery), null), "true-colour");
    drawRasters(this.map, rasters, 1);
    // Imagery belongs beneath all that is drawn.
    for (const { id } of this.map.getStyle().layers) if (id.startsWith("picture-")) this.map.moveLayer(id, "there");
  }

  drawDraft(ring: Ring, chosen: number | null): void {
    this.ring = ring;
    this.chosen = chosen;
    this.redraw(ring);
  }

  drawTrack(track: readonly Position[]): void {
    this.set("track", line(track));
  }

  /** A row of an import as it came and as it will be. */
  drawShapes(before: Shape | null, after: Shape | null): void {
    this.set("before", before === null ? NOTHING : { type: "Feature", properties: {}, geometry: before as never });
    this.set("after", after === null ? NOTHING : { type: "Feature", properties: {}, geometry: after as never });
  }

  show([west, south, east, north]: readonly [number, number, number, number]): void {
    this.map.fitBounds([west, south, east, north], { padding: PADDING, maxZoom: 18, duration: 0 });
  }

  centre(): Position {
    const { lng, lat } = this.map.getCenter();
    return [lng, lat];
  }

  /** A position so many pixels right and down of another. */
  pushed([lon, lat]: Position, right: number, down: number): Position {
    const { x, y } = this.map.project([lon, lat]);
    const { lng, lat: to } = this.map.unproject([x + right, y + down]);
    return [lng, to];
  }

  /** Bring a corner into view that was moved or typed out of it. */
  follow(position: Position): void {
    if (!this.map.getBounds().contains([position[0], position[1]])) this.map.panTo([position[0], position[1]], { duration: 0 });
  }

  remove(): void {
    this.map.remove();
  }

  private redraw(ring: Ring): void {
    const points = ring.map((position, at) => point(position, { at, chosen: at === this.chosen }));
    const middles = ring.length < 2 ? [] : ring.map((position, at) => point(between(position, ring[(at + 1) % ring.length] ?? position), { at: at + 1 }));
    this.set("ring", ring.length < 3 ? line(ring) : { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [closed(ring)] } });
    this.set("corners", { type: "FeatureCollection", features: points });
    this.set("middles", { type: "FeatureCollection", features: ring.length < 3 ? [] : middles });
  }

  private set(source: Source, data: Data): void {
    void this.map.getSource<GeoJSONSource>(source)?.setData(data);
  }

  private listen(): void {
    this.map.on("click", (event) => {
      const hit = this.map.queryRenderedFeatures(event.point, { layers: ["corners", "middles"] })[0];
      if (hit?.layer.id === "corners") this.events.chosen(Number(hit.properties["at"]));
      else if (hit === undefined) this.events.tapped([event.lngLat.lng, event.lngLat.lat]);
    });
    for (const layer of ["corners", "middles"] as const) {
      this.map.on("mouseenter", layer, () => (this.map.getCanvas().style.cursor = "move"));
      this.map.on("mouseleave", layer, () => (this.map.getCanvas().style.cursor = ""));
      this.map.on("mousedown", layer, (event) => this.seize(event, layer));
      this.map.on("touchstart", layer, (event) => event.points.length === 1 && this.seize(event, layer));
    }
    this.map.on("mousemove", (event) => this.pull([event.lngLat.lng, event.lngLat.lat]));
    this.map.on("touchmove", (event) => this.pull([event.lngLat.lng, event.lngLat.lat]));
    this.map.on("mouseup", () => this.release());
    this.map.on("touchend", () => this.release());
  }

  private seize(event: Pointed, layer: "corners" | "middles"): void {
    if (this.dragging !== null) return;
    const at = Number(event.features?.[0]?.properties["at"]);
    event.preventDefault(); // the map itself stays where it is
    this.dragging = { at, fresh: layer === "middles", position: [event.lngLat.lng, event.lngLat.lat] };
    if (layer === "corners") this.events.chosen(at);
  }

  private pull(position: Position): void {
    if (this.dragging === null) return;
    this.dragging = { ...this.dragging, position };
    const { at, fresh } = this.dragging;
    this.redraw(fresh ? this.ring.toSpliced(at, 0, position) : this.ring.with(at, position));
  }

  private release(): void {
    const held = this.dragging;
    this.dragging = null;
    if (held === null) return;
    if (held.fresh) this.events.inserted(held.at, held.position);
    else if (held.position !== this.ring[held.at]) this.events.moved(held.at, held.position);
  }
}

function styleOf({ outlines }: Layer): StyleSpecification {
  const known: LayerSpecification[] = outlines ? [{ id: "known", type: "line", source: "parcels", "source-layer": outlines.layer, paint: { "line-color": "#22302b", "line-width": 1.2, "line-opacity": 0.9 } }] : [];
  return {
    version: 8,
    sources: {
      ...(outlines && { parcels: { type: "vector" as const, tiles: [location.origin + outlines.url], minzoom: outlines.min_zoom, maxzoom: outlines.max_zoom } }),
      ...Object.fromEntries(SOURCES.map((name) => [name, { type: "geojson" as const, data: NOTHING }])),
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": "#e4e3dc" } },
      { id: "there", type: "background", paint: { "background-opacity": 0 } },
      ...known,
      { id: "track", type: "line", source: "track", paint: { "line-color": "#1769c2", "line-width": 3 } },
      { id: "after-fill", type: "fill", source: "after", paint: { "fill-color": "#174f42", "fill-opacity": 0.25 } },
      { id: "after", type: "line", source: "after", paint: { "line-color": "#174f42", "line-width": 2.5 } },
      { id: "before", type: "line", source: "before", paint: { "line-color": "#9d2f2a", "line-width": 2.5, "line-dasharray": [2, 2] } },
      { id: "ring-fill", type: "fill", source: "ring", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#ffd24d", "fill-opacity": 0.28 } },
      { id: "ring-halo", type: "line", source: "ring", layout: { "line-join": "round" }, paint: { "line-color": "#ffffff", "line-width": 5 } },
      { id: "ring", type: "line", source: "ring", layout: { "line-join": "round" }, paint: { "line-color": "#7d0f1c", "line-width": 2.5 } },
      { id: "middles", type: "circle", source: "middles", paint: { "circle-radius": 5, "circle-color": "#ffffff", "circle-opacity": 0.8, "circle-stroke-color": "#7d0f1c", "circle-stroke-width": 1 } },
      {
        id: "corners",
        type: "circle",
        source: "corners",
        paint: {
          "circle-radius": ["case", ["get", "chosen"], 10, 8],
          "circle-color": ["case", ["get", "chosen"], "#1769c2", "#7d0f1c"],
          "circle-stroke-color": "#ffffff",
          "circle-stroke-width": ["case", ["get", "chosen"], 3.5, 2],
        },
      },
    ],
  };
}

const point = (position: Position, properties: Record<string, unknown>) => ({ type: "Feature" as const, properties, geometry: { type: "Point" as const, coordinates: [...position] } });
const line = (track: readonly Position[]) => ({ type: "Feature" as const, properties: {}, geometry: { type: "LineString" as const, coordinates: track.map((position) => [...position]) } });
const between = ([x, y]: Position, [x2, y2]: Position): Position => [(x + x2) / 2, (y + y2) / 2];
const closed = (ring: Ring): number[][] => [...ring, ...ring.slice(0, 1)].map((position) => [...position]);
