/** What can be done with all ticked alerts at once: acknowledge them, give them to somebody. */
import { el } from "../../dom";
import { formatNumber } from "../../format";
import type { Colleague, Done } from "../answers";
import type { Office } from "../office";
import type { OfficeSpeech } from "../words";
import type { Act } from "./acts";
import type { Selection } from "./selection";

export interface ActsBar {
  element: HTMLElement;
  /** The ticks have changed. */
  update: () => void;
}

export function actsBar(office: Office, selection: Selection, colleagues: readonly Colleague[]): ActsBar {
  const { say, language } = office.speech;
  const count = el("span", { class: "selected", role: "status" });
  const people = personChoice(colleagues, office.speech);
  const run = (act: Act, more: { to?: string } = {}): void => void actOn(office, act, selection.numbers, more);
  const acknowledge = el("button", { type: "button", id: "acknowledge", class: "primary", onclick: () => run("acknowledge") }, say("act_acknowledge"));
  const assign = el("button", { type: "button", id: "assign", onclick: () => run("assign", { to: people.value }) }, say("act_assign"));
  const update = (): void => {
    const n = selection.numbers.length;
    count.textContent = say("selected", { n: formatNumber(n, language) });
    acknowledge.disabled = n === 0;
    assign.disabled = n === 0 || people.value === "";
  };
  people.addEventListener("change", update);
  update();
  const element = el(
    "div",
    { class: "acts", role: "group", "aria-label": say("whatToDo") },
    count,
    acknowledge,
    el("label", { class: "choice" }, el("span", { class: "unseen" }, say("assignTo")), people),
    assign,
    el("span", { class: "sub hint" }, say("tableHint")),
  );
  return { element, update };
}

/** Do something to alerts, say what came of it, and ask for the page again. */
export async function actOn(office: Office, act: Act, numbers: readonly number[], more: { to?: string; said?: string } = {}): Promise<boolean> {
  try {
    const done = await office.client.act(act, numbers, more);
    office.announce(outcome(act, done, office.speech));
    office.reload();
    return true;
  } catch (error) {
    office.fail(error);
    return false;
  }
}

function outcome(act: Act, { changed, already }: Done, speech: OfficeSpeech): string {
  const values = { act: speech.say(`act_${act}`), n: changed.length, m: already.length };
  return speech.say(already.length ? "didAlready" : "did", values);
}

export function personChoice(colleagues: readonly Colleague[], speech: OfficeSpeech): HTMLSelectElement {
  const list = el("select", { id: "assignee" }, el("option", { value: "" }, `${speech.say("assignTo")}: ${speech.say("choosePerson")}`));
  for (const { login, display_name, role } of colleagues)
    list.append(el("option", { value: login }, `${display_name} (${login}), ${speech.say(`role_${role}`)}`));
  return list;
}
