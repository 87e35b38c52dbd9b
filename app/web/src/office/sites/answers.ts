/** What the service answers about sites: names for the pages, types from its OpenAPI document (npm run types). */
import type { components } from "../schema";

type Schemas = components["schemas"];

export type SiteKind = Schemas["SiteType"];
export type SiteStanding = Schemas["SiteStandingKind"];
export type SiteMeasure = Schemas["SiteMeasure"];
export type MilestoneKind = Schemas["MilestoneKind"];

export type SiteRow = Omit<Schemas["ListedSite"], "outline">;
export type SiteStop = Schemas["SiteStopRow"];
export type SiteWatching = Schemas["SiteWatching"];
export type SiteDetail = Schemas["SiteDetail"];
export type SiteMilestone = Schemas["SiteMilestone"];
export type SitePictures = Schemas["SitePictures"];
/** North-west, north-east, south-east, south-west. */
export type Corners = NonNullable<SitePictures["corners"]>;
export type Meter = Schemas["MeterRow"];
export type MeterAsked = Schemas["MeterSaid"];

export type Position = [number, number];

/** GeoJSON geometry, longitude and latitude; the document calls it an object. */
export type Geometry =
  | { type: "Point"; coordinates: Position }
  | { type: "MultiPoint"; coordinates: Position[] }
  | { type: "Polygon"; coordinates: Position[][] }
  | { type: "MultiPolygon"; coordinates: Position[][][] }
  | { type: "GeometryCollection"; geometries: Geometry[] };

export type ListedSite = Omit<Schemas["ListedSite"], "outline"> & { outline: Geometry };
export type SiteList = Omit<Schemas["SiteList"], "sites"> & { sites: ListedSite[] };

type RedLine = Omit<Schemas["SiteRedLine"], "geometry"> & { geometry: Geometry };
export type SitePage = Omit<Schemas["SitePage"], "border" | "red_lines"> & { border: Geometry; red_lines: RedLine[] };
