/** What the room asks of the service. */
import { failureOf } from "../../api";
import { cookieOf } from "../client";
import type { Office } from "../office";
import type { components } from "../schema";
import type { Page, Plan } from "./steps";
import { hectares } from "./steps";

type Schemas = components["schemas"];
export type List = Schemas["ApplicationList"];
export type Choices = Schemas["Choices"];
export type Preliminary = Schemas["PreliminaryLimit"];
export type Ground = Schemas["GroundFound"];
export type Parcels = Schemas["ParcelChoices"];
export type Choice = Schemas["ParcelChoice"];
export type Found = Schemas["Found"];
export type Contact = Schemas["PartyContact"];

const path = (number: string, rest = ""): string => `/applications/${encodeURIComponent(number)}${rest}`;

export const list = (office: Office, after: number, signal: AbortSignal): Promise<List> => office.client.get(`/applications?after=${after}`, signal);
export const choices = (office: Office, season: string | null, signal: AbortSignal): Promise<Choices> =>
  office.client.get(`/applications/choices${season === null ? "" : `?season=${encodeURIComponent(season)}`}`, signal);
export const page = (office: Office, number: string, signal: AbortSignal): Promise<Page> => office.client.get(path(number), signal);
export const limit = (office: Office, number: string, signal: AbortSignal): Promise<Preliminary> => office.client.get(path(number, "/limit"), signal);
export const parcels = (office: Office, number: string, typed: string, signal: AbortSignal): Promise<Parcels> =>
  office.client.get(path(number, `/parcels?q=${encodeURIComponent(typed)}`), signal);
export const ground = (office: Office, number: string, parcel: string, signal: AbortSignal): Promise<Ground> =>
  office.client.get(path(number, `/ground?parcel=${encodeURIComponent(parcel)}`), signal);

/** Farmers by a part of their number or name. */
export const farmers = (office: Office, text: string, after: number, signal: AbortSignal): Promise<Found> =>
  office.client.get(`/find?${new URLSearchParams({ q: text, after: String(after), only: "farmer" })}`, signal);
export const contact = (office: Office, party: number, signal: AbortSignal): Promise<Contact> => office.client.get(`/parties/${party}/contact`, signal);

/** Change an application; the version that the page showed goes along. */
export const change = (office: Office, page: Page, method: "POST" | "PUT" | "DELETE", what: string, body: object = {}): Promise<Page> =>
  office.client.change(method, path(page.number, `/${what}`), { version: page.version, ...body });

/** A plan as the service takes it. */
export function planBody({ parcel_id, cycle, crop, area_ha, sowing_on, harvest_on, land_right_id }: Plan): object {
  const area = hectares(area_ha);
  return { parcel_id, cycle, crop, unit: "ha", sowing_on, harvest_on, land_right_id, ...(area !== undefined && { area }) };
}

/** Send a paper: the file itself is the body. */
export async function sendPaper(page: Page, kind: string, file: Blob): Promise<Page> {
  const csrf = cookieOf(document.cookie, "__Host-acreline-csrf");
  const response = await fetch(`/api/v1${path(page.number, `/papers?version=${page.version}&kind=${kind}`)}`, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": file.type || "application/octet-stream", ...(csrf !== null && { "X-CSRF-Token": csrf }) },
    body: file,
  });
  if (!response.ok) throw await failureOf(response);
  return (await response.json()) as Page;
}

export const removePaper = (office: Office, page: Page, id: number): Promise<Page> =>
  office.client.change("DELETE", path(page.number, `/papers/${id}?version=${page.version}`));
export const paperAddress = (page: Page, id: number): string => `/api/v1${path(page.number, `/papers/${id}`)}`;
