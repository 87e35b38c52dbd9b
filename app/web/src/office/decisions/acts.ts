/** Approve, refuse, return, or ask for another amount: what the service lets the person do, else why not. */
import { el } from "../../dom";
import { formatMoney } from "../../format";
import type { Office } from "../office";
import { compareAmounts, parseAmount } from "./amounts";
import { ask, decide, type Able, type ProposalPage, type Ruling } from "./asking";
import { field, outcomeText } from "./parts";
import { ableTo, doing, whyNot } from "./saying";

export function actsSection(office: Office, page: ProposalPage): HTMLElement {
  const { say } = office.speech;
  const section = el("section", { class: "card acts-card", id: "acts" }, el("h2", {}, say("decisionsAct")));
  const approve = ableTo(page.can, "approve");
  const refuse = ableTo(page.can, "refuse");
  if (page.line.needs_visit && approve.allowed) section.append(el("p", { class: "visit" }, say("decisionsVisitCaution")));
  section.append(...approving(office, page, approve));
  if (refuse.allowed) section.append(...closing(office, page));
  else if (refuse.code !== approve.code) section.append(sentence(office, refuse));
  return section;
}

function approving(office: Office, { line }: ProposalPage, able: Able): HTMLElement[] {
  if (!able.allowed || line.amount === null) return [sentence(office, able)];
  const run = (): void => void doing(office, () => decide(office.client, "approve", [line.number]), (made) => outcomeText(made, office.speech));
  const text = office.speech.say("decisionsApprove", { amount: formatMoney(line.amount, office.speech.language) });
  return [el("div", { class: "buttons" }, el("button", { type: "button", id: "approve", class: "primary", onclick: run }, text))];
}

function closing(office: Office, { line }: ProposalPage): HTMLElement[] {
  const { say } = office.speech;
  const note = el("textarea", { rows: 2, maxlength: 2000, "aria-describedby": "note-hint note-problem" });
  const problem = el("p", { class: "problem", id: "note-problem", role: "alert", hidden: true }, say("decisionsNoteNeeded"));
  const run = (ruling: Ruling): void => {
    problem.hidden = note.value.trim() !== "";
    if (!problem.hidden) return note.focus();
    void doing(office, () => decide(office.client, ruling, [line.number], note.value.trim()), (made) => outcomeText(made, office.speech));
  };
  return [
    field("note", say("decisionsNote"), note),
    el("p", { class: "sub", id: "note-hint" }, say("decisionsNoteHint")),
    problem,
    el(
      "div",
      { class: "buttons" },
      el("button", { type: "button", id: "refuse", onclick: () => run("refuse") }, say("decisionsRefuse")),
      el("button", { type: "button", id: "return", onclick: () => run("return") }, say("decisionsReturn")),
    ),
  ];
}

export function overrideSection(office: Office, page: ProposalPage): HTMLElement {
  const { say } = office.speech;
  const able = ableTo(page.can, "ask");
  const section = el("section", { class: "card", id: "override" }, el("h2", {}, say("decisionsOverride")));
  section.append(able.allowed && page.override ? overrideForm(office, page.line.number, page.override) : sentence(office, able));
  return section;
}

function overrideForm(office: Office, number: number, rules: NonNullable<ProposalPage["override"]>): HTMLElement {
  const { speech } = office;
  const { say, language } = speech;
  const bounds = { least: formatMoney(rules.least, language), most: formatMoney(rules.most, language) };
  const amount = el("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-describedby": "override-hint override-problem" });
  const code = el("select", {}, el("option", { value: "" }, say("decisionsCodeChoose")), ...rules.reasons.map((each) => el("option", { value: each.code }, speech.pick(each.title))));
  const reason = el("textarea", { rows: 2, maxlength: 2000 });
  const problem = el("p", { class: "problem", id: "override-problem", role: "alert", hidden: true });
  const refuse = (control: HTMLElement, text: string): void => {
    problem.textContent = text;
    problem.hidden = false;
    control.focus();
  };
  const run = (event: Event): void => {
    event.preventDefault();
    problem.hidden = true;
    const wanted = parseAmount(amount.value);
    if (wanted === null) return refuse(amount, say("decisionsAmountWrong"));
    if (compareAmounts(wanted, rules.least.amount) < 0 || compareAmounts(wanted, rules.most.amount) > 0) return refuse(amount, say("decisionsAmountOut", bounds));
    if (code.value === "" || reason.value.trim() === "") return refuse(code.value === "" ? code : reason, say("decisionsReasonNeeded"));
    const asked = { amount: wanted, reason_code: code.value, reason: reason.value.trim() };
    void doing(office, () => ask(office.client, number, asked), (made) => say("decisionsAsked", { amount: formatMoney(made.amount, language), n: made.number }));
  };
  return el(
    "form",
    { class: "override-form", novalidate: true, onsubmit: run },
    el("p", { class: "sub", id: "override-hint" }, say("decisionsOverrideHint", bounds)),
    field("override-amount", say("decisionsAmount", { currency: rules.least.currency }), amount),
    field("override-code", say("decisionsCode"), code),
    field("override-reason", say("decisionsReason"), reason),
    problem,
    el("div", { class: "buttons" }, el("button", { type: "submit", id: "override-ask" }, say("decisionsAsk"))),
  );
}

function sentence(office: Office, able: Able): HTMLElement {
  return el("p", { class: "why-not", "data-code": able.code ?? "" }, whyNot(able, office.speech));
}
