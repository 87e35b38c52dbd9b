/** What the room asks of the service. */
import type { Client } from "../client";
import type { components } from "../schema";

type Schemas = components["schemas"];
export type ProposalLine = Schemas["ProposalLine"];
export type ProposalList = Schemas["ProposalList"];
export type ProposalPage = Schemas["ProposalPage"];
export type ProposalPart = Schemas["ProposalPart"];
export type LimitReceipt = Schemas["LimitReceipt"];
export type ReceiptRow = Schemas["ReceiptRow"];
export type OverrideRequest = Schemas["OverrideRequestLine"];
export type Batch = Schemas["LimitBatchLine"];
export type Decided = Schemas["Decided"];
export type DecisionMade = Schemas["DecisionMade"];
export type DecisionPage = Schemas["DecisionPage"];
export type PlainWords = Schemas["PlainWords"];
export type ToldLimit = Schemas["ToldLimit"];
export type Able = Schemas["Able"];
export type Act = Able["act"];

export const proposals = (client: Client, query: string, signal: AbortSignal): Promise<ProposalList> =>
  client.get(`/proposals?${query}`, signal);
export const proposal = (client: Client, number: number, signal: AbortSignal): Promise<ProposalPage> =>
  client.get(`/proposals/${number}`, signal);
export const explanation = (client: Client, number: number, signal: AbortSignal): Promise<PlainWords> =>
  client.get(`/proposals/${number}/explanation`, signal);
export const requests = (client: Client, signal: AbortSignal): Promise<Schemas["OverrideRequests"]> =>
  client.get("/override-requests", signal);
export const batches = (client: Client, signal: AbortSignal): Promise<Schemas["LimitBatches"]> => client.get("/batches", signal);
export const decision = (client: Client, number: number, replay: boolean, signal: AbortSignal): Promise<DecisionPage> =>
  client.get(`/decisions/${number}${replay ? "?replay=true" : ""}`, signal);

export type Reader = Schemas["LetterAsked"]["reader"];
/** Have a letter written; the job's number leads to it. */
export const letter = (client: Client, number: number, asked: Schemas["LetterAsked"]): Promise<Schemas["JobShown"]> =>
  client.change("POST", `/proposals/${number}/letters`, asked);

export type Ruling = "approve" | "refuse" | "return";

/** Decide on proposals: on all of them, or on none. */
export const decide = (client: Client, ruling: Ruling, numbers: readonly number[], note = ""): Promise<Decided> =>
  client.change("POST", `/proposals/${ruling}`, ruling === "approve" ? { numbers } : { numbers, note });
export const ask = (client: Client, number: number, asked: Schemas["OverrideAsked"]): Promise<OverrideRequest> =>
  client.change("POST", `/proposals/${number}/override-requests`, asked);
export const approveRequest = (client: Client, number: number): Promise<Decided> =>
  client.change("POST", `/override-requests/${number}/approve`);
export const answerRequest = (client: Client, number: number, answer: "refuse" | "withdraw", note: string): Promise<OverrideRequest> =>
  client.change("POST", `/override-requests/${number}/${answer}`, { note });
export const release = (client: Client, batch: string, reason: string): Promise<Batch> =>
  client.change("POST", `/batches/${encodeURIComponent(batch)}/release`, { reason });
