/** What to tell the farmer, in plain words: on screen, or printed. */
import { el } from "../../dom";
import type { Office } from "../office";
import { proposalAddress } from "./address";
import type { PlainWords, ToldLimit } from "./asking";

export function toldPage(office: Office, number: number, words: PlainWords): HTMLElement {
  const { say, language } = office.speech;
  return el(
    "div",
    { class: "told" },
    el(
      "div",
      { class: "page-head" },
      el("a", { class: "onward", href: proposalAddress(number) }, `← ${say("decisionsToProposal", { n: number })}`),
      el("h1", { tabindex: -1 }, say("decisionsTold")),
      el("button", { type: "button", id: "print", onclick: () => window.print() }, say("decisionsPrint")),
    ),
    letter(office, language === "zh" ? words.zh : words.en),
  );
}

function letter(office: Office, told: ToldLimit): HTMLElement {
  const { say } = office.speech;
  const reasons = told.reasons.map(({ text, effect }) => el("li", {}, effect === "" ? text : `${text} (${effect})`));
  return el(
    "article",
    { class: "card told-text", id: "told" },
    ...told.labels.map((label) => el("p", { class: "badge" }, label)),
    el("h2", {}, told.about),
    el("p", { class: "amount" }, told.amount),
    told.decided === "" && el("p", { class: "visit" }, say("decisionsToldOpen")),
    ...texts([told.decided, told.opening, told.span, told.visit]),
    reasons.length > 0 && el("h3", {}, say("decisionsToldWhy")),
    reasons.length > 0 && el("ol", { class: "plain numbered" }, ...reasons),
    told.changes.length > 0 && el("h3", {}, say("decisionsToldChanges")),
    told.changes.length > 0 && el("ul", { class: "plain" }, ...told.changes.map((text) => el("li", {}, text))),
    ...texts([told.automated, told.no_contract]),
    el("h3", {}, say("decisionsToldObject")),
    ...texts(told.objection),
  );
}

function texts(sentences: readonly string[]): HTMLElement[] {
  return sentences.filter((text) => text !== "").map((text) => el("p", {}, text));
}
