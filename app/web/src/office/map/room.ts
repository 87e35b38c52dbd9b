/** The map with all that stands around it: search, filters, legend, imagery, the list of what is in view, a card. */
import "./map.css";
import { el } from "../../dom";
import { formatNumber } from "../../format";
import type { Office, Shown } from "../office";
import { Asking, isOutdated, type Card, type Hit, type Keys, type Layer } from "./asking";
import { canDraw, MapCanvas } from "./canvas";
import { drawCard } from "./card";
import { classesOf, hatchesIn, leftOver } from "./classes";
import { Colouring } from "./colouring";
import { Filters } from "./filters";
import { Labels } from "./labels";
import { Legend } from "./legend";
import { ParcelList } from "./list";
import { Pictures } from "./picturing";
import { strength } from "./picturebar";
import { noteRefused, refusedSet } from "./refused";
import { Search } from "./search";
import type { Bounds } from "./squares";
import { mapAddress, narrows, type Fact, type Sieve, type View } from "./view";

const REST_MS = 180;

/** The map of a layer at a view; `keep` is told of every other view that it comes to. */
export function showMap(office: Office, layer: Layer, keys: Keys, view: View, keep: (view: View) => void): Shown {
  const room = new MapRoom(office, layer, keys, view, keep);
  return { title: office.speech.say("map_title"), element: room.element, leave: () => room.leave() };
}

class MapRoom {
  readonly element = el("div", { class: "map-room" });
  private readonly gone = new AbortController();
  private readonly asking: Asking;
  private readonly labels: Labels;
  private readonly legend: Legend;
  private readonly list: ParcelList;
  private readonly colouring: Colouring;
  private readonly stage = el("div", { class: "map-canvas" });
  private readonly host = el("div", { class: "map-card-host" });
  private readonly left = el("p", { class: "map-left", role: "status" });
  private readonly note = el("p", { class: "map-note", role: "status" });
  private readonly waiting = el("p", { class: "map-waiting", role: "status" });
  private canvas: MapCanvas | null = null;
  private pictures: Pictures | null = null;
  private timer = 0;
  private address = location.hash;
  private looking = new AbortController();

  constructor(
    private readonly office: Office,
    private readonly layer: Layer,
    keys: Keys,
    private view: View,
    private readonly kept: (view: View) => void,
  ) {
    this.asking = new Asking(office, this.gone.signal);
    const { speech } = office;
    const statuses = layer.columns.find(({ fact }) => fact === "status")?.values ?? [];
    const classes = classesOf(keys.crops, statuses);
    this.labels = new Labels(speech, keys, statuses);
    this.colouring = new Colouring(layer, classes, this.asking, statuses.find(({ key }) => key === "OK")?.value ?? 0);
    const fill = strength("map-fill", speech.say("map_fillOpacity"), 1, (share) => this.canvas?.setFillOpacity(share));
    this.legend = new Legend(speech, this.labels, this.view.by, (by) => this.colourBy(by), fill);
    this.list = new ParcelList(speech, this.labels, ({ parcel_id, bounds }) => void this.open(parcel_id, { focus: true, fly: bounds }));
    this.build(keys);
    void this.begin();
  }

  leave(): void {
    clearTimeout(this.timer);
    this.gone.abort();
    this.looking.abort();
    this.pictures?.leave();
    this.canvas?.remove();
  }

  private build(keys: Keys): void {
    const { speech } = this.office;
    const search = new Search(speech, (text, after, signal) => this.asking.search(text, after, signal), (hit) => this.goTo(hit), (error) => this.fail(error));
    const filters = new Filters(this.office, keys, this.labels, this.view.sieve, (sieve) => void this.sift(sieve));
    const whole = el("button", { type: "button", id: "map-whole", class: "map-whole", onclick: () => this.layer.bounds && this.canvas?.fly(this.layer.bounds) }, speech.say("map_whole"));
    this.waiting.replaceChildren(speech.say("map_drawing"));
    this.element.append(
      el("div", { class: "map-stage" }, this.stage, this.waiting, whole, el("div", { class: "map-over" }, this.legend.element)),
      el("div", { class: "map-side" }, el("h1", { tabindex: -1 }, speech.say("map_title")), search.element, filters.element, this.left, this.note, this.host, this.list.element),
    );
  }

  private async begin(): Promise<void> {
    this.explain();
    // The map needs its place on the page before it is drawn.
    await new Promise(requestAnimationFrame);
    if (this.gone.signal.aborted) return;
    await this.trying(async () => {
      const drawing = canDraw() ? this.drawMap() : this.noMap();
      await Promise.all([drawing, this.recolour(), this.view.parcel === null ? null : this.open(this.view.parcel, { arrive: this.view.at === null })]);
    });
    this.waiting.hidden = true;
    this.element.dataset["ready"] = "true";
    this.moved();
    await this.trying(() => this.showPictures());
  }

  /** One sentence on what is not there. */
  private explain(): void {
    const { say } = this.office.speech;
    if (!canDraw()) this.note.replaceChildren(say("map_noWebgl"));
    else if (this.layer.outlines === null && this.layer.parcels > 0) this.note.replaceChildren(say("map_notMade"));
  }

  private async noMap(): Promise<void> {
    this.stage.hidden = true;
    this.element.classList.add("without-map");
  }

  private async drawMap(): Promise<void> {
    const { say } = this.office.speech;
    const labels = { "Map.Title": say("map_label"), "NavigationControl.ZoomIn": say("map_zoomIn"), "NavigationControl.ZoomOut": say("map_zoomOut") };
    this.canvas = new MapCanvas(this.stage, this.layer, this.colouring.classes, this.colouring.cells, this.view.at, labels, (address, signal) => this.asking.bytes(address, signal), {
      moved: () => this.moved(),
      pick: (number) => void this.trying(async () => this.open(await this.asking.named(this.layer.set, number), { focus: true })),
      fail: (error) => this.fail(error),
    });
    await this.canvas.ready();
  }

  private async showPictures(): Promise<void> {
    if (this.canvas === null) return;
    const imagery = await this.asking.imagery();
    if (this.gone.signal.aborted) return;
    const { outlines } = this.layer;
    this.pictures = new Pictures(this.office.speech, this.canvas.map, imagery, this.view, outlines, (shown) => this.keep(shown));
    this.stage.parentElement?.append(...this.pictures.elements);
  }

  private colourBy(by: Fact): void {
    this.keep({ by });
    void this.trying(() => this.recolour());
  }

  private async sift(sieve: Sieve): Promise<void> {
    this.keep({ sieve });
    await this.trying(() => this.recolour());
    this.look();
  }

  /** Colour anew what is drawn: one column, one square of cells, no outline. */
  private async recolour(): Promise<void> {
    const { by, sieve } = this.view;
    const coloured = await this.colouring.colour(by, sieve);
    if (coloured === null || this.gone.signal.aborted) return;
    const unsure = (by === "crop" || by === "vigour") && hatchesIn(coloured.painted).length > 0;
    this.legend.draw(by, coloured.rows, unsure, this.layer.without_outline);
    this.sayLeft(coloured.left);
    await this.canvas?.ready();
    this.canvas?.paint(coloured.painted);
    this.canvas?.drawCells(by, coloured.cells, coloured.present);
  }

  private sayLeft(left: Uint8Array | null): void {
    const { say, language } = this.office.speech;
    const all = formatNumber(this.layer.parcels, language);
    const n = formatNumber(leftOver(left, this.layer.parcels), language);
    this.left.replaceChildren(left === null ? say("map_allParcels", { all }) : say("map_left", { n, all }));
  }

  /** The map came to rest: keep the place, and look at what is in view. */
  private moved(): void {
    if (this.canvas && this.element.dataset["ready"]) this.keep({ at: this.canvas.at() });
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.look(), REST_MS);
  }

  private look(): void {
    void this.trying(async () => {
      this.looking.abort();
      this.looking = new AbortController();
      const { signal } = this.looking;
      const bounds: Bounds | null = this.canvas?.bounds() ?? this.layer.bounds;
      if (bounds === null) return this.list.draw({ found: 0, parcels: [] }, false, null);
      const inside = await this.asking.inside(this.layer.set, bounds, this.view.sieve, signal);
      if (signal.aborted) return;
      this.list.draw(inside, narrows(this.view.sieve), this.view.parcel);
      this.canvas?.drawMarks(inside.marks);
      this.element.dataset["looked"] = "true";
    });
  }

  private goTo(hit: Hit): void {
    const { say } = this.office.speech;
    if (hit.kind === "parcel" || hit.kind === "site") return void this.open(hit.key, { focus: true, fly: hit.bounds });
    if (hit.bounds) this.canvas?.fly([...hit.bounds]);
    this.office.announce(hit.bounds ? say("map_flewTo", { name: hit.name ?? hit.key }) : say("map_noOutline"));
  }

  /** Show the card of a parcel and mark it; `arrive` brings it into view where the address names no place. */
  private async open(id: string, { focus = false, arrive = false, fly = null }: { focus?: boolean; arrive?: boolean; fly?: Bounds | readonly number[] | null }): Promise<void> {
    await this.trying(async () => {
      const card = await this.asking.card(id);
      if (this.gone.signal.aborted) return;
      this.keep({ parcel: id });
      this.host.replaceChildren(drawCard(card, this.office.speech, this.labels, { close: () => this.close(), zoomTo: () => this.flyTo(card) }));
      this.list.mark(id);
      if (focus) this.host.querySelector<HTMLElement>("#map-card")?.focus({ preventScroll: false });
      await this.canvas?.ready();
      this.canvas?.drawPicked(card.outline);
      if (arrive || (fly && !this.sees(fly))) this.flyTo(card);
    });
  }

  private flyTo(card: Card): void {
    if (card.bounds) this.canvas?.fly(card.bounds);
  }

  /** Whether a parcel is large enough and wholly in view. */
  private sees([west = 0, south = 0, east = 0, north = 0]: Bounds | readonly number[]): boolean {
    const shown = this.canvas?.bounds();
    const near = (this.canvas?.at().zoom ?? 0) >= (this.layer.outlines?.min_zoom ?? 0);
    return shown !== undefined && near && shown[0] <= west && shown[1] <= south && shown[2] >= east && shown[3] >= north;
  }

  private close(): void {
    const before = this.view.parcel;
    this.keep({ parcel: null });
    this.host.replaceChildren();
    this.canvas?.drawPicked(null);
    this.list.mark(null);
    const line = [...this.list.element.querySelectorAll<HTMLElement>("button")].find((each) => each.dataset["parcel"] === before);
    (line ?? this.element.querySelector<HTMLElement>("h1"))?.focus();
  }

  /** Keep a change in the address, without coming here anew. */
  private keep(change: Partial<View>): void {
    if (this.gone.signal.aborted) return;
    this.view = { ...this.view, ...change };
    this.kept(this.view);
    // Somebody may be on the way to another page already.
    if (location.hash !== this.address) return;
    history.replaceState(history.state, "", mapAddress(this.view));
    this.address = location.hash;
  }

  /** The parcels of the book changed: ask for the layer again, once; servers that differ among themselves are said. */
  private reload(): void {
    this.gone.abort();
    noteRefused(this.layer.set, mapAddress(this.view));
    this.office.announce(this.office.speech.say("map_changed"));
    this.office.go(location.hash);
  }

  private async trying(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    if (this.gone.signal.aborted || (error instanceof DOMException && error.name === "AbortError")) return;
    if (isOutdated(error) && refusedSet() === undefined) this.reload();
    else this.office.fail(error);
  }
}
