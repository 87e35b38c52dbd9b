/** The map: imagery beneath, parcels above, coloured by states that are fetched apart from the outlines. */
import {
  type Map as MapLibre,
  type ExpressionSpecification,
  type FilterSpecification,
  type LngLatBoundsLike,
  type StyleSpecification,
} from "maplibre-gl";

import type { Run, States, Status } from "./api";
import { flatMap } from "./flatmap";
import { breaksOf, limitsPerUnit, LIMIT_COLOURS, NO_VALUE, spread, STATUS_STYLES, VIGOUR_BREAKS, VIGOUR_COLOURS, type Mode, type Pattern } from "./palette";
import { hatch, inkOn } from "./patterns";
import type { AreaUnit } from "./format";

const PARCELS = "parcels";
const NOBODY: FilterSpecification = ["==", ["get", "parcel_id"], ""];
const PADDING = 48;
/** Room that the legend card takes from the map: beside the parcels on a wide map, above them on a narrow one. */
const CARD = { width: 276, height: 46, narrow: 560 };

/** Raster that shows the same as a mode, pixel by pixel. */
export const PIXEL_LAYERS: Partial<Record<Mode, string>> = { crop: "crop", vigour: "vigour" };

export interface MapEvents {
  select(parcelId: string | null): void;
  hover(parcelId: string | null, x: number, y: number): void;
}

export class ParcelMap {
  private readonly map: MapLibre;
  private hovered: string | null = null;
  private mode: Mode = "crop";
  private pixels = false;

  constructor(
    container: HTMLElement,
    private readonly run: Run,
    private readonly states: States,
    events: MapEvents,
    labels: Record<string, string>,
  ) {
    this.map = flatMap({
      container,
      style: styleOf(run),
      bounds: run.bounds,
      fitBoundsOptions: { padding: padding(container) },
      maxZoom: 19,
      locale: labels,
    }, "bottom-right", 120);
    this.listen(events);
  }

  /** Resolves once outlines are loaded and coloured. */
  async ready(): Promise<void> {
    if (!this.map.isStyleLoaded()) await this.map.once("load");
    this.addPatterns();
    this.applyStates();
    this.colourBy(this.mode);
  }

  /** Colour parcels by one of the modes. */
  colourBy(mode: Mode): void {
    this.mode = mode;
    this.map.setPaintProperty("fill", "fill-color", fillColour(mode, this.run, this.states));
    this.map.setPaintProperty("hatch", "fill-pattern", this.patterns(mode));
    this.showPixels(this.pixels);
  }

  /** Show the raster behind a mode instead of parcel colours, where there is one. */
  showPixels(on: boolean): void {
    this.pixels = on;
    const raster = on ? PIXEL_LAYERS[this.mode] : undefined;
    for (const name of Object.values(PIXEL_LAYERS)) this.show(`raster-${name}`, name === raster);
    this.show("fill", raster === undefined);
    this.show("hatch", raster === undefined && this.undecided().length > 0);
  }

  setOpacity(layer: "mosaic" | "fill", opacity: number): void {
    if (layer === "mosaic") this.map.setPaintProperty("raster-mosaic", "raster-opacity", opacity);
    else for (const name of Object.values(PIXEL_LAYERS)) this.map.setPaintProperty(`raster-${name}`, "raster-opacity", opacity);
    if (layer === "fill") {
      this.map.setPaintProperty("fill", "fill-opacity", opacity);
      this.map.setPaintProperty("hatch", "fill-opacity", opacity);
    }
  }

  /** Mark a parcel and, where its box is known, bring it into view. */
  select(parcelId: string | null, bounds: LngLatBoundsLike | null = null): void {
    const filter: FilterSpecification = parcelId === null ? NOBODY : ["==", ["get", "parcel_id"], parcelId];
    this.map.setFilter("selected-halo", filter);
    this.map.setFilter("selected", filter);
    if (bounds) this.map.fitBounds(bounds, { padding: padding(this.map.getContainer()), maxZoom: 15.5, duration: motion() });
  }

  showAll(): void {
    this.map.fitBounds(this.run.bounds, { padding: padding(this.map.getContainer()), duration: motion() });
  }

  /** Where a point lies on the map's canvas; for tests and for anchoring. */
  project(lng: number, lat: number): { x: number; y: number } {
    return this.map.project([lng, lat]);
  }

  private listen(events: MapEvents): void {
    this.map.on("mousemove", "hit", (event) => {
      const id = String(event.features?.[0]?.properties["parcel_id"] ?? "");
      this.hover(id || null);
      events.hover(id || null, event.point.x, event.point.y);
    });
    this.map.on("mouseleave", "hit", () => {
      this.hover(null);
      events.hover(null, 0, 0);
    });
    this.map.on("click", (event) => {
      const [feature] = this.map.queryRenderedFeatures(event.point, { layers: ["hit"] });
      events.select(feature ? String(feature.properties["parcel_id"]) : null);
    });
  }

  private hover(id: string | null): void {
    if (id === this.hovered) return;
    if (this.hovered !== null) this.map.setFeatureState({ source: PARCELS, id: this.hovered }, { hover: false });
    if (id !== null) this.map.setFeatureState({ source: PARCELS, id }, { hover: true });
    this.hovered = id;
    this.map.getCanvas().style.cursor = id === null ? "" : "pointer";
  }

  private applyStates(): void {
    const { states, run } = this;
    const perUnit = limitsPerUnit(states, run.area_unit as AreaUnit, run.minor_digits);
    states.parcel_id.forEach((id, index) => {
      this.map.setFeatureState(
        { source: PARCELS, id },
        { crop: states.crop[index] ?? -1, status: states.status[index] ?? -1, vigour: states.vigour_pct[index] ?? -1, limit: perUnit[index] ?? -1 },
      );
    });
    const undecided = this.undecided();
    const filter: FilterSpecification = undecided.length ? ["match", ["get", "parcel_id"], undecided, true, false] : NOBODY;
    this.map.setFilter("hatch", filter);
    this.map.setFilter("outline-undecided", filter);
  }

  private undecided(): string[] {
    const { states } = this;
    return states.parcel_id.filter((_, index) => statusAt(states, index) !== "OK");
  }

  private addPatterns(): void {
    const patterns = new Set<Pattern>(Object.values(STATUS_STYLES).map((style) => style.pattern));
    for (const pattern of patterns)
      if (pattern !== "none") this.map.addImage(`hatch-${pattern}`, hatch(pattern, inkOn(pattern)), { pixelRatio: 2 });
    this.map.addImage("hatch-undecided", hatch("sparse", [255, 255, 255, 190]), { pixelRatio: 2 });
  }

  /** In status mode each status has its own hatch; elsewhere one hatch says "not decided". */
  private patterns(mode: Mode): ExpressionSpecification | string {
    if (mode !== "status") return "hatch-undecided";
    const groups = new Map<Pattern, string[]>();
    this.states.parcel_id.forEach((id, index) => {
      const { pattern } = STATUS_STYLES[statusAt(this.states, index)];
      if (pattern !== "none") groups.set(pattern, [...(groups.get(pattern) ?? []), id]);
    });
    if (groups.size === 0) return "hatch-undecided";
    const branches = [...groups].flatMap(([pattern, ids]) => [ids, `hatch-${pattern}`]);
    return ["match", ["get", "parcel_id"], ...branches, "hatch-undecided"] as unknown as ExpressionSpecification;
  }

  private show(layer: string, visible: boolean): void {
    this.map.setLayoutProperty(layer, "visibility", visible ? "visible" : "none");
  }
}

export function statusAt(states: States, index: number): Status {
  return states.statuses[states.status[index] ?? -1] ?? "UNVERIFIED";
}

/** Colour of a parcel from its feature state. */
export function fillColour(mode: Mode, run: Run, states: States): ExpressionSpecification | string {
  const state = (name: string): ExpressionSpecification => ["coalesce", ["feature-state", name], -1];
  if (mode === "crop") return matchColours(state("crop"), cropColours(run, states));
  if (mode === "status") return matchColours(state("status"), states.statuses.map((status) => STATUS_STYLES[status].colour));
  if (mode === "vigour") return stepColours(state("vigour"), VIGOUR_BREAKS, [...VIGOUR_COLOURS]);
  const breaks = breaksOf(limitsPerUnit(states, run.area_unit as AreaUnit, run.minor_digits));
  return stepColours(state("limit"), breaks, spread(LIMIT_COLOURS, breaks.length + 1));
}

function cropColours(run: Run, states: States): string[] {
  const colours = new Map(run.legend.map((entry) => [entry.key, entry.colour]));
  return states.crops.map((key) => colours.get(key) ?? NO_VALUE);
}

function matchColours(input: ExpressionSpecification, colours: string[]): ExpressionSpecification | string {
  if (colours.length === 0) return NO_VALUE;
  return ["match", input, ...colours.flatMap((colour, index) => [index, colour]), NO_VALUE] as unknown as ExpressionSpecification;
}

function stepColours(input: ExpressionSpecification, breaks: readonly number[], colours: string[]): ExpressionSpecification {
  const stops = breaks.flatMap((cut, index) => [cut, colours[index + 1] ?? NO_VALUE]);
  const step = stops.length ? ["step", input, colours[0] ?? NO_VALUE, ...stops] : (colours[0] ?? NO_VALUE);
  return ["case", ["<", input, 0], NO_VALUE, step] as unknown as ExpressionSpecification;
}

function styleOf(run: Run): StyleSpecification {
  const rasters = run.layers.filter((layer) => layer.name !== "crop_prob");
  const hidden = { visibility: "none" as const };
  const wide = (thin: number, thick: number): ExpressionSpecification => ["interpolate", ["linear"], ["zoom"], 11, thin, 16, thick];
  return {
    version: 8,
    sources: {
      ...Object.fromEntries(
        rasters.map((layer) => [
          `raster-${layer.name}`,
          { type: "raster", tiles: [location.origin + layer.url], tileSize: layer.tile_px, maxzoom: layer.max_zoom, bounds: layer.bounds },
        ]),
      ),
      [PARCELS]: { type: "geojson", data: location.origin + run.outlines_url, promoteId: "parcel_id", tolerance: 0.2 },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": "#e4e3dc" } },
      { id: "raster-mosaic", type: "raster", source: "raster-mosaic", paint: { "raster-fade-duration": 0 } },
      ...Object.values(PIXEL_LAYERS).map((name) => ({
        id: `raster-${name}`,
        type: "raster" as const,
        source: `raster-${name}`,
        layout: hidden,
        paint: { "raster-resampling": "nearest" as const, "raster-fade-duration": 0, "raster-opacity": 0.8 },
      })),
      { id: "fill", type: "fill", source: PARCELS, paint: { "fill-color": NO_VALUE, "fill-opacity": 0.8, "fill-antialias": false } },
      { id: "hatch", type: "fill", source: PARCELS, filter: NOBODY, paint: { "fill-opacity": 0.8 } },
      { id: "hit", type: "fill", source: PARCELS, paint: { "fill-color": "#000000", "fill-opacity": 0 } },
      {
        id: "outline",
        type: "line",
        source: PARCELS,
        paint: {
          "line-color": ["case", ["boolean", ["feature-state", "hover"], false], "#ffffff", "#22302b"],
          "line-width": ["interpolate", ["linear"], ["zoom"], 11, ["case", ["boolean", ["feature-state", "hover"], false], 2, 0.4], 16, ["case", ["boolean", ["feature-state", "hover"], false], 3, 1.2]],
          "line-opacity": 0.9,
        },
      },
      {
        id: "outline-undecided",
        type: "line",
        source: PARCELS,
        filter: NOBODY,
        paint: { "line-color": "#ffffff", "line-width": wide(0.6, 1.6), "line-dasharray": [2, 2] },
      },
      { id: "selected-halo", type: "line", source: PARCELS, filter: NOBODY, layout: { "line-join": "round" }, paint: { "line-color": "#ffffff", "line-width": wide(5, 8) } },
      { id: "selected", type: "line", source: PARCELS, filter: NOBODY, layout: { "line-join": "round" }, paint: { "line-color": "#0b2f28", "line-width": wide(2, 3.5) } },
    ],
  };
}

function padding(container: HTMLElement): { top: number; bottom: number; left: number; right: number } {
  const narrow = container.clientWidth < CARD.narrow;
  const edge = narrow ? 20 : PADDING;
  return { top: edge + (narrow ? CARD.height : 0), bottom: edge, left: edge, right: edge + (narrow ? 0 : CARD.width) };
}

function motion(): number {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 600;
}
