/** Today: what is wrong in the fields, what falls due, what waits for a second person, where to drive. */
import { el } from "../../dom";
import { formatDay, formatMoney, formatNumber } from "../../format";
import { levelTag, parcelLink } from "../alerts/parts";
import { ALL, listAddress, WORK_LIST } from "../alerts/filter";
import { levelMark, LEVELS } from "../alerts/levels";
import type { Alert, Proposal, Today } from "../answers";
import { proposalAddress, viewAddress } from "../decisions/address";
import { longDay, moneyOr, nameOf } from "../figures";
import { LENDING, type Draw, type Office, type Room } from "../office";
import type { OfficeKey } from "../words";
import { card } from "./card";
import { deadlines } from "./deadlines";
import { visits } from "./visits";

export const todayRoom: Room = { name: "today", tab: "today", roles: LENDING, open: (office, _place, signal) => today(office, signal) };

async function today(office: Office, signal: AbortSignal): Promise<Draw> {
  const answer = await office.client.today(signal);
  return () => ({ title: office.speech.say("today"), element: page(office, answer) });
}

function page(office: Office, answer: Today): HTMLElement {
  const { speech } = office;
  return el(
    "div",
    {},
    el("div", { class: "page-head" }, el("h1", { tabindex: -1 }, speech.say("today")), el("p", { class: "count" }, longDay(answer.day, speech))),
    el(
      "div",
      { class: "cards" },
      el("div", {}, deadlines(answer, speech), proposals(office, answer)),
      el("div", {}, alerts(office, answer), visits(answer.visits, speech)),
    ),
  );
}

function alerts({ speech }: Office, { alerts }: Today): HTMLElement {
  const { say, language } = speech;
  const live = LEVELS.reduce((sum, level) => sum + alerts.by_level[level], 0);
  const title = say("liveAlerts");
  if (live === 0) return card("alerts", title, el("p", { class: "empty" }, say("noAlerts")));
  const counts = LEVELS.map((level) =>
    el(
      "a",
      { class: `tile ${level}`, href: listAddress({ ...ALL, levels: [level] }) },
      el("span", { class: `level ${level}` }, levelMark(level, 18), say(`level_${level}`)),
      el("span", { class: "tile-value" }, formatNumber(alerts.by_level[level], language)),
      el("span", { class: "sub" }, say(`asks_${level}`)),
    ),
  );
  return card(
    "alerts",
    title,
    el("div", { class: "tiles" }, ...counts),
    alerts.unassigned > 0 && el("p", { class: "note" }, say("unassigned", { n: formatNumber(alerts.unassigned, language) })),
    el("h3", {}, say("highest")),
    el("ul", { class: "lines" }, ...alerts.first.map((alert) => alertLine(alert, alerts.causes, speech))),
    el("p", {}, el("a", { class: "onward", href: WORK_LIST }, say("allAlerts"))),
  );
}

function alertLine(alert: Alert, causes: Today["alerts"]["causes"], speech: Office["speech"]): HTMLElement {
  return el(
    "li",
    {},
    levelTag(alert.level, speech),
    el("span", { class: "line-body" }, parcelLink(alert.parcel_id, alert.number), el("span", { class: "sub" }, `${nameOf(alert.cause, causes, speech)} · ${speech.say(`scope_${alert.scope}`)}`)),
    el("span", { class: "figure" }, moneyOr(alert.expected_loss, speech)),
  );
}

function proposals(office: Office, { proposals }: Today): HTMLElement {
  const { say, language } = office.speech;
  const title = say("proposals");
  if (proposals.total === 0) return card("proposals", title, el("p", { class: "empty" }, say("noProposals")));
  const rest = proposals.total > proposals.lines.length;
  const shown = { shown: formatNumber(proposals.lines.length, language), total: formatNumber(proposals.total, language) };
  return card(
    "proposals",
    title,
    el("ul", { class: "lines" }, ...proposals.lines.map((line) => proposalLine(office, line))),
    rest && el("p", { class: "note" }, say("shownOf", shown)),
    el("p", {}, el("a", { class: "onward", id: "all-decisions", href: viewAddress({}) }, say("decisionsAll"))),
  );
}

function proposalLine({ speech, person }: Office, line: Proposal): HTMLElement {
  const { say, language } = speech;
  const day = formatDay(line.proposed_on, language);
  const by: [OfficeKey, Record<string, string>] =
    line.proposed_by === person.login ? ["ownProposal", {}] : line.proposed_by === null ? ["proposedByRun", { day }] : ["proposedBy", { who: line.proposed_by, day }];
  const to = line.to === null ? say("noAmount") : formatMoney(line.to, language);
  const change = line.before === null ? `${to} · ${say("newLimit")}` : say("fromTo", { from: formatMoney(line.before, language), to });
  return el(
    "li",
    {},
    el("span", { class: "line-body" }, el("a", { class: "parcel-link", href: proposalAddress(line.number) }, line.subject), el("span", { class: "sub" }, say(by[0], by[1]))),
    el("span", { class: "figure" }, change),
  );
}
