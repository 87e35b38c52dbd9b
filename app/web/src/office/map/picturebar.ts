/** Imagery beneath the parcels: which picture, of which day, beside which other day. */
import { el, styled } from "../../dom";
import { formatDay, formatShare } from "../../format";
import type { OfficeSpeech } from "../words";
import type { Imagery, Raster } from "./asking";
import { dayBefore, dayNamed, daysOf, rastersOf, type PictureDay } from "./pictures";
import { PICTURES, type Picture, type View } from "./view";

/** What of a view the bar is about. */
export type Pictured = Pick<View, "picture" | "date" | "beside">;

export class PictureBar {
  readonly element = el("section", { class: "map-pictures card" });
  private readonly days: PictureDay[];

  constructor(
    private readonly speech: OfficeSpeech,
    private readonly imagery: Imagery,
    private shown: Pictured,
    private readonly changed: (shown: Pictured) => void,
  ) {
    this.days = daysOf(imagery);
    this.element.setAttribute("aria-label", speech.say("map_imagery"));
    this.draw();
  }

  /** Rasters to draw, from the lowest up; empty: none. */
  get rasters(): Raster[] {
    return this.shown.date === "none" ? [] : rastersOf(this.imagery, this.day, this.shown.picture);
  }

  /** Rasters of the second day; null where nothing is compared. */
  get besides(): Raster[] | null {
    const day = this.second;
    return day === null ? null : rastersOf(this.imagery, day, this.shown.picture);
  }

  private get day(): PictureDay | null {
    return dayNamed(this.days, this.shown.date);
  }

  private get second(): PictureDay | null {
    if (this.shown.beside === null || this.shown.date === "none") return null;
    return this.days.find(({ date }) => date === this.shown.beside) ?? null;
  }

  private apply(shown: Partial<Pictured>): void {
    this.shown = { ...this.shown, ...shown };
    const focused = document.activeElement?.id ?? "";
    this.draw();
    document.getElementById(focused)?.focus({ preventScroll: true });
    this.changed(this.shown);
  }

  private draw(): void {
    const { say } = this.speech;
    const anything = this.imagery.runs.length > 0;
    const body = anything ? [this.pictures(), ...this.dates()] : [el("p", { class: "sub" }, say("map_noPictures"))];
    this.element.replaceChildren(...body.filter((each) => each !== null));
  }

  private pictures(): HTMLElement {
    const { say } = this.speech;
    const none = this.shown.date === "none";
    const list = el("select", { id: "map-picture" }, el("option", { value: "", selected: none }, say("map_pictureNone")));
    for (const picture of this.offered()) {
      const name = say(picture === "ndvi" ? "map_picture_ndvi" : "map_picture_true_colour");
      list.append(el("option", { value: picture, selected: !none && picture === this.shown.picture }, name));
    }
    list.addEventListener("change", () => this.pick(list.value));
    return el("label", { class: "choice" }, say("map_imagery"), list);
  }

  private offered(): Picture[] {
    return PICTURES.filter((picture) => picture === "true-colour" || this.days.some(({ rasters }) => rasters.some(({ layer }) => layer === picture)));
  }

  private pick(value: string): void {
    const picture = PICTURES.find((each) => each === value);
    if (picture === undefined) this.apply({ date: "none", beside: null });
    else this.apply({ picture, date: this.shown.date === "none" ? null : this.shown.date });
  }

  private dates(): (HTMLElement | null)[] {
    const { day } = this;
    if (this.shown.date === "none" || day === null) return [];
    return [this.slider("map-date", "map_date", day, (date) => this.apply({ date })), ...this.comparison(day)];
  }

  private comparison(day: PictureDay): (HTMLElement | null)[] {
    const other = dayBefore(this.days, day.date);
    if (other === null) return [];
    const tick = el("input", { type: "checkbox", id: "map-compare", checked: this.second !== null });
    tick.addEventListener("change", () => this.apply({ beside: tick.checked ? other.date : null }));
    const { second } = this;
    return [
      el("label", { class: "tick" }, tick, this.speech.say("map_compare")),
      second && this.slider("map-beside", "map_beside", second, (date) => this.apply({ beside: date })),
    ];
  }

  /** One notch for each day; what is pointed at is said while it moves and shown when it rests. */
  private slider(id: string, title: "map_date" | "map_beside", day: PictureDay, pick: (date: string) => void): HTMLElement {
    const said = el("output", { for: id }, this.sayDay(day));
    const range = el("input", { type: "range", id, min: 0, max: Math.max(this.days.length - 1, 0), step: 1, value: this.days.indexOf(day), "aria-valuetext": this.sayDay(day) });
    const at = (): PictureDay => this.days[Number(range.value)] ?? day;
    range.addEventListener("input", () => {
      said.replaceChildren(this.sayDay(at()));
      range.setAttribute("aria-valuetext", this.sayDay(at()));
    });
    range.addEventListener("change", () => pick(at().date));
    return el("div", { class: "map-slider" }, el("label", { for: id }, this.speech.say(title)), range, said);
  }

  private sayDay({ date, clear }: PictureDay): string {
    const { say, language } = this.speech;
    return say("map_dateOf", { day: formatDay(date, language), clear: formatShare(clear, language) });
  }
}

/** A slider from nothing to all. */
export function strength(id: string, title: string, value: number, set: (share: number) => void): HTMLElement {
  const range = el("input", { type: "range", id, min: 0, max: 1, step: 0.05, value });
  range.addEventListener("input", () => set(Number(range.value)));
  return el("div", { class: "map-slider" }, el("label", { for: id }, title), range);
}

/** The border between two days, which is moved with the pointer or the arrow keys. */
export function swipe(title: string, set: (share: number) => void): HTMLElement {
  const line = styled(el("div", { class: "map-swipe-line", "aria-hidden": "true" }), { left: "50%" });
  const range = el("input", { type: "range", id: "map-swipe", class: "map-swipe", min: 0, max: 100, step: 1, value: 50, "aria-label": title });
  range.addEventListener("input", () => {
    line.style.setProperty("left", `${range.value}%`);
    set(Number(range.value) / 100);
  });
  return el("div", { class: "map-swipe-box" }, line, range);
}
