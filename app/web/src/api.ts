/** The API of the page's own origin. Types come from its OpenAPI document (npm run types). */
import type { components } from "./schema";

export type Run = components["schemas"]["RunSummary"];
export type States = components["schemas"]["ParcelStates"];
export type Parcel = components["schemas"]["Parcel"];
export type Cycle = components["schemas"]["Cycle"];
export type Limit = components["schemas"]["Limit"];
export type Series = components["schemas"]["Series"];
export type Matches = components["schemas"]["Matches"];
export type Money = components["schemas"]["Money"];
export type Status = components["schemas"]["Status"];
export type LegendEntry = components["schemas"]["LegendEntry"];
/** What the page reads of a failure. */
export type Problem = Pick<components["schemas"]["Problem"], "code" | "message" | "remedy">;

/** A failure that a person can read. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
    /** Seconds after which the service asks to be tried again; null where it does not say. */
    readonly retryAfterS: number | null = null,
  ) {
    super(`${problem.message} ${problem.remedy}`.trim());
  }
}

export const fetchRun = (): Promise<Run> => get<Run>("/api/run");
export const fetchStates = (url: string): Promise<States> => get<States>(url);
export const fetchParcel = (id: string, signal: AbortSignal): Promise<Parcel> => get<Parcel>(parcelUrl(id), signal);
export const fetchSeries = (id: string, signal: AbortSignal): Promise<Series> =>
  get<Series>(`${parcelUrl(id)}/series`, signal);
export const fetchMatches = (text: string, signal: AbortSignal): Promise<Matches> =>
  get<Matches>(`/api/search?q=${encodeURIComponent(text)}`, signal);

function parcelUrl(id: string): string {
  return `/api/parcels/${encodeURIComponent(id)}`;
}

async function get<Answer>(url: string, signal?: AbortSignal): Promise<Answer> {
  const response = await fetch(url, { headers: { Accept: "application/json" }, ...(signal && { signal }) });
  if (!response.ok) throw await failureOf(response);
  return (await response.json()) as Answer;
}

/** What a refusal says, whether the service or something before it answered. */
export async function failureOf(response: Response): Promise<ApiError> {
  const wait = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return new ApiError(response.status, await problemOf(response), Number.isNaN(wait) ? null : wait);
}

async function problemOf(response: Response): Promise<Problem> {
  const isJson = /^application\/(problem\+)?json/.test(response.headers.get("Content-Type") ?? "");
  if (isJson) return (await response.json()) as Problem;
  return { code: "HTTP_ERROR", message: `${response.status} ${response.statusText}`, remedy: "" };
}
