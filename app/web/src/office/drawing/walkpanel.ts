/** Walking a border: start, pause, go on, close. Every position lies on the device before the next one comes. */
import { el } from "../../dom";
import { formatNumber, formatShare } from "../../format";
import { M2_PER_HA, type Position } from "../ground/geodesy";
import { watchPosition, type NoPosition } from "../ground/locating";
import { NO_WALK, outlineOf, positionOf, walked, WALK_RULES, type Fix, type Walk } from "../ground/walk";
import { Kept } from "../kept/database";
import type { Office } from "../office";
import type { OfficeKey } from "../words";
import { areaLine } from "./areas";

const WHY: Readonly<Record<NoPosition, OfficeKey>> = {
  denied: "visits_denied",
  unavailable: "visits_unavailable",
  timeout: "visits_timeout",
  noGeolocation: "visits_noGeolocation",
};

export interface WalkEvents {
  tracked(track: readonly Position[], latest: Fix | null): void;
  finished(ring: readonly Position[], accuracyM: number, fixes: number): void;
}

export class WalkPanel {
  readonly element = el("div", { class: "drawing-panel" });
  private walk: Walk = NO_WALK;
  private latest: Fix | null = null;
  private why: NoPosition | null = null;
  private stop: (() => void) | null = null;
  private awake: WakeLockSentinel | null = null;
  /** What is still to be written; null: the walk goes; undefined: nothing. */
  private unwritten: Walk | null | undefined = undefined;
  private writing = false;

  constructor(
    private readonly office: Office,
    private readonly events: WalkEvents,
  ) {
    this.draw();
    void this.read();
  }

  leave(): void {
    this.pause();
  }

  private async read(): Promise<void> {
    const kept = await Kept.open();
    const found = await kept.get<Walk>("walks", this.office.person.login);
    kept.close();
    if (found === null || this.walk !== NO_WALK) return;
    this.walk = found;
    this.tell();
  }

  private start(): void {
    this.why = null;
    this.stop = watchPosition(
      (fix) => this.take(fix),
      (why) => {
        this.why = why;
        this.draw();
      },
    );
    void this.stayAwake();
    this.draw();
  }

  /** A phone that goes to sleep gives no positions. */
  private async stayAwake(): Promise<void> {
    if (!("wakeLock" in navigator)) return;
    this.awake = await navigator.wakeLock.request("screen").catch(() => null); // a low battery refuses
  }

  private pause(): void {
    this.stop?.();
    this.stop = null;
    void this.awake?.release();
    this.awake = null;
    this.draw();
  }

  private take(fix: Fix): void {
    this.latest = fix;
    this.why = null;
    this.walk = walked(this.walk, fix);
    this.keep(this.walk);
    this.tell();
  }

  private keep(walk: Walk | null): void {
    this.unwritten = walk;
    if (!this.writing) void this.write();
  }

  /** One write after the other; what was overtaken meanwhile is not written. */
  private async write(): Promise<void> {
    const { login } = this.office.person;
    this.writing = true;
    try {
      const kept = await Kept.open();
      for (let walk = this.unwritten; walk !== undefined; walk = this.unwritten) {
        this.unwritten = undefined;
        if (walk === null) await kept.remove("walks", login);
        else await kept.put("walks", login, walk);
        this.element.dataset["kept"] = String(walk?.fixes.length ?? 0);
      }
      kept.close();
    } catch (error) {
      this.office.fail(error);
    }
    this.writing = false;
  }

  private tell(): void {
    this.events.tracked(this.walk.fixes.map(positionOf), this.latest);
    this.draw();
  }

  private discard(): void {
    const { say, language } = this.office.speech;
    const { length } = this.walk.fixes;
    if (length > 0 && !window.confirm(say("drawing_discardSure", { n: formatNumber(length, language) }))) return;
    this.forget();
  }

  private forget(): void {
    this.pause();
    this.walk = NO_WALK;
    this.keep(null);
    this.tell();
  }

  private finish(): void {
    const outline = outlineOf(this.walk);
    if (outline === null) return;
    const { length } = this.walk.fixes;
    this.forget();
    this.events.finished(outline.ring, outline.accuracyM, length);
  }

  private draw(): void {
    const { say, language } = this.office.speech;
    const { length } = this.walk.fixes;
    const walking = this.stop !== null;
    const outline = outlineOf(this.walk);
    const main = walking
      ? el("button", { type: "button", id: "walk-pause", onclick: () => this.pause() }, say("drawing_pause"))
      : el("button", { type: "button", class: "primary", id: "walk-start", onclick: () => this.start() }, say(length > 0 ? "drawing_resume" : "drawing_start"));
    const finish = el("button", { type: "button", id: "walk-finish", onclick: () => this.finish() }, say("drawing_finish"));
    finish.disabled = outline === null;
    this.element.replaceChildren(
      el("p", { class: "note" }, say("drawing_walkHint")),
      ...(length > 0 && !walking ? [el("p", { class: "visit" }, say("drawing_walkFound", { n: formatNumber(length, language) }))] : []),
      el("div", { class: "buttons" }, main, finish, length > 0 && el("button", { type: "button", class: "link", onclick: () => this.discard() }, say("drawing_discard"))),
      ...(this.why ? [el("p", { class: "problem", role: "alert" }, say("visits_noPosition", { why: say(WHY[this.why]) }))] : []),
      this.figures(),
    );
  }

  private figures(): HTMLElement {
    const { speech } = this.office;
    const { say, language } = speech;
    const n = (value: number, decimals = 0): string => formatNumber(value, language, decimals);
    const { counts, fixes } = this.walk;
    const outline = outlineOf(this.walk);
    const left = { vague: n(counts.inaccurate), most: n(WALK_RULES.mostAccuracyM), jumps: n(counts.jump), same: n(counts.same) };
    const vague = this.latest !== null && !(this.latest.accuracy <= WALK_RULES.mostAccuracyM);
    const now = this.latest && el("span", { class: vague ? "problem" : "" }, say(vague ? "drawing_walkTooVague" : "drawing_walkAccuracy", { m: n(this.latest.accuracy, 1) }));
    const error = outline && { m2: n(outline.errorM2), share: formatShare(outline.errorM2 / outline.areaM2, language) };
    const rows: [string, Node | string][] = [
      [say("drawing_walkFixes"), n(fixes.length)],
      [say("drawing_walkOut"), say("drawing_walkOutWhy", left)],
      ...(now ? [[say("drawing_walkNow"), now] as [string, Node]] : []),
      ...(outline ? [[say("drawing_walkGap"), `${n(outline.gapM)} m`] as [string, string]] : []),
    ];
    return el(
      "section",
      { class: "card", "aria-live": "polite" },
      el("h2", {}, say("drawing_area")),
      outline && error
        ? el("div", {}, areaLine(outline.areaM2 / M2_PER_HA, say("drawing_areaLive"), speech), el("p", { id: "walk-error" }, say("drawing_walkError", error)), el("p", { class: "sub" }, say("drawing_walkTolerance", { m: n(WALK_RULES.toleranceM) })))
        : el("p", { class: "note" }, say("drawing_walkFew")),
      el("dl", { class: "facts" }, ...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
    );
  }
}
