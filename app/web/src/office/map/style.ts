/** The style of the map: what lies over what. Colours of parcels come from their states, so that it never changes. */
import type { ExpressionSpecification, LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";
import { PATTERNS, type Classes } from "./classes";
import type { Layer } from "./asking";

export const PARCELS = "parcels";
export const MARKS = "marks";
export const PICKED = "picked";
export const CELLS = "cells";
/** Scheme of the addresses of squares: they are fetched by the page, which reads their numbers on the way. */
export const SCHEME = "acreline-outlines";
/** Imagery is drawn beneath this layer. */
export const OVER_PICTURES = CELLS;
export const FILL_OPACITY = 0.75;

const CLEAR = "rgba(0,0,0,0)";
const NOTHING = { type: "FeatureCollection" as const, features: [] };
/** Cells stay for a while where outlines begin. */
const BLEND = 0.01;

export function hatchLayer(hatch: number): string {
  return `hatch-${PATTERNS[hatch] ?? ""}`;
}

export function styleOf(layer: Layer, classes: Classes, cells: HTMLCanvasElement | null): StyleSpecification {
  return { version: 8, sources: sourcesOf(layer, cells), layers: layersOf(layer, classes, cells !== null) };
}

function sourcesOf({ outlines, cells: grid }: Layer, cells: HTMLCanvasElement | null): Record<string, SourceSpecification> {
  return {
    ...(outlines && {
      [PARCELS]: {
        type: "vector",
        tiles: [`${SCHEME}://{z}/{x}/{y}`],
        minzoom: outlines.min_zoom,
        maxzoom: outlines.max_zoom,
        promoteId: { [outlines.layer]: outlines.number },
      },
    }),
    ...(grid && cells && { [CELLS]: { type: "canvas", canvas: cells, animate: false, coordinates: cornersOf(grid.bounds) } as unknown as SourceSpecification }),
    [MARKS]: { type: "geojson", data: NOTHING },
    [PICKED]: { type: "geojson", data: NOTHING },
  };
}

function cornersOf([west, south, east, north]: readonly number[]): [number, number][] {
  return [[west ?? 0, north ?? 0], [east ?? 0, north ?? 0], [east ?? 0, south ?? 0], [west ?? 0, south ?? 0]];
}

function layersOf({ outlines }: Layer, classes: Classes, cells: boolean): LayerSpecification[] {
  const from = outlines ? { maxzoom: outlines.min_zoom + BLEND } : {};
  return [
    { id: "ground", type: "background", paint: { "background-color": "#e4e3dc" } },
    ...(cells ? [{ id: CELLS, type: "raster" as const, source: CELLS, ...from, paint: { "raster-resampling": "nearest" as const, "raster-fade-duration": 0, "raster-opacity": 0.9 } }] : []),
    ...(outlines ? parcelLayers(outlines.layer, classes) : []),
    { id: "picked-halo", type: "line", source: PICKED, layout: { "line-join": "round" }, paint: { "line-color": "#ffffff", "line-width": 7 } },
    { id: "picked", type: "line", source: PICKED, layout: { "line-join": "round" }, paint: { "line-color": "#0b2f28", "line-width": 3 } },
    {
      id: MARKS,
      type: "symbol",
      source: MARKS,
      layout: {
        "icon-image": ["concat", "mark-", ["get", "level"]],
        "icon-size": ["interpolate", ["linear"], ["zoom"], 9, 0.7, 14, 1, 17, 1.4],
        "icon-allow-overlap": ["step", ["zoom"], false, 14, true],
        "symbol-sort-key": ["get", "order"],
      },
    },
  ];
}

function parcelLayers(sourceLayer: string, classes: Classes): LayerSpecification[] {
  const source = { source: PARCELS, "source-layer": sourceLayer };
  const state = (name: string): ExpressionSpecification => ["coalesce", ["feature-state", name], 0];
  const colours = classes.all.flatMap(({ code, colour }) => [code, colour]);
  const fill = ["match", state("c"), ...colours, CLEAR] as unknown as ExpressionSpecification;
  return [
    { id: "fill", type: "fill", ...source, paint: { "fill-color": fill, "fill-opacity": FILL_OPACITY, "fill-antialias": false } },
    ...PATTERNS.flatMap((pattern, hatch): LayerSpecification[] =>
      pattern === "none"
        ? []
        : [
            {
              id: hatchLayer(hatch),
              type: "fill",
              ...source,
              layout: { visibility: "none" },
              paint: { "fill-pattern": hatchLayer(hatch), "fill-opacity": ["case", ["==", state("h"), hatch], 0.9, 0] },
            },
          ],
    ),
    {
      id: "outline",
      type: "line",
      ...source,
      paint: { "line-color": "#22302b", "line-width": ["interpolate", ["linear"], ["zoom"], 13, 0.3, 16, 1.2], "line-opacity": 0.8 },
    },
  ];
}
