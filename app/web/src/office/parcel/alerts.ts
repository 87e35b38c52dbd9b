/** The alerts of a parcel: a list to pick from, and the story of the one that is open. */
import { el } from "../../dom";
import { formatDay } from "../../format";
import { levelTag, standing } from "../alerts/parts";
import type { Alert, Colleague, ParcelFile, Story } from "../answers";
import { moneyOr, nameOf, shareOr } from "../figures";
import type { Office } from "../office";
import { parcelAddress } from "./address";
import type { OfficeSpeech } from "../words";
import { actsForm } from "./actsform";
import { evidence } from "./evidence";
import { history, outside } from "./history";

export function alertsSection(office: Office, file: ParcelFile, story: Story | null, colleagues: readonly Colleague[]): HTMLElement {
  const { say } = office.speech;
  const section = el("section", { class: "card", "aria-labelledby": "parcel-alerts" }, el("h2", { id: "parcel-alerts" }, say("alertsOf")));
  if (story === null) section.append(el("p", { class: "empty" }, say("noAlertsHere")));
  else section.append(...picker(file, story, office.speech), ...told(office, story, colleagues));
  return section;
}

/** Needed only where there is more than one to pick from. */
function picker(file: ParcelFile, story: Story, speech: OfficeSpeech): HTMLElement[] {
  if (file.alerts.length < 2) return [];
  const lines = file.alerts.map((alert) => el("li", {}, choice(alert, file, alert.number === story.alert.number, speech)));
  return [el("ul", { class: "picker" }, ...lines)];
}

function choice(alert: Alert, file: ParcelFile, open: boolean, speech: OfficeSpeech): HTMLElement {
  const href = parcelAddress(file.parcel_id, alert.number);
  return el(
    "a",
    { href, id: `alert-${alert.number}`, ...(open && { "aria-current": "true" }) },
    levelTag(alert.level, speech),
    el("span", {}, nameOf(alert.cause, file.causes, speech)),
    el("span", { class: "sub" }, standing(alert, speech)),
  );
}

function told(office: Office, story: Story, colleagues: readonly Colleague[]): (Node | string)[] {
  const { speech } = office;
  const parts: (HTMLElement | null)[] = [
    head(story, speech),
    figures(story.alert, speech),
    story.looks_for && el("p", { class: "look-for" }, el("strong", {}, `${speech.say("lookFor")}: `), speech.pick(story.looks_for)),
    story.evidence && evidence(story, story.evidence, speech),
    actsForm(office, story, colleagues),
    // Crop insurance and relief of planting loans: none of it is a site's.
    story.site === null ? beside(story, speech) : null,
    outside(story.signals, speech),
    history(story.history, speech),
    el("p", { class: "sub" }, speech.say("caution")),
  ];
  return parts.filter((part) => part !== null);
}

function head(story: Story, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const { alert } = story;
  const days = [`${say("opened")} ${formatDay(alert.opened_on, language)}`];
  if (story.event_on !== null) days.push(say("firstSeen", { day: formatDay(story.event_on, language) }));
  return el(
    "div",
    { class: "story-head" },
    el("h3", {}, levelTag(alert.level, speech), ` ${speech.pick(story.cause)}`),
    el("p", { class: "sub" }, [...days, standing(alert, speech)].join(" · ")),
    el("p", { class: "scope" }, el("strong", {}, say(`scope_${alert.scope}`)), story.answer && ` — ${speech.pick(story.answer)}`),
  );
}

function figures(alert: Alert, speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const values: [string, string][] = [
    [say("expectedLoss"), moneyOr(alert.expected_loss, speech)],
    [say("lent"), moneyOr(alert.exposure, speech)],
    [say("severity"), shareOr(alert.severity, speech)],
    [say("probability"), shareOr(alert.probability, speech)],
  ];
  return el("dl", { class: "four" }, ...values.map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, value))));
}

function beside(story: Story, speech: OfficeSpeech): HTMLElement | null {
  const lines = story.beside[speech.language];
  if (lines.length === 0) return null;
  return el("div", {}, el("h3", {}, speech.say("beside")), el("ul", { class: "plain" }, ...lines.map((line) => el("li", {}, line))));
}
