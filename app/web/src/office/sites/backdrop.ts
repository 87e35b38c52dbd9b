/** What lies beneath the sites: parcels of the book as cells from afar and as outlines near by. */
import type { Map as MapLibre, SourceSpecification } from "maplibre-gl";
import type { Layer } from "../map/asking";
import { UNKNOWN } from "../map/classes";
import { OVER_PICTURES } from "./mapstyle";

export const PARCELS = "parcels";
const CELLS = "cells";
/** A quiet brown: colours of standings stay apart from it. */
const GROUND = [181, 172, 142, 150] as const;

/** Parcels from afar, one pixel a cell; null where there are none or the browser draws nothing. */
export function cellsCanvas({ cells: grid }: Pick<Layer, "cells">, cells: Uint8Array): HTMLCanvasElement | null {
  if (grid === null || cells.length === 0) return null;
  const canvas = document.createElement("canvas");
  canvas.width = grid.width;
  canvas.height = grid.height;
  const context = canvas.getContext("2d");
  if (context === null) return null;
  context.putImageData(new ImageData(groundPixels(cells), grid.width, grid.height), 0, 0);
  return canvas;
}

/** RGBA of cells: ground where any parcel is known, clear elsewhere. */
export function groundPixels(cells: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(cells.length * GROUND.length);
  cells.forEach((byte, at) => byte !== UNKNOWN && pixels.set(GROUND, at * GROUND.length));
  return pixels;
}

export function drawParcels(map: MapLibre, { outlines, cells: grid }: Layer, cells: HTMLCanvasElement | null): void {
  if (grid !== null && cells !== null) {
    const [west, south, east, north] = grid.bounds;
    const coordinates = [[west, north], [east, north], [east, south], [west, south]];
    map.addSource(CELLS, { type: "canvas", canvas: cells, animate: false, coordinates } as unknown as SourceSpecification);
    const until = outlines === null ? {} : { maxzoom: outlines.min_zoom };
    map.addLayer({ id: CELLS, type: "raster", source: CELLS, ...until, paint: { "raster-resampling": "nearest", "raster-fade-duration": 0 } }, OVER_PICTURES);
  }
  if (outlines === null) return;
  map.addSource(PARCELS, { type: "vector", tiles: [location.origin + outlines.url], minzoom: outlines.min_zoom, maxzoom: outlines.max_zoom });
  map.addLayer({ id: PARCELS, type: "line", source: PARCELS, "source-layer": outlines.layer, paint: { "line-color": "#6d6650", "line-width": 0.6, "line-opacity": 0.8 } }, OVER_PICTURES);
}

/** Take the outlines away: the parcels of the book changed, and those of the set asked for are no longer given. */
export function dropParcels(map: MapLibre): void {
  if (map.getLayer(PARCELS)) map.removeLayer(PARCELS);
  if (map.getSource(PARCELS)) map.removeSource(PARCELS);
}
