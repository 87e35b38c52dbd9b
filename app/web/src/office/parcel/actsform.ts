/** What can be done with the open alert, with a reason where one is asked for. */
import { el } from "../../dom";
import { actsOn, NEEDS_WORDS, worksWithAlerts, type Act } from "../alerts/acts";
import { actOn, personChoice } from "../alerts/actsbar";
import type { Colleague, Story } from "../answers";
import type { Office } from "../office";

export function actsForm(office: Office, { alert }: Story, colleagues: readonly Colleague[]): HTMLElement | null {
  if (!worksWithAlerts(office.person.role)) return null;
  const { say } = office.speech;
  const words = el("textarea", { id: "words", rows: 2, "aria-describedby": "words-hint words-problem", maxlength: 2000 });
  const problem = el("p", { class: "problem", id: "words-problem", role: "alert", hidden: true }, say("needWords"));
  const run = (act: Act, to?: string): void => {
    const said = words.value.trim();
    problem.hidden = said !== "" || !NEEDS_WORDS.has(act);
    if (!problem.hidden) return words.focus();
    void actOn(office, act, [alert.number], { ...(said && { said }), ...(to !== undefined && { to }) });
  };
  const buttons = actsOn(alert, office.person.role).map((act) =>
    el("button", { type: "button", id: `act-${act}`, class: act === "acknowledge" ? "primary" : "", onclick: () => run(act) }, say(`act_${act}`)),
  );
  return el(
    "div",
    { class: "acts-form" },
    el("h3", {}, say("whatToDo")),
    el("label", { for: "words" }, say("words")),
    words,
    el("p", { class: "sub", id: "words-hint" }, say("wordsHint")),
    problem,
    el("div", { class: "buttons" }, ...buttons),
    alert.status !== "closed" && alert.status !== "false_alarm" && assigning(office, colleagues, (login) => run("assign", login)),
  );
}

function assigning({ speech }: Office, colleagues: readonly Colleague[], assign: (login: string) => void): HTMLElement {
  const people = personChoice(colleagues, speech);
  const button = el("button", { type: "button", id: "assign", disabled: true, onclick: () => assign(people.value) }, speech.say("act_assign"));
  people.addEventListener("change", () => (button.disabled = people.value === ""));
  return el("div", { class: "buttons" }, el("label", { class: "choice" }, el("span", { class: "unseen" }, speech.say("assignTo")), people), button);
}
