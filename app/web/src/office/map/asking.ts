/** What the map asks of the service. */
import { ApiError, failureOf } from "../../api";
import type { Office } from "../office";
import type { components } from "../schema";
import { sieveQuery, type Fact, type Sieve } from "./view";
import type { Bounds } from "./squares";

type Schemas = components["schemas"];
export type Layer = Schemas["ParcelLayer"];
export type Keys = Schemas["MapKeys"];
export type Found = Schemas["Found"];
export type Hit = Schemas["Hit"];
export type Inside = Schemas["Inside"];
export type ListedParcel = Schemas["ListedParcel"];
export type Card = Schemas["ParcelCard"];
export type Imagery = Schemas["Imagery"];
export type Raster = Schemas["RasterLayer"];

const FIND = "/find";
const SIGNED_OUT = 401;
const NOTHING_THERE = 204;

export class Asking {
  constructor(
    private readonly office: Office,
    private readonly signal: AbortSignal,
  ) {}

  /** The layer; `refused` names a set that the service says has changed, so that it looks for it anew. */
  layer = (refused?: string): Promise<Layer> =>
    this.office.client.get(refused === undefined ? "/parcel-layer" : `/parcel-layer?other_than=${refused}`, this.signal);
  keys = (): Promise<Keys> => this.office.client.get(`${FIND}/keys`, this.signal);
  imagery = (): Promise<Imagery> => this.office.client.get("/imagery", this.signal);
  card = (id: string): Promise<Card> => this.office.client.get(`${FIND}/parcels/${encodeURIComponent(id)}`, this.signal);

  /** Name of a parcel by its number. */
  async named(set: string, number: number): Promise<string> {
    const found = await this.office.client.get<Schemas["NumberedParcel"]>(`/parcel-layer/${set}/numbers/${number}`, this.signal);
    return found.parcel_id;
  }

  search(text: string, after: number, signal: AbortSignal): Promise<Found> {
    return this.office.client.get(`${FIND}?${new URLSearchParams({ q: text, after: String(after) })}`, signal);
  }

  inside(set: string, [west, south, east, north]: Bounds, sieve: Sieve, signal: AbortSignal): Promise<Inside> {
    const box = new URLSearchParams({ west: String(west), south: String(south), east: String(east), north: String(north) });
    return this.office.client.get(`${FIND}/${set}/inside?${[box, sieveQuery(sieve)].filter(String).join("&")}`, signal);
  }

  column = (layer: Layer, fact: Fact): Promise<Uint8Array> => this.bytes(columnOf(layer, fact).url);
  left = (set: string, sieve: Sieve): Promise<Uint8Array> => this.bytes(`/api/v1${FIND}/${set}/left?${sieveQuery(sieve)}`);

  cells(layer: Layer, fact: Fact, sieve: Sieve): Promise<Uint8Array> {
    const narrowed = sieveQuery(sieve);
    return this.bytes(narrowed ? `/api/v1${FIND}/${layer.set}/cells/${fact}?${narrowed}` : columnOf(layer, fact).cells_url);
  }

  /** Bytes of an address; empty where there is nothing. */
  async bytes(url: string, signal: AbortSignal = this.signal): Promise<Uint8Array> {
    const response = await fetch(url, { signal, credentials: "same-origin" });
    if (response.status === SIGNED_OUT) this.office.client.onSignedOut();
    if (!response.ok) throw await failureOf(response);
    return response.status === NOTHING_THERE ? new Uint8Array() : new Uint8Array(await response.arrayBuffer());
  }
}

/** Whether the parcels of the book changed since the layer was asked for. */
export function isOutdated(error: unknown): boolean {
  return error instanceof ApiError && error.problem.code === "LAYER_CHANGED";
}

function columnOf(layer: Layer, fact: Fact): Schemas["Column"] {
  const column = layer.columns.find((each) => each.fact === fact);
  if (column === undefined) throw new Error(`the layer has no column ${fact}`);
  return column;
}
