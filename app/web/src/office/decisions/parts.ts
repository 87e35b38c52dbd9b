/** Parts that several pages of the room show alike. */
import { el } from "../../dom";
import { formatDay, formatMoney } from "../../format";
import { moneyOr } from "../figures";
import { parcelAddress } from "../parcel/address";
import type { OfficeSpeech } from "../words";
import { madeAddress } from "./address";
import { sumsByCurrency } from "./amounts";
import type { Decided, DecisionMade, ProposalLine } from "./asking";

export function subjectName(subject: ProposalLine["subject"], { say }: OfficeSpeech): string {
  return subject.id === null ? say("decisionsErased") : say(`decisionsSubject_${subject.kind}`, { id: subject.id });
}

/** What a proposal does, in one line. */
export function moveOf(line: Pick<ProposalLine, "amount" | "before">, speech: OfficeSpeech): string {
  const { say, language } = speech;
  if (line.amount === null) return say("decisionsMoveNone");
  const to = formatMoney(line.amount, language);
  return line.before === null ? say("decisionsMoveNew", { to }) : say("decisionsMove", { from: formatMoney(line.before, language), to });
}

export function decidedLine(made: DecisionMade, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const said = say("decisionsDecidedBy", {
    outcome: say(`decisionsOutcome_${made.outcome}`),
    who: made.by ?? say("decisionsProgram"),
    day: formatDay(made.decided_at.slice(0, 10), language),
  });
  const amount = made.amount === null ? "" : ` · ${moneyOr(made.amount, speech)}`;
  return el("span", {}, el("a", { href: madeAddress(made.number) }, say("decisionsMade", { n: made.number })), ` ${said}${amount}`);
}

/** What came of deciding: how many, their sum by currency, and what had been decided so before. */
export function outcomeText({ decided, already }: Decided, speech: OfficeSpeech): string {
  const { say, language } = speech;
  const amounts = decided.flatMap(({ amount }) => (amount === null ? [] : [amount]));
  const sum = sumsByCurrency(amounts).map((money) => formatMoney(money, language)).join(" + ");
  const now = decided.length === 0 ? "" : sum ? say("decisionsDoneSum", { n: decided.length, sum }) : say("decisionsDone", { n: decided.length });
  const who = [...new Set(already.map((made) => made.by ?? say("decisionsProgram")))].join(", ");
  const before = already.length === 0 ? "" : say("decisionsAlready", { n: already.length, who });
  return [now, before].filter((text) => text !== "").join(" ");
}

export function parcelName(id: string, linked: boolean): HTMLElement {
  return linked ? el("a", { class: "parcel-link", href: parcelAddress(id) }, id) : el("span", { class: "parcel-link" }, id);
}

/** A label over a field; `id` ties both. */
export function field(id: string, label: string, control: HTMLElement): HTMLElement {
  control.id = id;
  return el("div", { class: "field" }, el("label", { for: id }, label), control);
}
