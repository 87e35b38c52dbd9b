/** Two days of a site over each other, with a border that is drawn by hand or by keys, and outlines over both. */
import { ApiError } from "../../api";
import { el, styled } from "../../dom";
import { formatDay, formatShare } from "../../format";
import { CLEAR_FROM } from "../../curve";
import { problemText } from "../problems";
import type { OfficeKey, OfficeSpeech } from "../words";
import type { Corners, SitePage, SitePictures } from "./answers";
import { pictureUrl } from "./asking";
import { firstAndLast, pathOf, placeOn } from "./placing";
import { drawn } from "./progressbar";

type Pictured = SitePictures["pictures"][number];
type Which = "before" | "after";

/** Pictures with all that laying outlines over them takes. */
interface Album {
  run: string;
  corners: Corners;
  width: number;
  height: number;
  pictures: readonly Pictured[];
}

const START = 50;
/** Radius of the sign of a turbine or a dam, in pixels of the picture. */
const POINT = 2.2;

/** Two days of imagery over each other, and what is not here of it; a list that cannot be read is said in one line. */
export function picturesSection(site: SitePage, pictures: SitePictures | ApiError, speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const section = el("section", { class: "card", id: "site-pictures", "aria-labelledby": "site-pictures-title" }, el("h2", { id: "site-pictures-title" }, say("sitesPictures")));
  if (pictures instanceof ApiError) {
    section.append(el("p", { class: "site-note" }, problemText(pictures, speech)));
    return section;
  }
  const album = albumOf(pictures);
  const days = firstAndLast(pictures.pictures, CLEAR_FROM);
  const gone = runsGone(pictures, speech);
  if (gone !== null) section.append(el("p", { class: "site-note" }, gone));
  if (album === null || days === null) section.append(el("p", { class: "empty" }, say(gone === null ? "sitesNoPictures" : "sitesPicturesGone")));
  else section.append(...new Slider(site, album, days, speech).elements);
  return section;
}

/** That the newest runs of a site were deleted or moved; null where all are here. */
export function runsGone({ missing }: Pick<SitePictures, "missing">, { say }: OfficeSpeech): string | null {
  const newest = missing[0];
  return newest === undefined ? null : say("sitesRunGone", { run: newest, n: missing.length });
}

function albumOf({ run_id, corners, width, height, pictures }: SitePictures): Album | null {
  return run_id === null || corners === null || width === null || height === null ? null : { run: run_id, corners, width, height, pictures };
}

class Slider {
  readonly elements: HTMLElement[];
  private readonly shown: Record<Which, string>;
  private readonly images: Record<Which, HTMLImageElement>;
  private readonly line = el("div", { class: "site-line" });
  private readonly border = el("input", { type: "range", id: "site-divider", class: "site-divider", min: 0, max: 100, step: 1, value: START });
  private readonly said = el("p", { class: "sub site-scenes" });
  private readonly outlines: SVGSVGElement;

  constructor(
    private readonly site: SitePage,
    private readonly album: Album,
    [before, after]: [string, string],
    private readonly speech: OfficeSpeech,
  ) {
    this.shown = { before, after };
    this.images = { before: this.image("before"), after: this.image("after") };
    this.outlines = outlinesOver(site, album);
    this.border.setAttribute("aria-label", speech.say("sitesDivider"));
    this.border.addEventListener("input", () => this.divide());
    const frame = styled(el("div", { class: "site-frame" }, this.images.after, this.images.before, this.line, this.border), { "aspect-ratio": `${album.width} / ${album.height}` });
    this.border.before(this.outlines);
    this.elements = [this.choices(), frame, this.key(), this.said];
    this.divide();
    this.tell();
  }

  private image(which: Which): HTMLImageElement {
    const { width, height } = this.album;
    return el("img", { class: `site-${which}`, src: this.urlOf(which), alt: this.altOf(which), width, height });
  }

  private urlOf(which: Which): string {
    return pictureUrl(this.site.site_id, this.album.run, this.shown[which]);
  }

  private altOf(which: Which): string {
    return this.speech.say("sitesPictureOf", { day: formatDay(this.shown[which], this.speech.language) });
  }

  private choices(): HTMLElement {
    const { say } = this.speech;
    return el("div", { class: "site-choices" }, this.choice("before", say("sitesBefore")), this.choice("after", say("sitesAfter")));
  }

  private choice(which: Which, label: string): HTMLElement {
    const { language } = this.speech;
    const options = this.album.pictures.map(({ day, clear_share }) => el("option", { value: day, selected: day === this.shown[which] }, this.speech.say("sitesPictureSaid", { day: formatDay(day, language), clear: formatShare(clear_share, language) })));
    const list = el("select", { id: `site-${which}-day` }, ...options);
    list.addEventListener("change", () => this.show(which, list.value));
    return el("label", { class: "choice" }, label, list);
  }

  private show(which: Which, day: string): void {
    this.shown[which] = day;
    this.images[which].src = this.urlOf(which);
    this.images[which].alt = this.altOf(which);
    this.divide();
    this.tell();
  }

  /** Left of the border the earlier day shows, right of it the other. */
  private divide(): void {
    const { say, language } = this.speech;
    const share = Number(this.border.value);
    styled(this.images.before, { "clip-path": `inset(0 ${100 - share}% 0 0)` });
    styled(this.line, { left: `${share}%` });
    const [before, after] = [formatDay(this.shown.before, language), formatDay(this.shown.after, language)];
    this.border.setAttribute("aria-valuetext", say("sitesDividerAt", { share: formatShare(share / 100, language), before, after }));
  }

  private tell(): void {
    const days = [...new Set([this.shown.before, this.shown.after])];
    const lines = days.map((day) => {
      const items = this.album.pictures.find((picture) => picture.day === day)?.items.join(", ") ?? "";
      return el("span", {}, this.speech.say("sitesPixels", { day: formatDay(day, this.speech.language), items }));
    });
    this.said.replaceChildren(...lines);
  }

  private key(): HTMLElement {
    const { say } = this.speech;
    const tick = el("input", { type: "checkbox", id: "site-outlines", checked: true });
    tick.addEventListener("change", () => this.outlines.classList.toggle("off", !tick.checked));
    const pointKey: OfficeKey = this.site.kind === "wind" ? "sitesOverlayPoint_wind" : "sitesOverlayPoint_dam";
    return el(
      "div",
      { class: "site-overlay-key" },
      el("label", { class: "tick" }, tick, say("sitesShowBorder")),
      el("span", { class: "k-border" }, say("sitesOverlayBorder")),
      this.site.red_lines.length > 0 && el("span", { class: "k-red" }, say("sitesOverlayRed")),
      this.site.points.length > 0 && el("span", { class: "k-point" }, say(pointKey)),
    );
  }
}

/** Border, red lines and planned points at their places on the picture. */
function outlinesOver(site: SitePage, { corners, width, height }: Album): SVGSVGElement {
  const drawing = drawn("svg", { viewBox: `0 0 ${width} ${height}`, class: "site-outlines", "aria-hidden": "true" }) as SVGSVGElement;
  const path = (name: string, d: string): void => {
    if (d !== "") drawing.append(drawn("path", { class: `halo ${name}`, d }), drawn("path", { class: name, d }));
  };
  path("border", pathOf(site.border, corners, width, height));
  for (const { geometry } of site.red_lines) path("red", pathOf(geometry, corners, width, height));
  for (const point of site.points) {
    const [u, v] = placeOn(corners, point);
    drawing.append(drawn("circle", { class: "point", cx: (u * width).toFixed(2), cy: (v * height).toFixed(2), r: POINT }));
  }
  return drawing;
}
