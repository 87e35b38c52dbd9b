/** Imagery on the map: rasters beneath the parcels, and a second map over it for the other day of a comparison. */
import { Map as MapLibre } from "maplibre-gl";
import { el } from "../../dom";
import type { Raster } from "./asking";
import { OVER_PICTURES, PARCELS } from "./style";

const PREFIX = "picture-";

/** Draw rasters, from the lowest up, beneath everything else; those that stay are left alone. */
export function drawRasters(map: MapLibre, rasters: readonly Raster[], opacity: number): void {
  const wanted = new Set(rasters.map(idOf));
  for (const { id } of map.getStyle().layers) {
    if (!id.startsWith(PREFIX) || wanted.has(id)) continue;
    map.removeLayer(id);
    map.removeSource(id);
  }
  const over = [OVER_PICTURES, "fill"].find((id) => map.getLayer(id) !== undefined);
  for (const raster of rasters) {
    const id = idOf(raster);
    if (!map.getSource(id)) map.addSource(id, { type: "raster", tiles: [location.origin + raster.url], tileSize: raster.tile_px, maxzoom: raster.max_zoom, bounds: raster.bounds });
    if (!map.getLayer(id)) map.addLayer({ id, type: "raster", source: id, paint: { "raster-fade-duration": 0, "raster-opacity": opacity } }, over);
  }
}

export function setRasterOpacity(map: MapLibre, opacity: number): void {
  for (const { id } of map.getStyle().layers) if (id.startsWith(PREFIX)) map.setPaintProperty(id, "raster-opacity", opacity);
}

/** An address names its content. */
function idOf({ url }: Raster): string {
  return PREFIX + url;
}

/** The other day: a map that follows the first and shows right of a border. */
export class SecondMap {
  readonly element = el("div", { class: "map-second", "aria-hidden": "true" });
  private readonly map: MapLibre;
  private readonly follow = (): void => {
    this.map.jumpTo({ center: this.first.getCenter(), zoom: this.first.getZoom() });
  };

  constructor(
    private readonly first: MapLibre,
    host: HTMLElement,
    outline: { url: string; sourceLayer: string; minzoom: number; maxzoom: number } | null,
  ) {
    host.append(this.element);
    this.map = new MapLibre({
      container: this.element,
      interactive: false,
      attributionControl: false,
      center: first.getCenter(),
      zoom: first.getZoom(),
      style: {
        version: 8,
        sources: outline ? { [PARCELS]: { type: "vector", tiles: [outline.url], minzoom: outline.minzoom, maxzoom: outline.maxzoom } } : {},
        layers: [
          { id: "ground", type: "background", paint: { "background-color": "#e4e3dc" } },
          ...(outline ? [{ id: "fill", type: "line" as const, source: PARCELS, "source-layer": outline.sourceLayer, paint: { "line-color": "#22302b", "line-width": 0.6 } }] : []),
        ],
      },
    });
    this.map.getCanvas().tabIndex = -1;
    first.on("move", this.follow);
    this.setBorder(0.5);
  }

  async draw(rasters: readonly Raster[]): Promise<void> {
    if (!this.map.isStyleLoaded()) await this.map.once("load");
    drawRasters(this.map, rasters, 1);
  }

  setBorder(share: number): void {
    this.element.style.setProperty("clip-path", `inset(0 0 0 ${(100 * share).toFixed(1)}%)`);
  }

  remove(): void {
    this.first.off("move", this.follow);
    this.map.remove();
    this.element.remove();
  }
}
