/** Finding a parcel, energy site, farmer, village, unit or place. */
import "./search.css";
import { Combobox, type ComboOwner } from "../../combobox";
import { el } from "../../dom";
import { formatNumber } from "../../format";
import type { OfficeKey, OfficeSpeech } from "../words";
import type { Found, Hit } from "./asking";

/** What a search is called: the begin of its elements' ids, its label, and what to type. */
export interface SearchNames {
  readonly id: string;
  readonly label: OfficeKey;
  readonly hint: OfficeKey;
}

const OF_THE_MAP: SearchNames = { id: "map", label: "map_search", hint: "map_searchHint" };

export type Look = (text: string, after: number, signal: AbortSignal) => Promise<Found>;

export class Search implements ComboOwner {
  readonly waitMs = 250;
  /** Below these characters a search would say little, and look at many names. */
  readonly least = 2;
  readonly element: HTMLElement;
  private readonly box: Combobox;
  private readonly note = el("p", { class: "sub", role: "status" });
  private readonly more: HTMLButtonElement;
  private hits: Hit[] = [];
  private text = "";

  constructor(
    private readonly speech: OfficeSpeech,
    private readonly find: Look,
    private readonly choose: (hit: Hit) => void,
    readonly fail: (error: unknown) => void,
    names: SearchNames = OF_THE_MAP,
    /** Told whenever a search is over: what was typed, and whether anything was found. */
    private readonly searched: (text: string, any: boolean) => void = () => undefined,
  ) {
    const { say } = speech;
    const field = `${names.id}-search`;
    this.box = new Combobox({ input: field, list: `${names.id}-results`, hit: `${names.id}-hit`, frame: "map-search-box" }, this);
    this.box.input.placeholder = say(names.hint);
    this.box.list.setAttribute("aria-label", say("map_results"));
    this.more = el("button", { type: "button", class: "link", hidden: true, onclick: () => void this.box.ask((signal) => this.further(signal)) }, say("map_moreResults"));
    this.element = el("div", { class: "map-search", role: "search" }, el("label", { for: field }, say(names.label)), this.box.field, el("div", { class: "map-results" }, this.box.list, this.more), this.note);
    this.box.within(this.element);
  }

  async look(text: string, signal: AbortSignal): Promise<HTMLElement[]> {
    const found = await this.find(text, 0, signal);
    if (signal.aborted) return [];
    this.text = text;
    return this.drawn(found.hits, found.more);
  }

  take(at: number): void {
    const hit = this.hits[at];
    if (hit) this.choose(hit);
  }

  folded(): void {
    this.more.hidden = true;
    this.note.replaceChildren();
  }

  private async further(signal: AbortSignal): Promise<HTMLElement[]> {
    const found = await this.find(this.text, this.hits.length, signal);
    if (signal.aborted) return [];
    this.box.input.focus();
    return this.drawn([...this.hits, ...found.hits], found.more);
  }

  private drawn(hits: Hit[], more: boolean): HTMLElement[] {
    const { say, language } = this.speech;
    this.hits = hits;
    this.more.hidden = !more;
    this.note.replaceChildren(hits.length === 0 ? say("map_resultsNone", { text: this.text }) : say("map_resultsCount", { n: `${formatNumber(hits.length, language)}${more ? "+" : ""}` }));
    this.searched(this.text, hits.length > 0);
    return hits.map((hit) => this.option(hit));
  }

  private option(hit: Hit): HTMLElement {
    const { say, language } = this.speech;
    const where = hit.bounds === null ? say("map_notOnMap") : hit.parcels === null || hit.kind === "parcel" || hit.kind === "site" ? null : say("map_onMap", { n: formatNumber(hit.parcels, language) });
    return el(
      "li",
      {},
      el("span", { class: "kind" }, say(`map_kind_${hit.kind}`)),
      el("strong", {}, hit.name ?? hit.key),
      el("span", { class: "sub" }, [hit.name === null || hit.name === hit.key ? null : hit.key, hit.site === null ? null : say(`sitesKind_${hit.site}`), where].filter(Boolean).join(" · ")),
    );
  }
}
