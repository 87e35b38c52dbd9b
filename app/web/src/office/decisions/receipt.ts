/** A receipt unfolded: the amount, its lines, and those of each parcel. */
import { el } from "../../dom";
import { formatArea, formatEffect, formatMoney } from "../../format";
import type { Money } from "../answers";
import type { OfficeSpeech } from "../words";
import type { LimitReceipt, ProposalPage, ProposalPart, ReceiptRow } from "./asking";
import { parcelName } from "./parts";
import { whyNot } from "./saying";

export function receiptSection(page: Pick<ProposalPage, "receipt" | "receipt_fault">, amount: Money | null, speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const section = el("section", { class: "card receipt-card", id: "receipt" }, el("h2", {}, say("decisionsReceipt")));
  const { receipt, receipt_fault: fault } = page;
  if (receipt === null) {
    section.append(el("p", { class: "alarm" }, `${say("decisionsReceiptNone")}. ${fault?.message ?? ""}`));
    return section;
  }
  if (!receipt.adds_up) section.append(el("p", { class: "alarm", role: "alert" }, say("broken")));
  section.append(...labels(receipt, speech), linesTable(receipt, amount, null, speech));
  if (fault !== null) section.append(el("p", { class: "sub" }, whyNot(fault, speech)));
  section.append(el("p", { class: "sub origin" }, `${say("decisionsHash")} ${receipt.sha256.slice(0, 16)}`));
  return section;
}

function labels(receipt: LimitReceipt, { say }: OfficeSpeech): HTMLElement[] {
  const marks = [receipt.simulated && say("simulated"), receipt.example && say("decisionsExample")];
  return marks.filter((mark) => mark !== false).map((mark) => el("span", { class: "badge" }, mark));
}

/** Lines with their sum, and below it what is proposed where less was asked for. */
function linesTable({ lines, policy_amount: sum }: { readonly lines: readonly ReceiptRow[]; readonly policy_amount: Money | null }, amount: Money | null, caption: string | null, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const rows = lines.map((line) => {
    const effect = /[1-9]/.test(line.effect) ? formatEffect(line.effect, sum?.currency ?? "", language) : "";
    return el("tr", { "data-code": line.code }, el("th", { scope: "row" }, speech.pick(line)), el("td", {}, effect));
  });
  const row = (word: "decisionsLimit" | "decisionsAskedLess", money: Money): HTMLElement => el("tr", {}, el("th", { scope: "row" }, say(word)), el("td", {}, formatMoney(money, language, { cents: true })));
  const less = sum && amount && amount.amount !== sum.amount ? row("decisionsAskedLess", amount) : null;
  const total = sum && el("tfoot", {}, row("decisionsLimit", sum), less);
  return el("table", { class: "receipt" }, caption !== null && el("caption", { class: "unseen" }, caption), el("tbody", {}, ...rows), total);
}

export function parcelsSection(parts: readonly ProposalPart[], speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const section = el("section", { class: "card", id: "parcels" }, el("h2", {}, say("decisionsParcels")));
  if (parts.length === 0) section.append(el("p", { class: "empty" }, say("decisionsNobody")));
  else section.append(el("ul", { class: "lines parcels" }, ...parts.map((part) => parcel(part, speech))));
  return section;
}

function parcel(part: ProposalPart, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const crop = part.crop === null ? say("unknown") : speech.pick(part.crop);
  const facts = [
    crop,
    part.declared_crop !== null && say("decisionsDeclared", { crop: speech.pick(part.declared_crop) }),
    part.area_ha !== null && `${formatArea(part.area_ha, language)} ${say("ha")}`,
  ];
  const caption = say("decisionsParcelLines", { id: part.parcel_id });
  return el(
    "li",
    {},
    el(
      "div",
      { class: "line-body" },
      parcelName(part.parcel_id, part.linked),
      part.area_ha !== null && el("span", { class: "sub" }, facts.filter((fact) => fact !== false).join(" · ")),
      part.lines.length > 0 && el("details", {}, el("summary", {}, caption), linesTable(part, part.amount, caption, speech)),
    ),
    el("span", { class: "figure" }, part.amount === null ? say("decisionsNobody") : formatMoney(part.amount, language)),
  );
}
