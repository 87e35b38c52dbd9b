/** The limit with its receipt unfolded, and the loans that rest on the parcel. */
import { el } from "../../dom";
import { formatEffect, formatMoney, sumDecimals } from "../../format";
import type { Limit, LoanPart, ParcelFile } from "../answers";
import { moneyOr } from "../figures";
import type { OfficeSpeech } from "../words";

export function limitSection(file: ParcelFile, speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const section = el("section", { class: "card limit" }, el("h2", {}, say("limit")));
  if (file.limit === null) section.append(el("p", { class: "empty" }, say("noLimit")));
  else section.append(...amount(file.limit, speech), receipt(file.limit, speech), origin(file, file.limit, speech));
  return section;
}

function amount(limit: Limit, speech: OfficeSpeech): HTMLElement[] {
  const { say, language } = speech;
  const { low, high } = limit;
  const shown = limit.amount ? formatMoney(limit.amount, language) : say("noAmount");
  const parts = [el("p", { class: limit.amount ? "amount" : "amount missing" }, shown)];
  if (low && high && low.amount !== high.amount) {
    const range = say("range", { low: formatMoney(low, language), high: formatMoney(high, language) });
    parts.push(el("p", { class: "sub" }, range));
  }
  if (limit.needs_visit) parts.push(el("p", { class: "visit" }, say("needsVisit")));
  if (!limit.adds_up) parts.push(el("p", { class: "alarm", role: "alert" }, say("broken")));
  return parts;
}

function receipt(limit: Limit, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const lines = limit.reasons.map((line) => {
    const effect = Number(line.effect) === 0 ? "" : formatEffect(line.effect, limit.currency, language);
    return el("tr", { "data-code": line.code }, el("th", { scope: "row" }, speech.pick(line)), el("td", {}, effect));
  });
  const sum = { amount: sumDecimals(limit.reasons.map((line) => line.effect)), currency: limit.currency };
  const total = el("tr", {}, el("th", { scope: "row" }, say("total")), el("td", {}, formatMoney(sum, language, { cents: true })));
  return el(
    "table",
    { class: "receipt" },
    el("caption", {}, say(limit.amount ? "reasons" : "reasonsNone")),
    el("tbody", {}, ...lines),
    limit.amount !== null && el("tfoot", {}, total),
  );
}

function origin(file: ParcelFile, limit: Limit, speech: OfficeSpeech): HTMLElement {
  const policy = speech.say("policyOf", { id: limit.policy_id, hash: limit.policy_hash.slice(0, 12) });
  const run = file.run_id === null ? [] : [speech.say("runOf", { id: file.run_id })];
  return el("p", { class: "sub origin" }, [policy, ...run].join(" · "));
}

export function loansSection(loans: readonly LoanPart[], speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const section = el("section", { class: "card" }, el("h2", {}, say("loans")));
  if (loans.length === 0) section.append(el("p", { class: "empty" }, say("noLoans")));
  else section.append(el("ul", { class: "lines" }, ...loans.map((part) => loan(part, speech))));
  return section;
}

function loan(part: LoanPart, speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const shared = part.plots > 1 ? ` · ${say("onPlots", { n: part.plots })}` : "";
  return el(
    "li",
    {},
    el("span", { class: "line-body" }, say("facility", { number: part.facility_number }), el("span", { class: "sub" }, say(`basis_${part.basis}`) + shared)),
    el("span", { class: "figure" }, moneyOr(part.amount, speech)),
  );
}
