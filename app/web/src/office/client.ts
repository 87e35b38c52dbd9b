/** The service of an institution, spoken to as somebody who is signed in. */
import { ApiError, failureOf } from "../api";
import type { Act } from "./alerts/acts";
import type { Colleague, Curve, Done, ParcelFile, Person, Story, Today, VisitLines, WorkList } from "./answers";
import type { components } from "./schema";
import { sendFile } from "./uploading";
import { UnreachableError } from "./unreachable";

type Schemas = components["schemas"];

export type Send = (url: string, request: RequestInit) => Promise<Response>;

const ROOT = "/api/v1";
const SIGNED_OUT = 401;
/** Set beside the session's own cookie, which no script can read; bound to it, and sent back with every change. */
const CSRF_COOKIE = "__Host-acreline-csrf";
const CSRF_HEADER = "X-CSRF-Token";

export class Client {
  /** Called when the service no longer knows who asks. */
  onSignedOut: () => void = () => undefined;

  constructor(
    private readonly send: Send,
    private readonly cookies: () => string,
  ) {}

  /** Who is signed in; null: nobody. */
  async me(): Promise<Person | null> {
    if (cookieOf(this.cookies(), CSRF_COOKIE) === null) return null;
    try {
      return await this.ask<Person>("GET", "/me");
    } catch (error) {
      if (error instanceof ApiError && error.status === SIGNED_OUT) return null;
      throw error;
    }
  }

  signIn(login: string, password: string): Promise<Person> {
    return this.ask("POST", "/session", { body: { login, password } });
  }

  /** Whether the bank has a sign-in service of its own. */
  async hasService(): Promise<boolean> {
    return (await this.ask<Schemas["Ways"]>("GET", "/session/ways")).service;
  }

  /** Address at the bank's own sign-in service, where signing in goes on. */
  async beginService(): Promise<string> {
    return (await this.ask<Schemas["Address"]>("POST", "/session/oidc")).address;
  }

  async signOut(): Promise<void> {
    await this.ask<null>("DELETE", "/session");
  }

  today = (signal: AbortSignal): Promise<Today> => this.get("/today", signal);
  workList = (query: string, signal: AbortSignal): Promise<WorkList> => this.get(`/alerts${query && `?${query}`}`, signal);
  story = (number: number, signal: AbortSignal): Promise<Story> => this.get(`/alerts/${number}`, signal);
  colleagues = (signal: AbortSignal): Promise<Colleague[]> => this.get("/alerts/assignees", signal);
  parcel = (id: string, signal: AbortSignal): Promise<ParcelFile> => this.get(`/parcels/${encodeURIComponent(id)}`, signal);
  curve = (id: string, signal: AbortSignal): Promise<Curve> => this.get(`/parcels/${encodeURIComponent(id)}/curve`, signal);

  visits = (parcel: string, signal: AbortSignal): Promise<VisitLines> => this.get(`/visits?${new URLSearchParams({ parcel })}`, signal);

  /** Do one thing to alerts: to all of them, or to none. */
  act(act: Act, numbers: readonly number[], more: { said?: string; to?: string } = {}): Promise<Done> {
    return this.change<Done>("POST", `/alerts/${act.replace("_", "-")}`, { numbers, ...more });
  }

  /** Ask for something under /api/v1. */
  async get<Answer>(path: string, signal: AbortSignal): Promise<Answer> {
    return this.noticing(this.ask<Answer>("GET", path, { signal }));
  }

  /** Change something under /api/v1. */
  async change<Answer>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<Answer> {
    return this.noticing(this.ask<Answer>(method, path, { body }));
  }

  /** Send a file as the body of a request; progress: share that is on its way, 0 to 1. */
  async upload<Answer>(method: "POST" | "PUT", path: string, file: Blob, progress: (share: number) => void, signal?: AbortSignal): Promise<Answer> {
    const headers = { Accept: "application/json", "Content-Type": file.type || "application/octet-stream", [CSRF_HEADER]: cookieOf(this.cookies(), CSRF_COOKIE) ?? "" };
    const sent = sendFile({ method, url: ROOT + path, file, headers, signal, progress }).then(async (response) => {
      if (!response.ok) throw await failureOf(response);
      return (await response.json()) as Answer;
    });
    return this.noticing(sent);
  }

  /** Pass an answer on; a session that ended is told to whoever shows the sign-in form. */
  private async noticing<Answer>(asked: Promise<Answer>): Promise<Answer> {
    try {
      return await asked;
    } catch (error) {
      if (error instanceof ApiError && error.status === SIGNED_OUT) this.onSignedOut();
      throw error;
    }
  }

  private async ask<Answer>(method: string, path: string, more: { body?: unknown; signal?: AbortSignal } = {}): Promise<Answer> {
    const headers: Record<string, string> = { Accept: "application/json" };
    const csrf = cookieOf(this.cookies(), CSRF_COOKIE);
    if (method !== "GET" && csrf !== null) headers[CSRF_HEADER] = csrf;
    if (more.body !== undefined) headers["Content-Type"] = "application/json";
    const response = await this.reached(ROOT + path, {
      method,
      headers,
      credentials: "same-origin",
      ...(more.body !== undefined && { body: JSON.stringify(more.body) }),
      ...(more.signal && { signal: more.signal }),
    });
    if (!response.ok) throw await failureOf(response);
    return (response.status === 204 ? null : await response.json()) as Answer;
  }

  /** fetch fails with a TypeError where no answer came, as faults of the page do; only the former is the network's. */
  private async reached(url: string, request: RequestInit): Promise<Response> {
    try {
      return await this.send(url, request);
    } catch (error) {
      throw error instanceof TypeError ? new UnreachableError(error.message) : error;
    }
  }
}

/** Value of a cookie by its exact name; null where there is none. */
export function cookieOf(cookies: string, name: string): string | null {
  const found = cookies.split("; ").find((cookie) => cookie.startsWith(`${name}=`));
  return found === undefined ? null : found.slice(name.length + 1);
}
