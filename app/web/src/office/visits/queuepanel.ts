/** What waits on this device: each visit with how far it is, and what went wrong. */
import { el } from "../../dom";
import { formatNumber, formatShare } from "../../format";
import { writePlace } from "../place";
import type { OfficeKey, OfficeSpeech } from "../words";
import { clockOf } from "./list";
import { countsOf, inOrder, type Earlier, type Entry, type Problem } from "./queue";
import type { Situation } from "./situation";
import { en } from "./words";

export function queuePanel(situation: Situation): HTMLElement {
  const body = el("div", { "aria-live": "polite" });
  const { login } = situation.office.person;
  const shares = new Map<string, number>();
  const draw = (): void => body.replaceChildren(...rows(situation, shares));
  const look = async (): Promise<void> => {
    const entries = await situation.sender.entries().catch(() => []);
    const arrived = countsOf(entries, login).sent > countsOf(situation.entries, login).sent;
    situation.entries = entries;
    draw();
    if (arrived) situation.office.reload(); // what the visit did stands on the list
  };
  situation.sender.onChange = (key, share) => {
    if (share === null) shares.delete(key);
    else shares.set(key, share);
    void look();
  };
  draw();
  void look(); // nobody told of what changed before this panel was there
  return el("section", { class: "card", id: "visit-queue", "aria-label": situation.office.speech.say("visits_queue") }, el("h2", {}, situation.office.speech.say("visits_queue")), body);
}

function rows(situation: Situation, shares: ReadonlyMap<string, number>): HTMLElement[] {
  const { office, sender, entries } = situation;
  const { say, language } = office.speech;
  const counts = countsOf(entries, office.person.login);
  const own = inOrder(entries, office.person.login);
  const waiting = counts.waiting === 1 ? say("visits_queueWaitingOne") : say("visits_queueWaiting", { n: formatNumber(counts.waiting, language) });
  const head = el(
    "p",
    { class: counts.waiting === 0 ? "empty" : "visit-waiting" },
    counts.waiting === 0 ? say("visits_queueEmpty") : waiting,
    " ",
    counts.waiting > 0 && el("button", { type: "button", id: "visit-send", onclick: () => void sender.sendNow() }, say("visits_sendNow")),
  );
  const others = counts.others > 0 && el("p", { class: "note" }, say("visits_queueOthers", { n: formatNumber(counts.others, language) }));
  const lines = el("ul", { class: "lines" }, ...own.map((entry) => line(entry, situation, shares.get(entry.key))));
  return [head, ...(others ? [others] : []), lines];
}

function line(entry: Entry, situation: Situation, share: number | undefined): HTMLElement {
  const { office, sender } = situation;
  const { say } = office.speech;
  const drop = (): void => {
    if (window.confirm(say("visits_dropSure", { parcel: entry.parcel }))) void sender.drop(entry);
  };
  return el(
    "li",
    { class: `visit-entry entry-${entry.state}` },
    el(
      "span",
      { class: "line-body" },
      el("strong", {}, entry.parcel),
      el("span", { class: "sub" }, `${say(`outcome_${entry.said.outcome}`)} · ${clockOf(Date.parse(entry.said.captured_at), office.speech)}`),
      el("span", { class: entry.state === "refused" ? "problem" : "sub" }, progress(entry, situation, share)),
    ),
    entry.state === "refused" && el("a", { class: "visit-record", href: correctAddress(entry), "aria-label": `${say("visits_correct")}: ${entry.parcel}` }, say("visits_correct")),
    entry.state === "refused" && el("button", { type: "button", onclick: () => void sender.tryAgain(entry) }, say("visits_again")),
    entry.state === "refused" && el("button", { type: "button", class: "link", onclick: drop }, say("visits_drop")),
    entry.earlier !== undefined && before(entry, entry.earlier, situation),
  );
}

const correctAddress = (entry: Entry): string => writePlace("visits", ["correct", entry.key]);

/** What was sent first and refused: the book has what was taken, this device both. */
function before(entry: Entry, earlier: readonly Earlier[], { office: { speech }, sender }: Situation): HTMLElement {
  const { say } = speech;
  // Words that were refused for the names in them must not have to stay; the others wait until they are over.
  const forget = entry.state === "sent" && el("button", { type: "button", class: "link", onclick: () => void sender.forgetEarlier(entry) }, say("visits_forgetBefore"));
  const lines = earlier.map((each) => el("li", {}, el("span", {}, saidText(each.said, speech)), el("span", { class: "sub" }, say("visits_refused", { why: whyRefused(each.problem, speech) }))));
  return el("details", { class: "visit-before" }, el("summary", {}, say("visits_before", { n: formatNumber(earlier.length, speech.language) })), el("ol", { class: "plain" }, ...lines), forget);
}

function saidText(said: Earlier["said"], speech: OfficeSpeech): string {
  const { say, language } = speech;
  const parts = [say(`outcome_${said.outcome}`), clockOf(Date.parse(said.captured_at), speech), said.second_officer];
  if (said.alert != null) parts.push(say("visits_aboutAlert", { n: said.alert }));
  if (said.cause_found != null) parts.push(said.cause_found);
  if (said.loss_share != null) parts.push(formatShare(said.loss_share, language));
  return parts.join(" · ") + (said.note ? `: ${said.note}` : "");
}

function progress(entry: Entry, { office }: Situation, share: number | undefined): string {
  const { say, language } = office.speech;
  if (entry.state === "sent") return say("visits_sent", { n: entry.visit ?? "" });
  if (entry.state === "refused") return say("visits_refused", { why: entry.problem === null ? "" : whyRefused(entry.problem, office.speech) });
  if (share !== undefined) return `${say("visits_sending")}: ${say("visits_sendingPhoto", { share: formatShare(share, language) })}`;
  if (entry.not_before > Date.now()) return say("visits_waitingUntil", { time: clockOf(entry.not_before, office.speech) });
  return say("visits_waiting");
}

/** The service says it in English, with names and numbers; in Chinese the room does, as far as it has words for it. */
export function whyRefused(problem: Problem, speech: OfficeSpeech): string {
  const key = `visits_not_${problem.code}`;
  return key in en && speech.language !== "en" ? speech.say(key as OfficeKey) : problem.text;
}
