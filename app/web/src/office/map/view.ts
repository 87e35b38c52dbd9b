/** What the address of the map keeps: place, colouring, filters, the parcel and the imagery. */
import { LEVELS } from "../alerts/levels";
import type { Level } from "../answers";
import { writePlace } from "../place";

export const FACTS = ["alert", "crop", "status", "vigour", "limit"] as const;
export type Fact = (typeof FACTS)[number];
export const STATUSES = ["OK", "AMBIGUOUS", "CLOUDY", "TOO_SMALL", "OUTSIDE_VALIDATION", "OUTSIDE_IMAGERY", "UNVERIFIED", "INVALID_GEOMETRY"] as const;
export type Status = (typeof STATUSES)[number];
export const PICTURES = ["true-colour", "ndvi"] as const;
export type Picture = (typeof PICTURES)[number];

/** Middle of the map, degrees, and its zoom. */
export interface At {
  lat: number;
  lon: number;
  zoom: number;
}

/** Which parcels stay; empty or null: any. */
export interface Sieve {
  levels: readonly Level[];
  crops: readonly string[];
  statuses: readonly Status[];
  unit: string | null;
  mine: boolean;
}

export interface View {
  /** Null: the whole book. */
  at: At | null;
  by: Fact;
  parcel: string | null;
  sieve: Sieve;
  picture: Picture;
  /** Day of the imagery; null: the newest clear one. "none": no imagery. */
  date: string | null;
  /** A second day that the first is compared with. */
  beside: string | null;
}

export const EVERYTHING: Sieve = { levels: [], crops: [], statuses: [], unit: null, mine: false };
export const START: View = { at: null, by: "alert", parcel: null, sieve: EVERYTHING, picture: "true-colour", date: null, beside: null };

const DEEPEST = 19;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** View of an address; what it does not know it leaves out. */
export function readView(query: string): View {
  const values = new URLSearchParams(query);
  const date = values.get("date");
  return {
    at: readAt(values.get("at")),
    by: FACTS.find((fact) => fact === values.get("by")) ?? START.by,
    parcel: values.get("parcel") || null,
    sieve: {
      levels: LEVELS.filter((level) => values.getAll("level").includes(level)),
      crops: [...new Set(values.getAll("crop").filter(Boolean))].sort(),
      statuses: STATUSES.filter((status) => values.getAll("status").includes(status)),
      unit: values.get("unit") || null,
      mine: values.get("mine") === "1",
    },
    picture: PICTURES.find((picture) => picture === values.get("picture")) ?? START.picture,
    date: date === "none" ? date : day(date),
    beside: day(values.get("beside")),
  };
}

/** The same words again; what is as usual is left out. */
export function writeView(view: View): string {
  const values = new URLSearchParams();
  if (view.at) values.set("at", writeAt(view.at));
  if (view.by !== START.by) values.set("by", view.by);
  if (view.parcel !== null) values.set("parcel", view.parcel);
  for (const [name, value] of sieveValues(view.sieve)) values.append(name, value);
  if (view.sieve.mine) values.set("mine", "1");
  if (view.picture !== START.picture) values.set("picture", view.picture);
  if (view.date !== null) values.set("date", view.date);
  if (view.beside !== null) values.set("beside", view.beside);
  return values.toString().replaceAll("%2C", ",");
}

export function mapAddress(view: View): string {
  return writePlace("map", [], writeView(view));
}

/** Address of the map at a parcel. */
export function parcelOnMap(id: string): string {
  return mapAddress({ ...START, parcel: id });
}

/** Filters as the service is asked for them. */
export function sieveQuery(sieve: Sieve): string {
  const values = new URLSearchParams(sieveValues(sieve));
  if (sieve.mine) values.set("mine", "true");
  return values.toString();
}

export function narrows(sieve: Sieve): boolean {
  return sieveQuery(sieve) !== "";
}

function sieveValues({ levels, crops, statuses, unit }: Sieve): [string, string][] {
  return [
    ...levels.map((level): [string, string] => ["level", level]),
    ...crops.map((crop): [string, string] => ["crop", crop]),
    ...statuses.map((status): [string, string] => ["status", status]),
    ...(unit === null ? [] : [["unit", unit] as [string, string]]),
  ];
}

/** About a metre at the deepest zoom. */
function writeAt({ lat, lon, zoom }: At): string {
  return [lat.toFixed(5), lon.toFixed(5), zoom.toFixed(2)].map(Number).join(",");
}

function readAt(text: string | null): At | null {
  const numbers = (text ?? "").split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [lat, lon, zoom] = numbers;
  if (numbers.length !== 3 || lat === undefined || lon === undefined || zoom === undefined) return null;
  const there = Math.abs(lat) <= 85 && Math.abs(lon) <= 180 && zoom >= 0 && zoom <= DEEPEST;
  return there ? { lat, lon, zoom } : null;
}

function day(text: string | null): string | null {
  return text !== null && DAY.test(text) && !Number.isNaN(Date.parse(text)) ? text : null;
}
