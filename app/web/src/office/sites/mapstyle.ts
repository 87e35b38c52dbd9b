/** What lies over what on the map of the list: parcels, imagery, pictures of sites, lines of degrees, borders, signs. */
import type { ExpressionSpecification, StyleSpecification } from "maplibre-gl";

export const SITES = "sites";
export const DOTS = "dots";
export const BORDERS = "borders";
export const DEGREES = "degrees";
/** Imagery of the office is drawn beneath this layer; map/imagery knows it by this name. */
export const OVER_PICTURES = "fill";
/** Pictures of single sites are drawn beneath this one. */
export const OVER_SITE_PICTURES = "over-site-pictures";

const NOTHING = { type: "FeatureCollection" as const, features: [] };
const COLOUR: ExpressionSpecification = ["get", "colour"];
/** From afar a border is a speck under its sign. */
const BORDERS_FROM = 8;

export const STYLE: StyleSpecification = {
  version: 8,
  sources: { [SITES]: { type: "geojson", data: NOTHING }, [BORDERS]: { type: "geojson", data: NOTHING }, [DEGREES]: { type: "geojson", data: NOTHING } },
  layers: [
    { id: "ground", type: "background", paint: { "background-color": "#e4e3dc" } },
    { id: OVER_PICTURES, type: "background", paint: { "background-opacity": 0 } },
    { id: OVER_SITE_PICTURES, type: "background", paint: { "background-opacity": 0 } },
    { id: DEGREES, type: "line", source: DEGREES, paint: { "line-color": "#4c5a53", "line-width": 0.7, "line-opacity": 0.5 } },
    { id: "border-halo", type: "line", source: BORDERS, minzoom: BORDERS_FROM, layout: { "line-join": "round" }, paint: { "line-color": "#ffffff", "line-width": 4, "line-opacity": 0.85 } },
    { id: BORDERS, type: "line", source: BORDERS, minzoom: BORDERS_FROM, layout: { "line-join": "round" }, paint: { "line-color": COLOUR, "line-width": 2 } },
    // A sign that finds no room leaves its dot.
    { id: DOTS, type: "circle", source: SITES, paint: { "circle-radius": 4.5, "circle-color": COLOUR, "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.5 } },
    {
      id: SITES,
      type: "symbol",
      source: SITES,
      layout: { "icon-image": ["get", "sign"], "icon-offset": [3, -3], "icon-padding": 0, "icon-allow-overlap": ["step", ["zoom"], false, 13, true], "symbol-sort-key": ["get", "order"] },
    },
  ],
};
