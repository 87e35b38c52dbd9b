/** The map of the list: MapLibre with a sign for each site over the office's imagery. */
import { type Map as MapLibre, type GeoJSONSource, type StyleSpecification } from "maplibre-gl";
import { flatMap } from "../../flatmap";
import { drawRasters } from "../map/imagery";
import { dayNamed, daysOf, rastersOf } from "../map/pictures";
import type { Imagery } from "../map/asking";
import type { SiteRow } from "./answers";
import { boundsOf, drawSign, PIXEL_RATIO, sitePoints, signs } from "./signs";

export { canDraw } from "../map/canvas";

const SITES = "sites";
const DOTS = "dots";
/** Imagery is drawn beneath this layer. */
const OVER_PICTURES = "fill";
const PADDING = 56;
/** A single site is not shown from nearer. */
const NEAREST = 14;
const FINGER_PX = 6;

export interface SitesMapEvents {
  open(site: string): void;
  /** Somebody points at a site; null: at none. */
  point(site: string | null): void;
  fail(error: unknown): void;
}

export class SitesMap {
  private readonly map: MapLibre;
  private pointed: string | null = null;

  constructor(
    container: HTMLElement,
    private readonly sites: readonly SiteRow[],
    labels: Record<string, string>,
    private readonly events: SitesMapEvents,
  ) {
    const bounds = boundsOf(sites);
    this.map = flatMap({
      container,
      style: STYLE,
      ...(bounds && { bounds, fitBoundsOptions: { padding: PADDING, maxZoom: NEAREST } }),
      maxZoom: 18,
      locale: labels,
    });
    this.listen();
  }

  /** Resolves once the signs stand. */
  async ready(): Promise<void> {
    if (!this.map.isStyleLoaded()) await this.map.once("load");
    for (const { name, kind, standing } of signs()) {
      const sign = drawSign(kind, standing);
      if (sign) this.map.addImage(name, sign, { pixelRatio: PIXEL_RATIO });
    }
    await this.map.getSource<GeoJSONSource>(SITES)?.setData({ type: "FeatureCollection", features: sitePoints(this.sites) });
    await this.map.once("idle");
  }

  /** The newest clear day beneath the signs; nothing where the office has no imagery. */
  drawImagery(imagery: Imagery): void {
    drawRasters(this.map, rastersOf(imagery, dayNamed(daysOf(imagery), null), "true-colour"), 1);
  }

  /** Where a site's sign stands in the window. */
  at(site: SiteRow): { x: number; y: number } {
    return this.map.project([site.lon, site.lat]);
  }

  remove(): void {
    this.map.remove();
  }

  private listen(): void {
    this.map.on("click", ({ point }) => {
      const site = this.siteAt(point);
      if (site !== null) this.events.open(site);
    });
    this.map.on("mousemove", ({ point }) => this.pointAt(this.siteAt(point)));
    this.map.on("mouseout", () => this.pointAt(null));
    this.map.on("error", ({ error }) => this.events.fail(error));
    this.map.getCanvas().addEventListener("keydown", ({ key }) => {
      if (key === "Enter") this.openMiddle();
    });
  }

  private pointAt(site: string | null): void {
    if (site === this.pointed) return;
    this.pointed = site;
    this.map.getCanvas().style.cursor = site === null ? "" : "pointer";
    this.events.point(site);
  }

  private siteAt({ x, y }: { x: number; y: number }): string | null {
    if (!this.map.getLayer(SITES)) return null;
    const box: [[number, number], [number, number]] = [[x - FINGER_PX, y - FINGER_PX], [x + FINGER_PX, y + FINGER_PX]];
    const found = this.map.queryRenderedFeatures(box, { layers: [SITES, DOTS] });
    const site: unknown = found[0]?.properties["site"];
    return typeof site === "string" ? site : null;
  }

  /** Open the site nearest to the middle of the map, of those in view. */
  private openMiddle(): void {
    const { lng, lat } = this.map.getCenter();
    const middle = this.map.project([lng, lat]);
    const view = this.map.getBounds();
    const near = this.sites.filter((site) => view.contains([site.lon, site.lat])).map((site) => ({ site, far: this.map.project([site.lon, site.lat]).dist(middle) }));
    const [nearest] = near.sort((one, other) => one.far - other.far);
    if (nearest) this.events.open(nearest.site.site_id);
  }
}

const STYLE: StyleSpecification = {
  version: 8,
  sources: { [SITES]: { type: "geojson", data: { type: "FeatureCollection", features: [] } } },
  layers: [
    { id: "ground", type: "background", paint: { "background-color": "#e4e3dc" } },
    { id: OVER_PICTURES, type: "background", paint: { "background-opacity": 0 } },
    // A sign that finds no room leaves its dot.
    { id: DOTS, type: "circle", source: SITES, paint: { "circle-radius": 4.5, "circle-color": ["get", "colour"], "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.5 } },
    {
      id: SITES,
      type: "symbol",
      source: SITES,
      layout: { "icon-image": ["get", "sign"], "icon-offset": [3, -3], "icon-padding": 0, "icon-allow-overlap": ["step", ["zoom"], false, 13, true], "symbol-sort-key": ["get", "order"] },
    },
  ],
};
