/** The card of what has a day by which it must be done. */
import { el } from "../../dom";
import { formatDay, formatMoney, formatNumber, formatShortDay } from "../../format";
import { levelTag, parcelLink } from "../alerts/parts";
import type { Today } from "../answers";
import { daysAway, nameOf } from "../figures";
import type { OfficeSpeech } from "../words";
import { agendaOf, urgencyOf, type Matter } from "./agenda";
import { card } from "./card";

export function deadlines(today: Today, speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const matters = agendaOf(today);
  if (matters.length === 0) return card("deadlines", say("deadlines"), el("p", { class: "empty" }, say("noDeadlines")));
  const passed = matters.filter((matter) => matter.daysLeft < 0);
  const list = (some: Matter[]): HTMLElement => el("ul", { class: "lines" }, ...some.map((matter) => line(matter, today, speech)));
  return card(
    "deadlines",
    say("deadlines"),
    list(matters.filter((matter) => matter.daysLeft >= 0)),
    passed.length > 0 && el("h3", {}, say("passed")),
    passed.length > 0 && list(passed),
    hidden(today, matters.length, speech),
  );
}

function line(matter: Matter, today: Today, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const urgency = urgencyOf(matter.daysLeft);
  const facts = [subjectOf(matter, today, speech), ...(matter.amount ? [formatMoney(matter.amount, language)] : [])];
  return el(
    "li",
    { class: urgency },
    el("span", { class: "due" }, el("strong", {}, daysAway(matter.daysLeft, speech)), el("time", { class: "sub", datetime: matter.day }, dayIn(matter.day, today.day, speech))),
    el(
      "span",
      { class: "line-body" },
      el("span", {}, matter.paper ? `${speech.pick(matter.paper)}: ${say("matter_paper")}` : say(`matter_${matter.kind}`)),
      el("span", { class: "sub" }, facts.join(" · ")),
    ),
    el("span", { class: "beside" }, matter.level && levelTag(matter.level, speech), matter.parcel !== null && parcelLink(matter.parcel, matter.alert)),
  );
}

/** Without its year where that is this year. */
function dayIn(day: string, now: string, { language }: OfficeSpeech): string {
  return day.slice(0, 4) === now.slice(0, 4) ? formatShortDay(day, language) : formatDay(day, language);
}

function subjectOf(matter: Matter, today: Today, speech: OfficeSpeech): string {
  if (matter.kind === "claim") return nameOf(matter.subject, today.alerts.causes, speech);
  return matter.kind === "paper" ? matter.subject : speech.say("facility", { number: matter.subject });
}

/** The service sends the most pressing ones; how many there are is said. */
function hidden(today: Today, shown: number, speech: OfficeSpeech): HTMLElement | null {
  const { claims, overdue, maturing, papers } = today;
  const total = claims.total + overdue.total + maturing.total + papers.total;
  if (total <= shown) return null;
  const values = { shown: formatNumber(shown, speech.language), total: formatNumber(total, speech.language) };
  return el("p", { class: "note" }, speech.say("shownOf", values));
}
