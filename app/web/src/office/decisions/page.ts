/** Limit changes that wait for a second person, and what was decided. */
import { el } from "../../dom";
import type { Role } from "../answers";
import { LENDING, type Draw, type Office, type Room } from "../office";
import type { Place } from "../place";
import { listQuery, readView, tabsOf, viewAddress, wantedOf, type View } from "./address";
import { batches, decision, explanation, proposal, proposals, requests } from "./asking";
import { batchList } from "./batches";
import "./decisions.css";
import { proposalList } from "./list";
import { madePage } from "./made";
import { proposalPage } from "./proposal";
import { requestList } from "./requests";
import { whyNot } from "./saying";
import { toldPage } from "./told";
import { ApiError } from "../../api";

/** Administrators release what is held, and see no more of it. */
const ENTERING: readonly Role[] = [...LENDING, "admin"];

export const decisionsRoom: Room = { name: "decisions", tab: "decisions", roles: ENTERING, open: (office, place, signal) => open(office, place, signal) };

async function open(office: Office, place: Place, signal: AbortSignal): Promise<Draw> {
  const { client, speech } = office;
  const wanted = wantedOf(place);
  if (wanted.page === "nothing") throw new Error(speech.say("decisionsNotThere"));
  if (wanted.page === "list") return list(office, readView(place.query, office.person.role), signal);
  const { number } = wanted;
  if (wanted.page === "made") {
    const page = await decision(client, number, wanted.replay, signal);
    return () => ({ title: speech.say("decisionsMade", { n: number }), element: madePage(office, page) });
  }
  if (wanted.page === "told") {
    const words = await explanation(client, number, signal).catch((error: unknown) => explained(office, error));
    return () => ({ title: speech.say("decisionsTold"), element: toldPage(office, number, words) });
  }
  const page = await proposal(client, number, signal);
  return () => ({ title: speech.say("decisionsProposal", { n: number }), element: proposalPage(office, page, signal) });
}

/** The refusal in the room's own words, where it has any. */
function explained(office: Office, error: unknown): never {
  if (error instanceof ApiError) throw new Error(whyNot(error.problem, office.speech));
  throw error;
}

async function list(office: Office, view: View, signal: AbortSignal): Promise<Draw> {
  const body = await bodyOf(office, view, signal);
  return () => ({ title: office.speech.say("decisions"), element: el("div", {}, head(office, view), ...body()) });
}

async function bodyOf(office: Office, view: View, signal: AbortSignal): Promise<() => HTMLElement[]> {
  const { client } = office;
  if (view.tab === "requests") {
    const found = await requests(client, signal);
    return () => [requestList(office, found.requests, true)];
  }
  if (view.tab === "batches") {
    const found = await batches(client, signal);
    return () => [batchList(office, found.batches)];
  }
  const found = await proposals(client, listQuery(view), signal);
  return () => proposalList(office, view, found);
}

function head(office: Office, view: View): HTMLElement {
  const { say } = office.speech;
  const tabs = tabsOf(office.person.role).map((tab) =>
    el("a", { id: `tab-${tab}`, href: viewAddress({ tab }), ...(tab === view.tab && { "aria-current": "page" }) }, say(`decisionsTab_${tab}`)),
  );
  return el("div", {}, el("div", { class: "page-head" }, el("h1", { tabindex: -1 }, say("decisions"))), el("nav", { class: "room-tabs", "aria-label": say("decisions") }, ...tabs));
}
