/** The form of one visit, for a phone in the field: two officers, where, when, what they found, a photo. */
import { el } from "../../dom";
import { levelTag } from "../alerts/parts";
import { sketch } from "../ground/sketch";
import type { Fix } from "../ground/walk";
import { writePlace } from "../place";
import type { OfficeKey } from "../words";
import { filledOf, instantOf, localOf, type Subject } from "./correcting";
import { titleOf } from "./list";
import type { Picture } from "./photo";
import { PhotoField } from "./photofield";
import { PlaceField } from "./placefield";
import { corrected, newEntry, type Entry } from "./queue";
import { whyRefused } from "./queuepanel";
import { causeNeeded, emptyForm, missingOf, OUTCOMES, saidOf, type Filled, type Missing, type Outcome } from "./said";
import type { Situation } from "./situation";

const MISSING: Readonly<Record<Missing, OfficeKey>> = {
  Second: "visits_needSecond",
  Outcome: "visits_needOutcome",
  Cause: "visits_needCause",
  Loss: "visits_needLoss",
  Time: "visits_needTime",
};

/** What stands in forms that are not kept yet: it outlasts another language, another page and signing in again. */
const drafts = new Map<string, Filled>();
let lastSecond = "";

export class VisitForm {
  private readonly filled: Filled;
  private readonly place: PlaceField;
  private readonly picture: PhotoField;
  private readonly problem = el("p", { class: "problem", role: "alert", hidden: true });
  private readonly causeHint = el("p", { class: "note" });
  private readonly when = el("input", { id: "visit-when", type: "datetime-local", required: true });

  /** photo: of the visit that is corrected. */
  constructor(
    private readonly situation: Situation,
    private readonly subject: Subject,
    photo: Picture | null = null,
  ) {
    const { speech } = situation.office;
    this.filled = drafts.get(this.draft) ?? this.begun(photo);
    drafts.set(this.draft, this.filled);
    this.place = new PlaceField(this.filled, { outline: subject.outline, far_m: situation.week.far_m }, speech, (fix) => this.located(fix));
    this.picture = new PhotoField(this.filled, speech, (text) => this.refuse(text));
  }

  private get draft(): string {
    return `${this.situation.office.person.login} ${this.subject.refused?.key ?? this.subject.parcel_id}`;
  }

  private begun(photo: Picture | null): Filled {
    const seconds = this.colleagues().map(([login]) => login);
    const { refused } = this.subject;
    if (refused !== null) return filledOf(refused, photo, this.situation.ahead_ms, seconds);
    return emptyForm(seconds.includes(lastSecond) ? lastSecond : "");
  }

  draw(): HTMLElement {
    const { say } = this.situation.office.speech;
    const { subject } = this;
    this.place.show();
    this.picture.show();
    const form = el(
      "form",
      { class: "visit-form", novalidate: true },
      el("div", { class: "page-head" }, el("h1", { tabindex: -1 }, say(subject.refused === null ? "visits_form" : "visits_correcting", { parcel: subject.parcel_id })), el("a", { class: "onward", href: writePlace("visits") }, say("visits_back"))),
      this.situation.away && el("p", { class: "visit-away", role: "status" }, say("visits_offline")),
      subject.refused && refusal(subject.refused, this.situation),
      this.about(),
      this.officers(),
      el("fieldset", { class: "card" }, el("legend", {}, say("visits_position")), this.place.element),
      this.time(),
      this.findings(),
      el("fieldset", { class: "card" }, el("legend", {}, say("visits_photo")), this.picture.element),
      this.problem,
      el("button", { type: "submit", class: "primary visit-keep", id: "visit-keep" }, say(subject.refused === null ? "visits_keep" : "visits_sendCorrected")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.keep();
    });
    return form;
  }

  leave(): void {
    this.place.leave();
    this.picture.leave();
  }

  private about(): HTMLElement {
    const { speech } = this.situation.office;
    const { parcel_id, outline, task } = this.subject;
    const drawing = outline && sketch(outline, speech.say("visits_sketch", { parcel: parcel_id }), speech.say("visits_sheetNorth"));
    const listed = task && [el("p", {}, task.alert && levelTag(task.alert.level, speech), " ", el("strong", {}, titleOf(task, speech))), el("p", { class: "look-for" }, speech.pick(task.looks_for)), el("p", { class: "sub" }, `${speech.say("visits_code")} ${task.code}`)];
    return el("section", { class: "card visit-about" }, el("div", {}, ...(listed ?? []), this.aboutAlert()), drawing);
  }

  /** A visit that does not fit its alert may still be one to the parcel. */
  private aboutAlert(): HTMLElement | null {
    const { alert, refused } = this.subject;
    if (alert === null || refused === null) return null;
    const box = el("input", { type: "checkbox", id: "visit-about-alert" });
    box.checked = !this.filled.withoutAlert;
    box.addEventListener("change", () => {
      this.filled.withoutAlert = !box.checked;
      this.hint();
    });
    return el("label", { class: "visit-outcome" }, box, this.situation.office.speech.say("visits_aboutAlert", { n: alert.number }));
  }

  private colleagues(): [string, string][] {
    const { unit } = this.subject;
    return this.situation.week.officers.filter((each) => unit === null || each.units.includes(unit.code)).map((each) => [each.login, each.display_name]);
  }

  private officers(): HTMLElement {
    const { office } = this.situation;
    const { say } = office.speech;
    const colleagues = this.colleagues();
    const choice = el(
      "select",
      { id: "visit-second", required: true },
      el("option", { value: "" }, say("visits_choose")),
      ...colleagues.map(([login, name]) => el("option", { value: login, selected: login === this.filled.second }, name)),
    );
    choice.addEventListener("change", () => {
      this.filled.second = choice.value;
      lastSecond = choice.value;
    });
    return el(
      "fieldset",
      { class: "card" },
      el("legend", {}, say("visits_officers")),
      el("p", {}, `${say("visits_first")}: `, el("strong", {}, office.person.display_name)),
      el("label", { for: "visit-second" }, say("visits_second")),
      choice,
      colleagues.length === 0 && el("p", { class: "problem" }, say("visits_secondNone")),
    );
  }

  /** A visit that is corrected says when it was made: by its new position, or as its officer types it. */
  private time(): HTMLElement | null {
    if (this.filled.at === null) return null;
    const { say } = this.situation.office.speech;
    this.when.value = this.filled.at === "" ? "" : localOf(this.filled.at);
    this.when.addEventListener("change", () => (this.filled.at = instantOf(this.when.value) ?? ""));
    return el("fieldset", { class: "card" }, el("legend", {}, say("visits_when")), el("label", { for: "visit-when" }, say("visits_whenHint")), this.when);
  }

  private located(fix: Fix): void {
    if (this.filled.at === null) return;
    this.filled.at = new Date(fix.at - this.situation.ahead_ms).toISOString();
    this.when.value = localOf(this.filled.at);
  }

  private findings(): HTMLElement {
    const { speech } = this.situation.office;
    const { say } = speech;
    const outcomes = OUTCOMES.map((outcome) => this.outcome(outcome));
    const causes = this.situation.week.causes.map((cause): [string, string] => [cause.key, speech.pick(cause.title)]).sort(([, one], [, other]) => one.localeCompare(other, speech.language));
    const { cause: chosen } = this.filled;
    if (chosen !== "" && !causes.some(([key]) => key === chosen)) causes.push([chosen, chosen]); // of rules that no visit of the list names
    const cause = el(
      "select",
      { id: "visit-cause" },
      el("option", { value: "" }, say("visits_causeNone")),
      ...causes.map(([key, title]) => el("option", { value: key, selected: key === chosen }, title)),
    );
    cause.addEventListener("change", () => (this.filled.cause = cause.value));
    const loss = el("input", { id: "visit-loss", type: "text", inputmode: "decimal", autocomplete: "off", value: this.filled.loss });
    loss.addEventListener("input", () => (this.filled.loss = loss.value));
    const note = el("textarea", { id: "visit-note", rows: 3, maxlength: 2000 }, this.filled.note);
    note.addEventListener("input", () => (this.filled.note = note.value));
    this.hint();
    return el(
      "fieldset",
      { class: "card" },
      el("legend", {}, say("visits_outcome")),
      el("div", { class: "visit-outcomes" }, ...outcomes),
      el("label", { for: "visit-cause" }, say("visits_cause")),
      cause,
      this.causeHint,
      el("label", { for: "visit-loss" }, say("visits_loss")),
      loss,
      el("label", { for: "visit-note" }, say("visits_note")),
      note,
    );
  }

  private outcome(outcome: Outcome): HTMLElement {
    const choice = el("input", { type: "radio", name: "visit-outcome", id: `visit-outcome-${outcome}`, value: outcome });
    choice.checked = this.filled.outcome === outcome;
    choice.addEventListener("change", () => {
      this.filled.outcome = outcome;
      this.hint();
    });
    return el("label", { class: "visit-outcome" }, choice, this.situation.office.speech.say(`outcome_${outcome}`));
  }

  private hint(): void {
    const about = this.filled.withoutAlert ? { ...this.subject, alert: null } : this.subject;
    this.causeHint.textContent = causeNeeded(this.filled.outcome, about) ? this.situation.office.speech.say("visits_causeNeeded") : "";
  }

  private refuse(text: string | null): void {
    this.problem.textContent = text;
    this.problem.hidden = text === null;
    if (text !== null) this.problem.scrollIntoView({ block: "nearest" });
  }

  private async keep(): Promise<void> {
    const { office } = this.situation;
    const { say } = office.speech;
    const missing = missingOf(this.filled, this.subject);
    if (missing.length > 0) return this.refuse(say("visits_need", { what: missing.map((each) => say(MISSING[each])).join(", ") }));
    try {
      if (!(await this.kept())) return this.refuse(say("visits_correctedElsewhere"));
    } catch (error) {
      return this.refuse(say("visits_full", { why: String(error) }));
    }
    drafts.delete(this.draft);
    this.leave();
    office.go(writePlace("visits"));
    office.announce(say("visits_kept", { parcel: this.subject.parcel_id }));
  }

  /** Lay the visit down on this device; false where the refused one that it corrects is no longer there. */
  private async kept(): Promise<boolean> {
    const { office, sender, ahead_ms } = this.situation;
    const { refused, parcel_id } = this.subject;
    const now = Date.now();
    const said = saidOf(this.filled, this.subject, now, ahead_ms);
    const photo = this.filled.photo?.blob ?? null;
    const key = crypto.randomUUID();
    if (refused !== null) return sender.correct(refused, corrected(refused, said, photo !== null, now, key), photo);
    await sender.keep(newEntry(key, office.person.login, parcel_id, said, photo !== null, now), photo);
    return true;
  }
}

function refusal(entry: Entry, { office }: Situation): HTMLElement | null {
  if (entry.problem === null) return null;
  return el("p", { class: "alarm", id: "visit-refusal" }, office.speech.say("visits_refused", { why: whyRefused(entry.problem, office.speech) }));
}
