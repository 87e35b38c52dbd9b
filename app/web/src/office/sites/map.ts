/** The map of the list: MapLibre with signs and borders of sites over parcels, imagery and lines of degrees. */
import { type Map as MapLibre, type GeoJSONSource } from "maplibre-gl";
import { flatMap } from "../../flatmap";
import { drawRasters } from "../map/imagery";
import type { Layer, Raster } from "../map/asking";
import type { Corners, ListedSite } from "./answers";
import { cellsCanvas, drawParcels, dropParcels, PARCELS } from "./backdrop";
import { lineAcross, linesIn, type Meridian } from "./graticule";
import { BORDERS, DEGREES, DOTS, OVER_SITE_PICTURES, SITES, STYLE } from "./mapstyle";
import { borders, boundsOf, drawSign, PIXEL_RATIO, sitePoints, sizeOf, signs } from "./signs";

export { canDraw } from "../map/canvas";

const PADDING = 48;
/** A single site is not shown from nearer. */
const NEAREST = 15;
const FINGER_PX = 6;
/** Labels of lines of degrees keep from the edges, and from the buttons and the scale in the corners. */
const LABEL_PX = 40;
const ROW_PX = 26;
const BUTTONS_PX = 76;
/** From this width on a site's own picture is worth its while: it shows 500 m around it too. So many at once. */
const LARGE_PX = 18;
const MOST_PICTURES = 12;

export interface SitesMapEvents {
  open(site: string): void;
  /** Somebody points at a site; null: at none. */
  point(site: string | null): void;
  /** The map came to rest: these sites are large in it. */
  near(sites: readonly string[]): void;
  /** The view moved: where which line of degrees meets the edges, in pixels. */
  lines(lines: readonly (Meridian & { at: number })[]): void;
  /** The parcels beneath are no longer given. */
  changed(): void;
  fail(error: unknown): void;
}

export class SitesMap {
  private readonly map: MapLibre;
  private pointed: string | null = null;

  constructor(
    container: HTMLElement,
    private readonly sites: readonly ListedSite[],
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
    await this.map.getSource<GeoJSONSource>(BORDERS)?.setData({ type: "FeatureCollection", features: borders(this.sites) });
    await this.map.getSource<GeoJSONSource>(SITES)?.setData({ type: "FeatureCollection", features: sitePoints(this.sites) });
    this.drawLines();
    await this.map.once("idle");
    this.tellNear();
  }

  /** The office's imagery beneath the sites, from the lowest up. */
  drawImagery(rasters: readonly Raster[]): void {
    drawRasters(this.map, rasters, 1);
  }

  drawParcels(layer: Layer, cells: Uint8Array): void {
    drawParcels(this.map, layer, cellsCanvas(layer, cells));
  }

  /** A site's own picture at its four corners. */
  drawPicture(site: string, url: string, [nw, ne, se, sw]: Corners): void {
    const id = `site-picture-${site}`;
    if (this.map.getSource(id)) return;
    this.map.addSource(id, { type: "image", url: location.origin + url, coordinates: [nw, ne, se, sw] });
    this.map.addLayer({ id, type: "raster", source: id, paint: { "raster-fade-duration": 0, "raster-resampling": "nearest" } }, OVER_SITE_PICTURES);
  }

  /** All sites in view again. */
  whole(): void {
    const bounds = boundsOf(this.sites);
    if (bounds) this.map.fitBounds(bounds, { padding: PADDING, maxZoom: NEAREST, duration: 0 });
  }

  /** Where a site's sign stands in the window. */
  at(site: ListedSite): { x: number; y: number } {
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
    this.map.on("move", () => this.drawLines());
    this.map.on("resize", () => this.drawLines());
    this.map.on("moveend", () => this.tellNear());
    this.map.on("error", (event) => {
      if ((event as { sourceId?: string }).sourceId !== PARCELS) return this.events.fail(event.error);
      dropParcels(this.map);
      this.events.changed();
    });
    this.map.getCanvas().addEventListener("keydown", ({ key }) => {
      if (key === "Enter") this.openMiddle();
    });
  }

  private drawLines(): void {
    const view = this.map.getBounds();
    const box = [view.getWest(), view.getSouth(), view.getEast(), view.getNorth()] as const;
    const lines = linesIn(box);
    const features = lines.map((line) => ({ type: "Feature" as const, properties: {}, geometry: { type: "LineString" as const, coordinates: lineAcross(line, box) } }));
    void this.map.getSource<GeoJSONSource>(DEGREES)?.setData({ type: "FeatureCollection", features });
    const { clientWidth: width, clientHeight: height } = this.map.getContainer();
    const told = lines.map((line) => ({ ...line, at: line.axis === "lon" ? this.map.project([line.degrees, box[1]]).x : this.map.project([box[0], line.degrees]).y }));
    this.events.lines(told.filter(({ axis, at }) => (axis === "lon" ? at > LABEL_PX && at < width - BUTTONS_PX : at > ROW_PX && at < height - LABEL_PX)));
  }

  private tellNear(): void {
    const zoom = this.map.getZoom();
    const large = this.fromMiddle().filter((site) => sizeOf(site, zoom) >= LARGE_PX);
    if (large.length > 0) this.events.near(large.slice(0, MOST_PICTURES).map(({ site_id }) => site_id));
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
    const found = this.map.queryRenderedFeatures(box, { layers: [SITES, DOTS, BORDERS] });
    const site: unknown = found[0]?.properties["site"];
    return typeof site === "string" ? site : null;
  }

  /** Sites in view, the nearest to the middle of the map first. */
  private fromMiddle(): ListedSite[] {
    const { lng, lat } = this.map.getCenter();
    const middle = this.map.project([lng, lat]);
    const view = this.map.getBounds();
    const near = this.sites.filter((site) => view.contains([site.lon, site.lat])).map((site) => ({ site, far: this.map.project([site.lon, site.lat]).dist(middle) }));
    return near.sort((one, other) => one.far - other.far).map(({ site }) => site);
  }

  private openMiddle(): void {
    const [nearest] = this.fromMiddle();
    if (nearest) this.events.open(nearest.site_id);
  }
}
