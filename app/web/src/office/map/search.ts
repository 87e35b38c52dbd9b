/** Finding a parcel, farmer, unit or place: a combobox by the ARIA pattern. */
import { el, svg } from "../../dom";
import { formatNumber } from "../../format";
import type { OfficeSpeech } from "../words";
import type { Found, Hit } from "./asking";

const WAIT_MS = 250;
const ICON = ["M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Z", "m10.4 10.4 3.4 3.4"];
/** Below these characters a search would say little, and look at many names. */
const LEAST = 2;

export type Look = (text: string, after: number, signal: AbortSignal) => Promise<Found>;

export class Search {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly list = el("ul", { id: "map-results", role: "listbox", hidden: true });
  private readonly note = el("p", { class: "sub", role: "status" });
  private readonly more: HTMLButtonElement;
  private hits: Hit[] = [];
  private text = "";
  private active = -1;
  private timer = 0;
  private asked = new AbortController();

  constructor(
    private readonly speech: OfficeSpeech,
    private readonly look: Look,
    private readonly choose: (hit: Hit) => void,
    private readonly fail: (error: unknown) => void,
  ) {
    const { say } = speech;
    this.input = el("input", { type: "search", id: "map-search", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "map-results", placeholder: say("map_searchHint") });
    this.list.setAttribute("aria-label", say("map_results"));
    this.more = el("button", { type: "button", class: "link", hidden: true, onclick: () => void this.ask(this.hits.length) }, say("map_moreResults"));
    this.element = el("div", { class: "map-search", role: "search" }, el("label", { for: "map-search" }, say("map_search")), el("div", { class: "map-search-box" }, svg(ICON), this.input), el("div", { class: "map-results" }, this.list, this.more), this.note);
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.element.addEventListener("focusout", (event) => {
      if (!this.element.contains(event.relatedTarget as Node | null)) this.fold();
    });
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(0), WAIT_MS);
  }

  private async ask(after: number): Promise<void> {
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    if (after === 0) this.text = this.input.value.trim();
    if (this.text.length < LEAST) return this.fold();
    try {
      const found = await this.look(this.text, after, signal);
      if (!signal.aborted) this.draw(after === 0 ? found.hits : [...this.hits, ...found.hits], found.more, after);
    } catch (error) {
      if (!signal.aborted) this.fail(error);
    }
  }

  private draw(hits: Hit[], more: boolean, after: number): void {
    const { say, language } = this.speech;
    this.hits = hits;
    this.active = -1;
    this.list.replaceChildren(...hits.map((hit, at) => this.option(hit, at)));
    this.open(hits.length > 0);
    this.more.hidden = !more;
    this.note.replaceChildren(hits.length === 0 ? say("map_resultsNone", { text: this.text }) : say("map_resultsCount", { n: `${formatNumber(hits.length, language)}${more ? "+" : ""}` }));
    if (after > 0) this.input.focus();
  }

  private option(hit: Hit, at: number): HTMLElement {
    const { say, language } = this.speech;
    const where = hit.bounds === null ? say("map_notOnMap") : hit.parcels === null || hit.kind === "parcel" ? null : say("map_onMap", { n: formatNumber(hit.parcels, language) });
    const option = el(
      "li",
      { role: "option", id: `map-hit-${at}`, "aria-selected": "false" },
      el("span", { class: "kind" }, say(`map_kind_${hit.kind}`)),
      el("strong", {}, hit.name ?? hit.key),
      el("span", { class: "sub" }, [hit.name === null || hit.name === hit.key ? null : hit.key, where].filter(Boolean).join(" · ")),
    );
    option.addEventListener("mousedown", (event) => event.preventDefault());
    option.addEventListener("click", () => this.take(at));
    return option;
  }

  private key(event: KeyboardEvent): void {
    const count = this.list.hidden ? 0 : this.hits.length;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count > 0) {
      event.preventDefault();
      this.mark(event.key === "ArrowDown" ? (this.active + 1) % count : (Math.max(this.active, 0) + count - 1) % count);
    } else if (event.key === "Enter") {
      clearTimeout(this.timer);
      if (count > 0) this.take(Math.max(this.active, 0));
      else void this.ask(0);
    } else if (event.key === "Escape") this.fold();
  }

  private mark(at: number): void {
    this.active = at;
    [...this.list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === at)));
    this.list.children[at]?.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", `map-hit-${at}`);
  }

  private take(at: number): void {
    const hit = this.hits[at];
    this.fold();
    if (hit) this.choose(hit);
  }

  private open(shown: boolean): void {
    this.list.hidden = !shown;
    this.input.setAttribute("aria-expanded", String(shown));
    this.input.removeAttribute("aria-activedescendant");
  }

  private fold(): void {
    this.open(false);
    this.more.hidden = true;
    this.note.replaceChildren();
  }
}
