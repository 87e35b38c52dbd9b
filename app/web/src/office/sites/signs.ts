/** Signs of sites for the map: the drawing of the type on the colour of the standing, the standing's shape at its corner. */
import type { Geometry, ListedSite, Position, SiteKind, SiteRow, SiteStanding } from "./answers";
import { positionsOf } from "./placing";
import { KINDS, STANDINGS } from "./sieve";
import { KIND_SHAPES, STANDING_COLOURS, STANDING_SHAPES } from "./standing";

export const PIXEL_RATIO = 2;
const SIZE = 40;
/** Side of the drawings of types and standings. */
const SHAPE = 16;
const DISC = { x: 17, y: 23, radius: 14 };
const CORNER = { x: 22, y: 1 };

export const signName = (kind: SiteKind, standing: SiteStanding): string => `site-${kind}-${standing}`;

/** All signs that there are. */
export function signs(): { name: string; kind: SiteKind; standing: SiteStanding }[] {
  return KINDS.flatMap((kind) => STANDINGS.map((standing) => ({ name: signName(kind, standing), kind, standing })));
}

/** A sign as pixels; null where the browser draws nothing. */
export function drawSign(kind: SiteKind, standing: SiteStanding): ImageData | null {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE * PIXEL_RATIO;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return null;
  context.scale(PIXEL_RATIO, PIXEL_RATIO);
  context.lineJoin = "round";
  drawDisc(context, kind, standing);
  drawCorner(context, standing);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function drawDisc(context: CanvasRenderingContext2D, kind: SiteKind, standing: SiteStanding): void {
  const colour = STANDING_COLOURS[standing];
  context.beginPath();
  context.arc(DISC.x, DISC.y, DISC.radius, 0, 2 * Math.PI);
  // Not seen: the disc is empty as well.
  context.fillStyle = standing === "unseen" ? "#ffffff" : colour;
  context.strokeStyle = standing === "unseen" ? colour : "#ffffff";
  context.lineWidth = 2.5;
  context.fill();
  context.stroke();
  context.save();
  context.translate(DISC.x - SHAPE * 0.6, DISC.y - SHAPE * 0.6);
  context.scale(1.2, 1.2);
  context.fillStyle = standing === "unseen" ? colour : "#ffffff";
  context.fill(new Path2D(KIND_SHAPES[kind]), "evenodd");
  context.restore();
}

function drawCorner(context: CanvasRenderingContext2D, standing: SiteStanding): void {
  const shape = new Path2D(STANDING_SHAPES[standing]);
  context.save();
  context.translate(CORNER.x, CORNER.y);
  context.lineWidth = 4;
  context.strokeStyle = context.fillStyle = "#ffffff";
  context.stroke(shape);
  context.fill(shape);
  context.fillStyle = STANDING_COLOURS[standing];
  context.fill(shape, "evenodd");
  context.restore();
}

export interface SitePoint {
  type: "Feature";
  geometry: { type: "Point"; coordinates: [number, number] };
  properties: { sign: string; order: number; site: string; colour: string };
}

/** Points of signs; where they do not fit beside each other the gravest stays. */
export function sitePoints(sites: readonly SiteRow[]): SitePoint[] {
  return sites.map(({ site_id, kind, standing, lon, lat }) => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: [lon, lat] },
    properties: { sign: signName(kind, standing), order: STANDINGS.indexOf(standing), site: site_id, colour: STANDING_COLOURS[standing] },
  }));
}

export interface SiteBorder {
  type: "Feature";
  geometry: Exclude<Geometry, { type: "GeometryCollection" }>;
  properties: { site: string; colour: string };
}

/** Borders of sites in the colours of their standings. */
export function borders(sites: readonly ListedSite[]): SiteBorder[] {
  return sites.flatMap(({ site_id, standing, outline }): SiteBorder[] => (outline.type === "GeometryCollection" ? [] : [{ type: "Feature", geometry: outline, properties: { site: site_id, colour: STANDING_COLOURS[standing] } }]));
}

type Bounds = [west: number, south: number, east: number, north: number];

/** Bounds of the borders of sites; null for none. */
export function boundsOf(sites: readonly Pick<ListedSite, "outline">[]): Bounds | null {
  return sites.map(({ outline }) => around(positionsOf(outline))).reduce<Bounds | null>((one, other) => (one && other ? joined(one, other) : (one ?? other)), null);
}

function around(positions: readonly Position[]): Bounds | null {
  return positions.reduce<Bounds | null>((box, [lon, lat]) => (box ? joined(box, [lon, lat, lon, lat]) : [lon, lat, lon, lat]), null);
}

function joined([west, south, east, north]: Bounds, other: Bounds): Bounds {
  return [Math.min(west, other[0]), Math.min(south, other[1]), Math.max(east, other[2]), Math.max(north, other[3])];
}

/** Width of a square of the map at zoom 0, pixels. */
const WORLD_PX = 512;

/** Larger side of a site at a zoom of the map, pixels. */
export function sizeOf({ outline }: Pick<ListedSite, "outline">, zoom: number): number {
  const box = around(positionsOf(outline));
  if (box === null) return 0;
  const [west, south, east, north] = box;
  // A degree of latitude is longer than one of longitude by the cosine of it, on this map as on the ground.
  const high = (north - south) / Math.cos((((south + north) / 2) * Math.PI) / 180);
  return (Math.max(east - west, high) / 360) * WORLD_PX * 2 ** zoom;
}
