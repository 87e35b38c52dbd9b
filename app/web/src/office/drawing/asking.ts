/** What the room asks of the service. */
import type { Client } from "../client";
import type { components } from "../schema";
import type { Job } from "../jobs/jobs";

type Schemas = components["schemas"];
export type Checked = Schemas["OutlineChecked"];
export type Registered = Schemas["ParcelRegistered"];
export type Given = Schemas["ParcelGiven"];
export type Overlap = Schemas["Overlap"];
export type Shape = Checked["outline"];
export type Layer = Schemas["ParcelLayer"];
export type Imagery = Schemas["Imagery"];
export type ImportShown = Schemas["ImportShown"];
export type ImportRow = Schemas["ImportRow"];
export type Format = Schemas["ImportFormat"];
export type Datum = Schemas["Datum"];

export interface FileAsked {
  readonly file: File;
  readonly format: Format;
  readonly datum: Datum;
  readonly crs: string;
  readonly idColumn: string;
}

export class Asking {
  constructor(
    private readonly client: Client,
    private readonly signal: AbortSignal,
  ) {}

  layer = (): Promise<Layer> => this.client.get("/parcel-layer", this.signal);
  imagery = (): Promise<Imagery> => this.client.get("/imagery", this.signal);
  check = (outline: Given["outline"], redraws: string | null): Promise<Checked> => this.client.change("POST", "/drawing/check", { outline, redraws });
  register = (given: Given): Promise<Registered> => this.client.change("POST", "/drawing/parcels", given);
  job = (number: number): Promise<Job> => this.client.get(`/jobs/${number}`, this.signal);
  import = (number: number): Promise<ImportShown> => this.client.get(`/drawing/imports/${number}`, this.signal);
  confirm = (number: number, seen: boolean): Promise<{ job: number }> => this.client.change("POST", `/drawing/imports/${number}/confirm`, { overlaps_seen: seen });

  send({ file, format, datum, crs, idColumn }: FileAsked, progress: (share: number) => void): Promise<{ number: number }> {
    const query = new URLSearchParams({ format, datum, ...(crs && { crs }), ...(idColumn && { id_column: idColumn }) });
    const body = new Blob([file], { type: "application/octet-stream" });
    return this.client.upload("POST", `/drawing/imports?${query.toString()}`, body, progress, this.signal);
  }
}
