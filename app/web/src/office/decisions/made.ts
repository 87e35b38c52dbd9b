/** A decision: what was decided, by whom, on which receipt, and whether it comes out the same again. */
import { el } from "../../dom";
import { formatNumber } from "../../format";
import { moneyOr } from "../figures";
import type { Office } from "../office";
import { madeAddress, proposalAddress, viewAddress } from "./address";
import type { DecisionPage } from "./asking";
import { decidedLine, subjectName } from "./parts";
import { receiptSection } from "./receipt";

export function madePage(office: Office, page: DecisionPage): HTMLElement {
  const { speech } = office;
  const { say } = speech;
  const { made } = page;
  const who = [page.proposed_by, page.decided_by].filter((person) => person !== null);
  return el(
    "div",
    {},
    el(
      "div",
      { class: "page-head" },
      el("a", { class: "onward", href: viewAddress({ tab: "decided" }) }, `← ${say("decisionsBack")}`),
      el("h1", { tabindex: -1 }, el("span", { class: "kicker" }, say("decisionsMade", { n: made.number })), ` ${subjectName(page.subject, speech)}`),
    ),
    el(
      "section",
      { class: "card", id: "made" },
      el("p", { class: "amount" }, made.amount === null ? say("decisionsNobody") : moneyOr(made.amount, speech)),
      el("p", {}, page.said === null ? decidedLine(made, speech) : speech.pick(page.said)),
      page.override_code !== null && el("p", {}, say("decisionsAdjusted", { code: page.override_code, reason: page.override_reason ?? "" })),
      page.note !== null && el("p", { class: "look-for" }, page.note),
      el("p", { class: "sub" }, who.map((person) => `${person.display_name} (${say(`role_${person.role}`)})`).join(" · ")),
      made.proposal !== null && el("p", {}, el("a", { href: proposalAddress(made.proposal) }, say("decisionsToProposal", { n: made.proposal }))),
      replaySection(office, page),
    ),
    receiptSection(page, page.proposed, speech),
  );
}

function replaySection({ speech }: Office, page: DecisionPage): HTMLElement {
  const { say, language } = speech;
  const { replay } = page;
  if (replay === null) return el("p", {}, el("a", { class: "button-link", id: "replay", href: madeAddress(page.made.number, true) }, say("decisionsReplay")));
  if (replay.same) return el("p", { class: "may", id: "replayed" }, say("decisionsReplaySame", { n: formatNumber(replay.size ?? 0, language) }));
  return el("p", { class: "alarm", id: "replayed" }, say("decisionsReplayOther", { why: replay.message ?? "" }));
}
