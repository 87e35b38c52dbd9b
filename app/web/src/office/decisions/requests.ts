/** Amounts that somebody asked for, and the answers that the person may give. */
import { el } from "../../dom";
import { formatMoney } from "../../format";
import type { Office } from "../office";
import { proposalAddress } from "./address";
import { answerRequest, approveRequest, type OverrideRequest } from "./asking";
import { dayOf } from "./list";
import { field, outcomeText, subjectName } from "./parts";
import { ableTo, doing, whyNot } from "./saying";

export function requestList(office: Office, requests: readonly OverrideRequest[], linked: boolean): HTMLElement {
  const { say } = office.speech;
  if (requests.length === 0) return el("p", { class: "empty" }, say("decisionsNone"));
  return el("ul", { class: "requests" }, ...requests.map((request) => card(office, request, linked)));
}

function card(office: Office, request: OverrideRequest, linked: boolean): HTMLElement {
  const { speech } = office;
  const { say, language } = speech;
  const policy = request.policy_amount === null ? say("decisionsNobody") : formatMoney(request.policy_amount, language);
  const title = request.reason_title === null ? request.reason_code : speech.pick(request.reason_title);
  const who = linked ? el("a", { class: "parcel-link", href: proposalAddress(request.proposal) }, subjectName(request.subject, speech)) : null;
  return el(
    "li",
    { class: "card request", id: `request-${request.number}` },
    who,
    el("h3", {}, say("decisionsWanted", { amount: formatMoney(request.amount, language), policy })),
    el("p", { class: "sub" }, `${say("decisionsRequest", { n: request.number })} · ${say("decisionsBy", { who: request.made_by_name, day: dayOf(request.made_at, office) })} · ${standing(office, request)}`),
    el("p", {}, el("strong", {}, title), ` ${request.reason}`),
    request.answer_note !== null && el("p", { class: "sub" }, request.answer_note),
    request.status === "open" && answers(office, request),
  );
}

function standing({ speech }: Office, request: OverrideRequest): string {
  if (request.status !== "open" && request.answered_by === null) return speech.say("decisionsRequestEnded");
  return speech.say(`decisionsRequest_${request.status}`, { who: request.answered_by ?? "" });
}

/** Buttons that are there only where the service lets the person; else why not. */
function answers(office: Office, request: OverrideRequest): HTMLElement {
  const { say, language } = office.speech;
  const { number } = request;
  const may = (act: "approve" | "refuse" | "withdraw"): boolean => ableTo(request.can, act).allowed;
  const note = el("input", { type: "text", maxlength: 2000, autocomplete: "off" });
  const problem = el("p", { class: "problem", role: "alert", hidden: true }, say("decisionsNoteNeeded"));
  const approve = (): void => void doing(office, () => approveRequest(office.client, number), (made) => outcomeText(made, office.speech));
  const answer = (word: "refuse" | "withdraw"): void => {
    problem.hidden = word === "withdraw" || note.value.trim() !== "";
    if (!problem.hidden) return note.focus();
    void doing(office, () => answerRequest(office.client, number, word, note.value.trim()), () => say(`decisionsRequestDone_${word}`, { n: number }));
  };
  const buttons = [
    may("approve") && el("button", { type: "button", id: `request-approve-${number}`, class: "primary", onclick: approve }, say("decisionsRequestApprove", { amount: formatMoney(request.amount, language) })),
    may("refuse") && el("button", { type: "button", id: `request-refuse-${number}`, onclick: () => answer("refuse") }, say("decisionsRequestRefuse")),
    may("withdraw") && el("button", { type: "button", id: `request-withdraw-${number}`, onclick: () => answer("withdraw") }, say("decisionsRequestWithdraw")),
  ];
  const refused = ableTo(request.can, "approve");
  return el(
    "div",
    { class: "answers" },
    !refused.allowed && el("p", { class: "sub why-not" }, whyNot(refused, office.speech)),
    (may("refuse") || may("withdraw")) && field(`request-note-${number}`, say("decisionsRequestNote"), note),
    problem,
    el("div", { class: "buttons" }, ...buttons),
  );
}
