/** What waits: proposals by the size of their change, to be ticked and approved together. */
import { el } from "../../dom";
import { formatDay, formatMoney, formatNumber } from "../../format";
import { Selection } from "../alerts/selection";
import type { Office } from "../office";
import { CHANGES, proposalAddress, viewAddress, type View } from "./address";
import { sumsByCurrency } from "./amounts";
import { decide, type ProposalLine, type ProposalList } from "./asking";
import { decidedLine, outcomeText, subjectName } from "./parts";
import { doing, whyNot } from "./saying";

export function proposalList(office: Office, view: View, list: ProposalList): HTMLElement[] {
  const { say, language } = office.speech;
  const waits = view.tab === "open";
  const count = el("p", { class: "sub" }, say("decisionsFound", { n: formatNumber(list.found, language) }));
  const head = waits ? [filters(office, view), count] : [count];
  if (list.proposals.length === 0) return [...head, el("p", { class: "empty" }, say("decisionsNone")), ...paging(office, view, list)];
  const able = list.proposals.filter((line) => line.approve.allowed);
  const selection = new Selection(able.map((line) => line.number));
  const bar = approving(office, selection, able);
  const rows = list.proposals.map((line) => row(office, line, waits ? selection : null, bar.update));
  const table = el(
    "table",
    { class: "decisions-table", id: "proposals" },
    el("caption", { class: "unseen" }, say(waits ? "decisionsTab_open" : "decisionsTab_decided")),
    el("thead", {}, heads(office, waits && able.length > 0, selection, rows, bar.update)),
    el("tbody", {}, ...rows),
  );
  return [...head, ...(waits && able.length > 0 ? [bar.element] : []), table, ...paging(office, view, list)];
}

function filters(office: Office, view: View): HTMLElement {
  const { say } = office.speech;
  const change = choice("filter-change", say("decisionsChange"), ["any", ...CHANGES].map((key) => [key, say(`decisionsChange_${key as "any"}`)]), view.change ?? "any");
  const visit = choice("filter-visit", say("decisionsVisit"), (["any", "yes", "no"] as const).map((key) => [key, say(`decisionsVisit_${key}`)]), view.visit === null ? "any" : view.visit ? "yes" : "no");
  const go = (): void => {
    const wanted = CHANGES.find((each) => each === change.list.value) ?? null;
    office.go(viewAddress({ tab: view.tab, change: wanted, visit: visit.list.value === "any" ? null : visit.list.value === "yes", after: null }));
  };
  change.list.addEventListener("change", go);
  visit.list.addEventListener("change", go);
  return el("div", { class: "decisions-filters" }, change.element, visit.element);
}

function choice(id: string, label: string, options: readonly (readonly [string, string])[], chosen: string): { element: HTMLElement; list: HTMLSelectElement } {
  const list = el("select", { id }, ...options.map(([value, text]) => el("option", { value, selected: value === chosen }, text)));
  return { element: el("label", { class: "choice" }, el("span", {}, label), list), list };
}

function heads(office: Office, ticks: boolean, selection: Selection, rows: readonly HTMLElement[], changed: () => void): HTMLElement {
  const { say } = office.speech;
  const all = el("input", { type: "checkbox", class: "all", id: "select-all", "aria-label": say("decisionsSelectAll") });
  all.addEventListener("change", () => {
    selection.setAll(all.checked);
    for (const box of rows.flatMap((line) => [...line.querySelectorAll("input")])) box.checked = all.checked;
    changed();
  });
  return el(
    "tr",
    {},
    el("th", { scope: "col", class: "tick-cell" }, ticks && el("label", { class: "tick-area" }, all)),
    el("th", { scope: "col" }, say("decisionsWho")),
    el("th", { scope: "col", class: "figure wide" }, say("decisionsBefore")),
    el("th", { scope: "col", class: "figure" }, say("decisionsAfter")),
    el("th", { scope: "col", class: "wide" }, say("decisionsCan")),
  );
}

function row(office: Office, line: ProposalLine, selection: Selection | null, changed: () => void): HTMLElement {
  const { speech } = office;
  const { say } = speech;
  const own = selection !== null && line.approve.allowed ? selection : null;
  return el(
    "tr",
    { "data-number": line.number },
    el("td", { class: "tick-cell" }, own && tick(line.number, own, say("decisionsSelect", { n: line.number }), changed)),
    el(
      "th",
      { scope: "row" },
      el("a", { class: "parcel-link", href: proposalAddress(line.number) }, subjectName(line.subject, speech)),
      el("span", { class: "sub" }, `${say("decisionsProposal", { n: line.number })} · ${say(`decisionsChange_${line.change}`)}`),
      line.needs_visit && el("span", { class: "mark" }, say("decisionsNeedsVisit")),
      line.open_request !== null && el("span", { class: "mark" }, say("decisionsRequestWaits")),
      el("span", { class: "sub narrow" }, part(office, line)),
    ),
    el("td", { class: "figure wide" }, line.before === null ? say("decisionsNobody") : formatMoney(line.before, speech.language)),
    el("td", { class: "figure strong" }, line.amount === null ? say("decisionsNobody") : formatMoney(line.amount, speech.language)),
    el("td", { class: "wide" }, part(office, line)),
  );
}

/** What the person may do with it, or what became of it. */
function part({ speech }: Office, line: ProposalLine): HTMLElement {
  if (line.decision !== null) return decidedLine(line.decision, speech);
  const text = line.approve.allowed ? speech.say("decisionsMayApprove") : whyNot(line.approve, speech);
  return el("span", { class: line.approve.allowed ? "may" : "sub" }, text);
}

function tick(number: number, selection: Selection, label: string, changed: () => void): HTMLElement {
  const box = el("input", { type: "checkbox", id: `select-${number}`, "aria-label": label });
  box.addEventListener("change", () => {
    selection.set(number, box.checked);
    changed();
  });
  return el("label", { class: "tick-area" }, box);
}

/** Approve all that are ticked: their number and sum are shown and confirmed first. */
function approving(office: Office, selection: Selection, able: readonly ProposalLine[]): { element: HTMLElement; update: () => void } {
  const { say, language } = office.speech;
  const count = el("span", { class: "selected", role: "status" });
  const begin = el("button", { type: "button", id: "approve-selected", class: "primary" }, say("decisionsApproveMany"));
  const question = el("div", { class: "confirm", id: "approve-question", role: "group", hidden: true });
  const update = (): void => {
    begin.disabled = selection.numbers.length === 0;
    count.textContent = say("decisionsSelected", { n: formatNumber(selection.numbers.length, language) });
    question.hidden = true;
  };
  const ask = (): void => {
    const chosen = able.filter((line) => selection.has(line.number));
    question.replaceChildren(...confirming(office, chosen, () => { question.hidden = true; begin.focus(); }));
    question.hidden = false;
    question.querySelector("button")?.focus();
  };
  begin.addEventListener("click", ask);
  update();
  return { element: el("div", { class: "acts" }, count, begin, question), update };
}

function confirming(office: Office, chosen: readonly ProposalLine[], cancel: () => void): HTMLElement[] {
  const { say, language } = office.speech;
  const sums = sumsByCurrency(chosen.flatMap(({ amount }) => (amount === null ? [] : [amount])));
  const values = { n: formatNumber(chosen.length, language), sum: sums.map((money) => formatMoney(money, language)).join(" + ") };
  const visits = chosen.filter((line) => line.needs_visit).length;
  const numbers = chosen.map((line) => line.number);
  const yes = (): void => void doing(office, () => decide(office.client, "approve", numbers), (made) => outcomeText(made, office.speech));
  return [
    el("strong", { id: "approve-sum" }, say("decisionsConfirm", values)),
    ...(visits > 0 ? [el("p", { class: "visit" }, say("decisionsConfirmVisits", { n: visits }))] : []),
    el("span", { class: "buttons" }, el("button", { type: "button", id: "approve-confirm", class: "primary", onclick: yes }, say("decisionsYes")), el("button", { type: "button", id: "approve-cancel", onclick: cancel }, say("decisionsCancel"))),
  ];
}

function paging(office: Office, view: View, list: ProposalList): HTMLElement[] {
  const { say } = office.speech;
  const links = [
    view.after !== null && el("a", { class: "onward", href: viewAddress({ ...view, after: null }) }, say("decisionsFirst")),
    list.next !== null && el("a", { class: "onward", id: "next-page", href: viewAddress({ ...view, after: list.next }) }, say("decisionsNext")),
  ].filter((link) => link !== false);
  return links.length === 0 ? [] : [el("p", { class: "paging" }, ...links)];
}

export function dayOf(instant: string, office: Office): string {
  return formatDay(instant.slice(0, 10), office.speech.language);
}
