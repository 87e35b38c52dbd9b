/** Where a visit was made, in its form: found by the device, with its distance from the parcel. */
import { el } from "../../dom";
import { formatNumber } from "../../format";
import { distanceToGroundM } from "../ground/geodesy";
import { watchPosition, type NoPosition } from "../ground/locating";
import { positionOf, type Fix } from "../ground/walk";
import type { OfficeKey, OfficeSpeech } from "../words";
import type { WeekTask } from "./away";
import { clockOf } from "./list";
import type { Filled } from "./said";

/** A better fix replaces a worse one; one that is older than this is replaced by any. */
const FRESH_MS = 60_000;
const WHY: Readonly<Record<NoPosition, OfficeKey>> = {
  denied: "visits_denied",
  unavailable: "visits_unavailable",
  timeout: "visits_timeout",
  noGeolocation: "visits_noGeolocation",
};

/** The ground of a visit, and from where on a distance from it is far. */
export interface Ground {
  readonly outline: WeekTask["outline"];
  readonly far_m: number;
}

export class PlaceField {
  readonly element = el("div", { class: "visit-place", role: "status" });
  private stopWatch: (() => void) | null = null;

  constructor(
    private readonly filled: Filled,
    private readonly ground: Ground,
    private readonly speech: OfficeSpeech,
    /** Told of each fix that is taken over. */
    private readonly found: (fix: Fix) => void,
  ) {}

  show(why: NoPosition | null = null, looking = false): void {
    const { say, language } = this.speech;
    const { fix } = this.filled;
    const button = el("button", { type: "button", id: "visit-locate", onclick: () => this.locate() }, say("visits_locate"));
    if (fix === null) {
      const state = why !== null ? say("visits_noPosition", { why: say(WHY[why]) }) : say(looking ? "visits_locating" : "visits_without");
      this.element.replaceChildren(el("p", { class: why === null ? "note" : "problem" }, state), button);
      return;
    }
    const stated = say("visits_located", { accuracy: formatNumber(fix.accuracy, language), time: clockOf(fix.at, this.speech) });
    this.element.replaceChildren(el("p", {}, stated), this.distance(fix), button);
  }

  leave(): void {
    this.stopWatch?.();
    this.stopWatch = null;
  }

  private locate(): void {
    this.leave();
    this.filled.fix = null;
    this.show(null, true);
    this.stopWatch = watchPosition(
      (fix) => this.located(fix),
      (why) => this.filled.fix === null && this.show(why),
    );
  }

  private located(fix: Fix): void {
    const old = this.filled.fix;
    if (old !== null && fix.accuracy > old.accuracy && fix.at - old.at < FRESH_MS) return;
    this.filled.fix = fix;
    this.found(fix);
    this.show();
  }

  private distance(fix: Fix): HTMLElement {
    const { say, language } = this.speech;
    const { outline, far_m } = this.ground;
    if (outline === null || outline.length === 0) return el("p", { class: "note" }, say("visits_noOutline"));
    const distance = distanceToGroundM(positionOf(fix), outline);
    const far = distance - fix.accuracy > far_m;
    const said = { distance: formatNumber(distance, language) };
    if (distance === 0) return el("p", { class: "visit-inside" }, say("visits_inside"));
    return el("p", { class: far ? "alarm" : "visit" }, say(far ? "visits_far" : "visits_near", said));
  }
}
