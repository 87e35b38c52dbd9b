/** Refreshes of the book: what they move, and the release of those that are held. */
import { el } from "../../dom";
import { formatDay, formatNumber, formatShare } from "../../format";
import { moneyOr } from "../figures";
import type { Office } from "../office";
import type { OfficeKey } from "../words";
import { release, type Batch } from "./asking";
import { field } from "./parts";
import { ableTo, doing, whyNot } from "./saying";
import { en } from "./words";

export function batchList(office: Office, batches: readonly Batch[]): HTMLElement {
  if (batches.length === 0) return el("p", { class: "empty" }, office.speech.say("decisionsNone"));
  return el("ul", { class: "requests" }, ...batches.map((batch) => card(office, batch)));
}

function card(office: Office, batch: Batch): HTMLElement {
  const { speech } = office;
  const { say, language } = speech;
  const started = batch.created_by === null ? say("decisionsTimer") : say("decisionsStarted", { who: batch.created_by });
  const sums = { n: formatNumber(batch.proposals, language), before: moneyOr(batch.before, speech), after: moneyOr(batch.after, speech) };
  return el(
    "li",
    { class: "card request", id: `batch-${batch.id}` },
    el("h3", {}, formatDay(batch.as_of, language), el("span", { class: `mark ${batch.status}` }, say(`decisionsBatch_${batch.status}`))),
    el("p", {}, say("decisionsBatchSums", sums)),
    ...batch.held_for.map((hold) => el("p", { class: "visit" }, holdText(office, hold))),
    el("p", { class: "sub" }, [batch.id, batch.policy_id, started].join(" · ")),
    batch.released_by !== null && el("p", { class: "sub" }, say("decisionsReleasedBy", { who: batch.released_by, reason: batch.release_reason ?? "" })),
    batch.status === "held" && releasing(office, batch),
  );
}

function holdText({ speech }: Office, hold: Batch["held_for"][number]): string {
  const key = `decisionsHold_${hold.code}`;
  const values = { n: formatNumber(hold.subjects, speech.language), most: formatShare(Number(hold.most), speech.language), before: moneyOr(hold.before, speech), after: moneyOr(hold.after, speech) };
  return key in en ? speech.say(key as OfficeKey, values) : hold.code;
}

function releasing(office: Office, batch: Batch): HTMLElement {
  const { say } = office.speech;
  const able = ableTo(batch.can, "release");
  if (!able.allowed) return el("p", { class: "sub why-not" }, whyNot(able, office.speech));
  const reason = el("input", { type: "text", maxlength: 2000, autocomplete: "off" });
  const problem = el("p", { class: "problem", role: "alert", hidden: true }, say("decisionsNoteNeeded"));
  const run = (): void => {
    problem.hidden = reason.value.trim() !== "";
    if (!problem.hidden) return reason.focus();
    void doing(office, () => release(office.client, batch.id, reason.value.trim()), () => say("decisionsReleased", { id: batch.id }));
  };
  return el(
    "div",
    { class: "answers" },
    field(`release-reason-${batch.id}`, say("decisionsReleaseWhy"), reason),
    problem,
    el("div", { class: "buttons" }, el("button", { type: "button", id: `release-${batch.id}`, class: "primary", onclick: run }, say("decisionsRelease"))),
  );
}
