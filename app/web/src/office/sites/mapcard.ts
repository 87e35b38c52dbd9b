/** The map beside the list, with what its signs mean. What draws it is large, and comes after the page stands. */
import { ApiError } from "../../api";
import { el, styled } from "../../dom";
import { formatDay, formatNumber, formatSpan, localeOf } from "../../format";
import { Asking, type Imagery } from "../map/asking";
import { dayNamed, daysOf, rastersOf } from "../map/pictures";
import { EVERYTHING } from "../map/view";
import { refusedSet } from "../map/refused";
import type { Office } from "../office";
import type { OfficeSpeech } from "../words";
import type { ListedSite, SitePictures } from "./answers";
import { pictures, pictureUrl } from "./asking";
import type { Meridian } from "./graticule";
import { newestClear } from "./placing";
import { barText } from "./progressbar";
import { KINDS, siteAddress, STANDINGS } from "./sieve";
import { kindTag, standingTag } from "./standing";
import type { SitesMap } from "./map";

/** Greatest width of what is said of a site that somebody points at. */
const TIP_PX = 240;

export interface MapCard {
  element: HTMLElement;
  leave: () => void;
}

export function mapCard(office: Office, sites: readonly ListedSite[], signal: AbortSignal): MapCard {
  const card = new Card(office, sites, signal);
  return { element: card.element, leave: () => card.leave() };
}

class Card {
  readonly element: HTMLElement;
  private readonly stage = el("div", { class: "sites-map" });
  private readonly tip = el("div", { class: "sites-tip", hidden: true });
  private readonly degrees = el("div", { class: "sites-degrees", "aria-hidden": "true" });
  private readonly note = el("p", { class: "sub", role: "status" });
  private readonly whole: HTMLElement;
  private readonly gone = new AbortController();
  private readonly byId: ReadonlyMap<string, ListedSite>;
  /** Days of the pictures that are drawn, by site; those asked for and not there have none. */
  private readonly drawn = new Map<string, string | null>();
  private ground: string | null = null;
  private lost = false;
  private unread = 0;
  private map: SitesMap | null = null;

  constructor(
    private readonly office: Office,
    private readonly sites: readonly ListedSite[],
    private readonly signal: AbortSignal,
  ) {
    const { say } = office.speech;
    this.byId = new Map(sites.map((site) => [site.site_id, site]));
    this.whole = el("button", { type: "button", id: "sites-whole", class: "sites-whole", onclick: () => this.map?.whole() }, say("sitesMapWhole"));
    this.element = el("section", { class: "card sites-map-card", "aria-label": say("sitesMap") }, el("div", { class: "sites-stage" }, this.stage, this.degrees, this.whole, this.tip), this.note, key(office));
    this.draw().catch((error: unknown) => this.fail(error));
  }

  leave(): void {
    this.gone.abort();
    this.map?.remove();
  }

  private fail(error: unknown): void {
    if (!this.gone.signal.aborted && !this.signal.aborted) this.office.fail(error);
  }

  private async draw(): Promise<void> {
    const { say } = this.office.speech;
    const [{ canDraw, SitesMap: Drawn }] = await Promise.all([import("./map"), new Promise(requestAnimationFrame)]);
    if (this.gone.signal.aborted) return;
    if (!canDraw()) return this.withoutMap();
    this.map = new Drawn(this.stage, this.sites, { "Map.Title": say("sitesMapLabel"), "NavigationControl.ZoomIn": say("sitesMapIn"), "NavigationControl.ZoomOut": say("sitesMapOut") }, {
      open: (site) => this.office.go(siteAddress(site)),
      point: (site) => this.showTip(site === null ? null : (this.byId.get(site) ?? null)),
      near: (ids) => void this.drawPictures(ids).catch((error: unknown) => this.fail(error)),
      lines: (lines) => this.showDegrees(lines),
      changed: () => ((this.lost = true), this.sayGround()),
      fail: (error) => this.fail(error),
    });
    await this.map.ready();
    this.element.dataset["ready"] = "true";
    await this.drawGround();
    this.element.dataset["ground"] = "true";
  }

  private withoutMap(): void {
    this.stage.parentElement?.remove();
    this.note.replaceChildren(this.office.speech.say("sitesMapNone"));
    this.element.dataset["ready"] = "true";
  }

  /** What the office's map has beneath: parcels of the book, and the newest clear day of its imagery. */
  private async drawGround(): Promise<void> {
    const asking = new Asking(this.office, this.signal);
    const [layer, imagery] = await Promise.all([asking.layer(refusedSet()), asking.imagery()]);
    const cells = layer.cells === null ? new Uint8Array() : await asking.cells(layer, "status", EVERYTHING);
    if (this.gone.signal.aborted) return;
    this.map?.drawParcels(layer, cells);
    this.drawImagery(imagery);
  }

  private drawImagery(imagery: Imagery): void {
    const day = dayNamed(daysOf(imagery), null);
    this.map?.drawImagery(rastersOf(imagery, day, "true-colour"));
    this.ground = day?.date ?? null;
    this.sayGround();
  }

  /** The newest clear picture of sites that are large enough to be looked at; each is asked for once. */
  private async drawPictures(ids: readonly string[]): Promise<void> {
    const wanted = ids.filter((id) => !this.drawn.has(id) && this.byId.get(id)?.seen_on !== null);
    for (const id of wanted) this.drawn.set(id, null);
    await Promise.all(wanted.map(async (id) => this.drawPicture(id)));
    if (!this.gone.signal.aborted) this.sayGround();
  }

  private async drawPicture(id: string): Promise<void> {
    const found = await this.picturesOf(id);
    if (found === null) return;
    const { run_id, corners, pictures: days } = found;
    const day = newestClear(days);
    if (run_id === null || corners === null || day === null || this.gone.signal.aborted) return;
    this.map?.drawPicture(id, pictureUrl(id, run_id, day), corners);
    this.drawn.set(id, day);
  }

  /** A list that cannot be read is counted, and takes neither the map nor the list of sites away. */
  private async picturesOf(id: string): Promise<SitePictures | null> {
    try {
      return await pictures(this.office.client, id, this.signal);
    } catch (error) {
      if (!(error instanceof ApiError) || !error.problem.code.startsWith("FILE_")) throw error;
      this.unread += 1;
      return null;
    }
  }

  private sayGround(): void {
    const { say, language } = this.office.speech;
    const days = [...this.drawn.values()].filter((day) => day !== null).sort();
    const [first, last] = [days[0], days.at(-1)];
    const lines = [
      this.ground !== null && say("sitesMapGround", { day: formatDay(this.ground, language) }),
      first !== undefined && last !== undefined && say("sitesMapPictures", { days: first === last ? formatDay(first, language) : formatSpan(first, last, language) }),
      this.lost && say("sitesMapChanged"),
      this.unread > 0 && say("sitesMapUnread", { n: formatNumber(this.unread, language) }),
    ];
    this.note.replaceChildren(lines.filter((line) => line !== false).join(" "));
  }

  private showDegrees(lines: readonly (Meridian & { at: number })[]): void {
    this.degrees.replaceChildren(...lines.map(({ axis, degrees, at }) => styled(el("span", { class: `of-${axis}` }, degreesText(axis, degrees, this.office.speech)), axis === "lon" ? { left: `${at.toFixed(0)}px` } : { top: `${at.toFixed(0)}px` })));
  }

  /** Name, standing and progress of the site that somebody points at; the table says the same to everybody. */
  private showTip(site: ListedSite | null): void {
    const { tip, map } = this;
    const { speech } = this.office;
    tip.hidden = site === null || map === null;
    if (site === null || map === null) return;
    const { x, y } = map.at(site);
    tip.replaceChildren(el("strong", {}, site.name ?? site.site_id), standingTag(site.standing, speech), el("span", { class: "sub" }, barText(site, speech)));
    const room = (tip.parentElement?.clientWidth ?? 0) - TIP_PX / 2;
    // Under the sign where there is no room above it, and never beyond the map's sides.
    tip.classList.toggle("under", y < TIP_PX / 2);
    styled(tip, { left: `${Math.min(Math.max(x, TIP_PX / 2), Math.max(room, TIP_PX / 2))}px`, top: `${Math.max(y, 0)}px` });
  }
}

/** "115.6° E", "东经115.6°". */
export function degreesText(axis: Meridian["axis"], degrees: number, { say, language }: OfficeSpeech): string {
  const n = new Intl.NumberFormat(localeOf(language), { maximumFractionDigits: 3 }).format(Math.abs(degrees));
  if (axis === "lon") return say(degrees < 0 ? "sitesWest" : "sitesEast", { n });
  return say(degrees < 0 ? "sitesSouth" : "sitesNorth", { n });
}

function key({ speech }: Office): HTMLElement {
  const items = [...KINDS.map((kind) => kindTag(kind, speech)), ...STANDINGS.map((standing) => standingTag(standing, speech))];
  return el(
    "details",
    { class: "sites-key" },
    el("summary", {}, speech.say("sitesMapKey")),
    el("ul", {}, ...items.map((item) => el("li", {}, item))),
    el("p", { class: "sub" }, speech.say("sitesMapHidden")),
    el("p", { class: "sub" }, speech.say("sitesBarKey")),
  );
}
