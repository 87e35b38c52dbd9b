/** Parcels in view as a list: the way to them without a pointer. */
import { el } from "../../dom";
import { formatNumber } from "../../format";
import { levelTag } from "../alerts/parts";
import type { OfficeSpeech } from "../words";
import type { Inside, ListedParcel } from "./asking";
import type { Labels } from "./labels";
import { levelOf } from "./marks";

export class ParcelList {
  readonly element = el("section", { class: "map-list" });
  private readonly count = el("p", { class: "sub", role: "status", id: "map-count" });
  private readonly lines = el("ol", { class: "map-lines" });

  constructor(
    private readonly speech: OfficeSpeech,
    private readonly labels: Labels,
    private readonly pick: (parcel: ListedParcel) => void,
  ) {
    this.element.setAttribute("aria-label", speech.say("map_inView"));
    this.element.append(el("h2", {}, speech.say("map_inView")), this.count, this.lines);
  }

  draw({ found, parcels }: Pick<Inside, "found" | "parcels">, filtered: boolean, open: string | null): void {
    const { say, language } = this.speech;
    const n = formatNumber(found, language);
    const shown = formatNumber(parcels.length, language);
    if (found === 0) this.count.replaceChildren(say(filtered ? "map_inViewNoneLeft" : "map_inViewNone"));
    else this.count.replaceChildren(parcels.length === found ? say("map_inViewCount", { n }) : say("map_inViewFirst", { n, shown }));
    const focused = document.activeElement?.id;
    this.lines.replaceChildren(...parcels.map((parcel) => this.line(parcel, parcel.parcel_id === open)));
    if (focused?.startsWith("map-parcel-")) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  /** Mark the parcel whose card is open. */
  mark(open: string | null): void {
    for (const button of this.lines.querySelectorAll("button")) {
      if (button.dataset["parcel"] === open) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  private line(parcel: ListedParcel, open: boolean): HTMLElement {
    const level = levelOf(parcel.alert);
    const change = this.labels.changeOf(parcel.limit);
    const facts = [this.labels.cropOf(parcel.crop), this.labels.undecided(parcel.status), change];
    const button = el(
      "button",
      { type: "button", id: `map-parcel-${parcel.number}`, class: "map-line", onclick: () => this.pick(parcel), ...(open && { "aria-current": "true" }) },
      el("span", { class: "map-line-name" }, parcel.parcel_id),
      level && levelTag(level, this.speech),
      el("span", { class: "sub" }, facts.filter(Boolean).join(" · ")),
    );
    button.dataset["parcel"] = parcel.parcel_id;
    return el("li", {}, button);
  }
}
