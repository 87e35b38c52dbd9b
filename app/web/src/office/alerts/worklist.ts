/** The work list: alerts by what a visit may save, to be ticked, acknowledged and given to somebody. */
import { el } from "../../dom";
import { formatNumber } from "../../format";
import type { Colleague, WorkList } from "../answers";
import { LENDING, type Draw, type Office, type Room } from "../office";
import { actsBar } from "./actsbar";
import { worksWithAlerts } from "./acts";
import { listAddress, MOST, narrows, PAGE_SIZE, readFilter, WORK_LIST, type Filter } from "./filter";
import { filterBar } from "./filterbar";
import { Selection } from "./selection";
import { alertTable } from "./table";

export const alertsRoom: Room = {
  name: "alerts",
  tab: "workList",
  roles: LENDING,
  open: (office, place, signal) => worklist(office, readFilter(place.query), signal),
};

async function worklist(office: Office, filter: Filter, signal: AbortSignal): Promise<Draw> {
  const works = worksWithAlerts(office.person.role);
  const query = asked(filter);
  const [list, colleagues] = await Promise.all([office.client.workList(query, signal), works ? office.client.colleagues(signal) : []]);
  const selection = new Selection(list.alerts.map((alert) => alert.number));
  return () => ({ title: office.speech.say("workList"), element: page(office, filter, list, works ? { selection, colleagues } : null) });
}

/** What is asked of the service; it ranks and counts, so every filter is its own. */
function asked(filter: Filter): string {
  const values = new URLSearchParams({ which: filter.which, limit: String(filter.limit) });
  for (const level of filter.levels) values.append("level", level);
  if (filter.cause !== null) values.set("cause", filter.cause);
  if (filter.scope !== null) values.set("scope", filter.scope);
  if (filter.mine) values.set("mine", "true");
  return values.toString();
}

interface Work {
  selection: Selection;
  colleagues: Colleague[];
}

function page(office: Office, filter: Filter, list: WorkList, work: Work | null): HTMLElement {
  const { say } = office.speech;
  const bar = work && actsBar(office, work.selection, work.colleagues);
  const change = (changed: Filter): void => office.go(listAddress(changed));
  return el(
    "div",
    {},
    el(
      "div",
      { class: "page-head" },
      el("h1", { tabindex: -1 }, say("workList")),
      el("p", { class: "count" }, counted(office, list)),
      el("button", { type: "button", id: "print", class: "quiet", onclick: () => window.print() }, say("print")),
    ),
    filterBar(filter, list.causes, office.speech, change),
    ...(list.alerts.length === 0
      ? [empty(office, filter)]
      : [bar?.element ?? null, alertTable(list, office.speech, work && { selection: work.selection, changed: () => bar?.update() })]),
    more(office, filter, list),
    notes(office, list),
  );
}

function counted({ speech }: Office, list: WorkList): string {
  const n = formatNumber(list.found, speech.language);
  const shown = list.alerts.length;
  return shown === list.found ? speech.say("found", { n }) : speech.say("foundShown", { n, shown: formatNumber(shown, speech.language) });
}

function empty(office: Office, filter: Filter): HTMLElement {
  const { say } = office.speech;
  if (!narrows(filter)) return el("p", { class: "empty" }, say("noneLive"));
  const all = el("button", { type: "button", class: "link", onclick: () => office.go(WORK_LIST) }, say("showAll"));
  return el("p", { class: "empty" }, say("noneFound"), " ", all);
}

function more(office: Office, filter: Filter, list: WorkList): HTMLElement | null {
  if (list.alerts.length >= list.found || filter.limit >= MOST) return null;
  const limit = Math.min(filter.limit + PAGE_SIZE, MOST);
  const show = (): void => office.go(listAddress({ ...filter, limit }));
  return el("p", {}, el("button", { type: "button", id: "more", class: "quiet", onclick: show }, office.speech.say("showMore")));
}

/** How the order comes about and what it leaves out. */
function notes({ speech }: Office, list: WorkList): HTMLElement {
  const { say } = speech;
  const others = list.other_currencies.join(", ");
  return el(
    "div",
    { class: "notes" },
    el("p", {}, say("rankedBy")),
    list.unknown > 0 && el("p", {}, say("unknownLast", { n: formatNumber(list.unknown, speech.language) })),
    list.currency !== null && others !== "" && el("p", {}, say("otherMoney", { currency: list.currency, others })),
    el("p", {}, say("caution")),
  );
}
