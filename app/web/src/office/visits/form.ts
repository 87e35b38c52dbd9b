/** The form of one visit, for a phone in the field: two officers, where, when, what they found, a photo. */
import { el } from "../../dom";
import { formatNumber } from "../../format";
import { levelTag } from "../alerts/parts";
import { distanceToGroundM } from "../ground/geodesy";
import { watchPosition, type NoPosition } from "../ground/locating";
import { sketch } from "../ground/sketch";
import { positionOf, type Fix } from "../ground/walk";
import { writePlace } from "../place";
import type { OfficeKey } from "../words";
import type { WeekTask } from "./away";
import { clockOf, titleOf } from "./list";
import { pictureOf } from "./photo";
import { newEntry } from "./queue";
import { causeNeeded, emptyForm, missingOf, OUTCOMES, saidOf, type Filled, type Missing, type Outcome } from "./said";
import type { Situation } from "./situation";

/** A better fix replaces a worse one; one that is older than this is replaced by any. */
const FRESH_MS = 60_000;
const WHY: Readonly<Record<NoPosition, OfficeKey>> = {
  denied: "visits_denied",
  unavailable: "visits_unavailable",
  timeout: "visits_timeout",
  noGeolocation: "visits_noGeolocation",
};
const MISSING: Readonly<Record<Missing, OfficeKey>> = {
  Second: "visits_needSecond",
  Outcome: "visits_needOutcome",
  Cause: "visits_needCause",
  Loss: "visits_needLoss",
};

/** What stands in forms that are not kept yet: it outlasts another language, another page and signing in again. */
const drafts = new Map<string, Filled>();
let lastSecond = "";

export class VisitForm {
  private readonly filled: Filled;
  private stopWatch: (() => void) | null = null;
  private shownPhoto: string | null = null;
  private readonly problem = el("p", { class: "problem", role: "alert", hidden: true });
  private readonly place = el("div", { class: "visit-place", role: "status" });
  private readonly picture = el("div", { class: "visit-photo" });
  private readonly causeHint = el("p", { class: "note" });

  constructor(
    private readonly situation: Situation,
    private readonly task: WeekTask,
  ) {
    const name = `${situation.office.person.login} ${task.parcel_id}`;
    this.filled = drafts.get(name) ?? emptyForm(this.colleagues().some(([login]) => login === lastSecond) ? lastSecond : "");
    drafts.set(name, this.filled);
  }

  draw(): HTMLElement {
    const { say } = this.situation.office.speech;
    const { task } = this;
    this.showPlace(null);
    this.showPhoto();
    const form = el(
      "form",
      { class: "visit-form", novalidate: true },
      el("div", { class: "page-head" }, el("h1", { tabindex: -1 }, say("visits_form", { parcel: task.parcel_id })), el("a", { class: "onward", href: writePlace("visits") }, say("visits_back"))),
      this.situation.away && el("p", { class: "visit-away", role: "status" }, say("visits_offline")),
      this.about(),
      this.officers(),
      el("fieldset", { class: "card" }, el("legend", {}, say("visits_position")), this.place),
      this.findings(),
      this.photo(),
      this.problem,
      el("button", { type: "submit", class: "primary visit-keep", id: "visit-keep" }, say("visits_keep")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.keep();
    });
    return form;
  }

  leave(): void {
    this.stopWatch?.();
    this.stopWatch = null;
    if (this.shownPhoto) URL.revokeObjectURL(this.shownPhoto);
    this.shownPhoto = null;
  }

  private about(): HTMLElement {
    const { speech } = this.situation.office;
    const { task } = this;
    const drawing = task.outline && sketch(task.outline, speech.say("visits_sketch", { parcel: task.parcel_id }), speech.say("visits_sheetNorth"));
    return el(
      "section",
      { class: "card visit-about" },
      el("div", {}, el("p", {}, task.alert && levelTag(task.alert.level, speech), " ", el("strong", {}, titleOf(task, speech))), el("p", { class: "look-for" }, speech.pick(task.looks_for)), el("p", { class: "sub" }, `${speech.say("visits_code")} ${task.code}`)),
      drawing,
    );
  }

  private colleagues(): [string, string][] {
    const { unit } = this.task;
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

  private locate(): void {
    this.stopWatch?.();
    this.filled.fix = null;
    this.showPlace(null, true);
    this.stopWatch = watchPosition(
      (fix) => this.located(fix),
      (why) => this.filled.fix === null && this.showPlace(why),
    );
  }

  private located(fix: Fix): void {
    const old = this.filled.fix;
    if (old !== null && fix.accuracy > old.accuracy && fix.at - old.at < FRESH_MS) return;
    this.filled.fix = fix;
    this.showPlace(null);
  }

  private showPlace(why: NoPosition | null, looking = false): void {
    const { speech } = this.situation.office;
    const { say } = speech;
    const { fix } = this.filled;
    const button = el("button", { type: "button", id: "visit-locate", onclick: () => this.locate() }, say("visits_locate"));
    if (fix === null) {
      const state = why !== null ? say("visits_noPosition", { why: say(WHY[why]) }) : say(looking ? "visits_locating" : "visits_without");
      this.place.replaceChildren(el("p", { class: why === null ? "note" : "problem" }, state), button);
      return;
    }
    const stated = say("visits_located", { accuracy: formatNumber(fix.accuracy, speech.language), time: clockOf(fix.at, speech) });
    this.place.replaceChildren(el("p", {}, stated), this.distance(fix), button);
  }

  private distance(fix: Fix): HTMLElement {
    const { speech } = this.situation.office;
    const { outline } = this.task;
    if (outline === null || outline.length === 0) return el("p", { class: "note" }, speech.say("visits_noOutline"));
    const distance = distanceToGroundM(positionOf(fix), outline);
    const far = distance - fix.accuracy > this.situation.week.far_m;
    const said = { distance: formatNumber(distance, speech.language) };
    if (distance === 0) return el("p", { class: "visit-inside" }, speech.say("visits_inside"));
    return el("p", { class: far ? "alarm" : "visit" }, speech.say(far ? "visits_far" : "visits_near", said));
  }

  private findings(): HTMLElement {
    const { speech } = this.situation.office;
    const { say } = speech;
    const outcomes = OUTCOMES.map((outcome) => this.outcome(outcome));
    const causes = this.situation.week.causes.map((cause): [string, string] => [cause.key, speech.pick(cause.title)]).sort(([, one], [, other]) => one.localeCompare(other, speech.language));
    const cause = el(
      "select",
      { id: "visit-cause" },
      el("option", { value: "" }, say("visits_causeNone")),
      ...causes.map(([key, title]) => el("option", { value: key, selected: key === this.filled.cause }, title)),
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
    this.causeHint.textContent = causeNeeded(this.filled.outcome, this.task) ? this.situation.office.speech.say("visits_causeNeeded") : "";
  }

  private photo(): HTMLElement {
    const { say } = this.situation.office.speech;
    return el("fieldset", { class: "card" }, el("legend", {}, say("visits_photo")), this.picture);
  }

  private showPhoto(): void {
    const { speech } = this.situation.office;
    const { say } = speech;
    if (this.shownPhoto) URL.revokeObjectURL(this.shownPhoto);
    this.shownPhoto = null;
    const { photo } = this.filled;
    const file = el("input", { id: "visit-photo", type: "file", accept: "image/*", capture: "environment", class: "unseen" });
    file.addEventListener("change", () => void this.taken(file.files?.[0]));
    const label = el("label", { for: "visit-photo", class: "visit-button" }, say(photo ? "visits_photoOther" : "visits_photoTake"));
    if (photo === null) {
      this.picture.replaceChildren(file, label);
      return;
    }
    this.shownPhoto = URL.createObjectURL(photo.blob);
    const size = { w: String(photo.width), h: String(photo.height), size: formatNumber(photo.blob.size / 1024, speech.language) };
    const remove = (): void => {
      this.filled.photo = null;
      this.showPhoto();
    };
    this.picture.replaceChildren(
      el("figure", {}, el("img", { src: this.shownPhoto, alt: say("visits_photo"), class: "visit-picture" }), el("figcaption", {}, say("visits_photoKept", size))),
      file,
      label,
      el("button", { type: "button", class: "link", onclick: remove }, say("visits_photoRemove")),
    );
  }

  private async taken(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    try {
      this.filled.photo = await pictureOf(file);
      this.problem.hidden = true;
    } catch {
      this.refuse(this.situation.office.speech.say("visits_photoWrong")); // whatever it was, it is no picture
    }
    this.showPhoto();
  }

  private refuse(text: string): void {
    this.problem.textContent = text;
    this.problem.hidden = false;
    this.problem.scrollIntoView({ block: "nearest" });
  }

  private async keep(): Promise<void> {
    const { office, sender } = this.situation;
    const { say } = office.speech;
    const missing = missingOf(this.filled, this.task);
    if (missing.length > 0) return this.refuse(say("visits_need", { what: missing.map((each) => say(MISSING[each])).join(", ") }));
    const { person } = office;
    const now = Date.now();
    const said = saidOf(this.filled, this.task, now, this.situation.ahead_ms);
    const entry = newEntry(crypto.randomUUID(), person.login, this.task.parcel_id, said, this.filled.photo !== null, now);
    try {
      await sender.keep(entry, this.filled.photo?.blob ?? null);
    } catch (error) {
      return this.refuse(say("visits_full", { why: String(error) }));
    }
    drafts.delete(`${person.login} ${this.task.parcel_id}`);
    this.leave();
    office.go(writePlace("visits"));
    office.announce(say("visits_kept", { parcel: this.task.parcel_id }));
  }
}
