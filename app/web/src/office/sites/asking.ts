/** What the pages of sites ask of the service. */
import type { Client } from "../client";
import type { Job } from "../jobs/jobs";
import type { Language } from "../../i18n";
import type { Meter, MeterAsked, SiteList, SitePage, SitePictures, SiteWatching } from "./answers";

const pathOf = (id: string): string => `/sites/${encodeURIComponent(id)}`;

export const sites = (client: Client, query: string, signal: AbortSignal): Promise<SiteList> => client.get(`/sites${query && `?${query}`}`, signal);
export const site = (client: Client, id: string, signal: AbortSignal): Promise<SitePage> => client.get(pathOf(id), signal);

export const pictures = (client: Client, id: string, signal: AbortSignal): Promise<SitePictures> => client.get(`${pathOf(id)}/pictures`, signal);

export const pictureUrl = (id: string, run: string, day: string): string => `/api/v1${pathOf(id)}/pictures/${encodeURIComponent(run)}/${day}`;

/** Have a report written; the job's number leads to it. */
export const report = (client: Client, id: string, language: Language): Promise<Job> => client.change("POST", `${pathOf(id)}/reports`, { language });

export const addMeter = (client: Client, id: string, asked: MeterAsked): Promise<Meter> => client.change("POST", `${pathOf(id)}/meters`, asked);

export const stopSite = (client: Client, id: string, reason: string): Promise<SiteWatching> => client.change("POST", `${pathOf(id)}/stop`, { reason });
export const resumeSite = (client: Client, id: string): Promise<SiteWatching> => client.change("POST", `${pathOf(id)}/resume`);

/** A finished report is fetched as letters are. */
export const reportUrl = (number: number): string => `/api/v1/letters/${number}.pdf`;
