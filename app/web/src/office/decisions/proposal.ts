/** One proposal: what it moves, how the amount comes about, and what the person may do. */
import { el } from "../../dom";
import { formatMoney } from "../../format";
import { valueName } from "../book/naming";
import { moneyOr } from "../figures";
import type { Office } from "../office";
import type { OfficeKey } from "../words";
import { actsSection, overrideSection } from "./acts";
import { toldAddress, viewAddress } from "./address";
import type { ProposalPage } from "./asking";
import { moveBars } from "./bar";
import { lettersSection } from "./letters";
import { dayOf } from "./list";
import { decidedLine, moveOf, subjectName } from "./parts";
import { parcelsSection, receiptSection } from "./receipt";
import { requestList } from "./requests";
import { ableTo } from "./saying";

export function proposalPage(office: Office, page: ProposalPage, signal: AbortSignal): HTMLElement {
  const open = page.line.status === "open";
  return el(
    "div",
    {},
    heading(office, page),
    el(
      "div",
      { class: "parcel-columns" },
      el("div", {}, moveSection(office, page), receiptSection(page, page.line.amount, office.speech), parcelsSection(page.parts, office.speech)),
      el("div", {}, actsSection(office, page), requestsSection(office, page), open && overrideSection(office, page), page.line.batch_id !== null && lettersSection(office, page.line.number, signal), factsSection(office, page)),
    ),
  );
}

function heading({ speech }: Office, page: ProposalPage): HTMLElement {
  const { line, farmer } = page;
  const { say } = speech;
  const name = farmer?.name ?? null;
  return el(
    "div",
    { class: "page-head" },
    el("a", { class: "onward", href: viewAddress({}) }, `← ${say("decisionsBack")}`),
    el("h1", { tabindex: -1 }, el("span", { class: "kicker" }, say("decisionsProposal", { n: line.number })), ` ${name === null ? "" : `${name} · `}${subjectName(line.subject, speech)}`),
    el("span", { class: `mark ${line.status}`, id: "status" }, say(`decisionsStatus_${line.status}`)),
    page.receipt !== null && page.receipt_fault === null && el("a", { class: "button-link", id: "explain", href: toldAddress(line.number) }, say("decisionsExplain")),
  );
}

function moveSection({ speech }: Office, page: ProposalPage): HTMLElement {
  const { say, language } = speech;
  const { low, high, line } = page;
  const range = low && high ? say("decisionsRange", { low: formatMoney(low, language), high: formatMoney(high, language) }) : "";
  const reasons = page.receipt?.principal ?? [];
  return el(
    "section",
    { class: "card", id: "move" },
    el("h2", {}, moveOf(line, speech)),
    moveBars(page, speech),
    range !== "" && el("p", { class: "sub" }, range),
    line.needs_visit && !ableTo(page.can, "approve").allowed && el("p", { class: "visit" }, say("needsVisit")),
    reasons.length > 0 && el("h3", {}, say("decisionsReasons")),
    reasons.length > 0 && el("ol", { class: "plain numbered" }, ...reasons.map((reason) => el("li", {}, speech.pick(reason)))),
    line.decision !== null && el("p", { class: "decided" }, decidedLine(line.decision, speech)),
  );
}

function requestsSection(office: Office, page: ProposalPage): HTMLElement | null {
  if (page.requests.length === 0) return null;
  return el("section", { id: "requests" }, el("h2", {}, office.speech.say("decisionsTab_requests")), requestList(office, page.requests, false));
}

function factsSection(office: Office, page: ProposalPage): HTMLElement {
  const { speech } = office;
  const { line } = page;
  const policy = page.policy_title === null ? line.policy_id : `${speech.pick(page.policy_title)} (${line.policy_id})`;
  const facts: [OfficeKey, string | null][] = [
    ["decisionsFacility", line.facility_number],
    ["decisionsProduct", valueName(line.product, speech)],
    ["decisionsSanctioned", page.sanctioned && moneyOr(page.sanctioned, speech)],
    ["decisionsDrawing", page.drawing && moneyOr(page.drawing, speech)],
    ["decisionsOutstanding", page.outstanding && moneyOr(page.outstanding, speech)],
    ["decisionsAvailable", page.available && moneyOr(page.available, speech)],
    ["decisionsPolicy", policy],
    ["decisionsBatch", line.batch_id],
    ["decisionsMadeOn", dayOf(line.recorded_at, office)],
  ];
  const rows = facts.flatMap(([key, text]) => (text === null ? [] : [el("dt", {}, speech.say(key)), el("dd", {}, text)]));
  return el("section", { class: "card", id: "facts" }, el("dl", { class: "facts" }, ...rows));
}
