/** Finding a parcel by its number or its farmer's: a combobox by the ARIA pattern. */
import { ApiError, fetchMatches, type Matches } from "./api";
import { el, svg } from "./dom";
import { areaIn, formatArea, type AreaUnit } from "./format";
import type { Speech } from "./i18n";

const WAIT_MS = 180;
const ICON = ["M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Z", "m10.4 10.4 3.4 3.4"];

export class Search {
  readonly element: HTMLElement;
  private readonly input = el("input", { type: "search", id: "search", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "search-results" });
  private readonly list = el("ul", { id: "search-results", role: "listbox", hidden: true });
  private readonly label = el("label", { for: "search", class: "unseen" });
  private readonly note = el("p", { class: "search-note", role: "status" });
  private matches: Matches | null = null;
  private active = -1;
  private timer = 0;
  private asked = new AbortController();

  constructor(
    private readonly speech: Speech,
    private readonly unit: AreaUnit,
    private readonly choose: (parcelId: string) => void,
    private readonly fail: (error: unknown) => void,
  ) {
    this.element = el("div", { class: "search", role: "search" }, this.label, el("div", { class: "search-box" }, svg(ICON), this.input), this.list, this.note);
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.element.addEventListener("focusout", (event) => {
      if (!this.element.contains(event.relatedTarget as Node | null)) this.fold();
    });
    this.speak();
  }

  speak(): void {
    this.label.replaceChildren(this.speech.say("search"));
    this.input.placeholder = this.speech.say("searchHint");
    this.list.setAttribute("aria-label", this.speech.say("searchResults"));
    this.fold();
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.look(), WAIT_MS);
  }

  private async look(): Promise<void> {
    this.asked.abort();
    this.asked = new AbortController();
    const text = this.input.value.trim();
    if (!text) return this.fold();
    try {
      this.draw(await fetchMatches(text, this.asked.signal), text);
    } catch (error) {
      if (error instanceof ApiError || !this.asked.signal.aborted) this.fail(error);
    }
  }

  private draw(found: Matches, text: string): void {
    this.matches = found;
    this.active = -1;
    this.list.replaceChildren(...found.matches.map((match, index) => this.option(match, index)));
    this.open(found.matches.length > 0);
    const { say } = this.speech;
    this.note.replaceChildren(found.matches.length === 0 ? say("searchNone", { text }) : found.more ? say("searchMore") : "");
  }

  private option(match: Matches["matches"][number], index: number): HTMLElement {
    const { say, language } = this.speech;
    const area = `${formatArea(areaIn(match.area_ha, this.unit), language)} ${say(this.unit)}`;
    const option = el(
      "li",
      { role: "option", id: `match-${index}`, "aria-selected": "false", tabindex: -1 },
      el("strong", {}, match.parcel_id),
      el("span", { class: "sub" }, [match.farmer_id, area, say(match.status)].filter(Boolean).join(" · ")),
    );
    option.addEventListener("mousedown", (event) => event.preventDefault());
    option.addEventListener("click", () => this.take(index));
    return option;
  }

  private key(event: KeyboardEvent): void {
    const count = this.matches?.matches.length ?? 0;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (this.list.hidden || count === 0) return;
      event.preventDefault();
      this.mark((this.active + (event.key === "ArrowDown" ? 1 : count) + (this.active < 0 && event.key === "ArrowUp" ? 0 : 0)) % count);
    } else if (event.key === "Enter") {
      clearTimeout(this.timer);
      if (!this.list.hidden && count > 0) this.take(Math.max(this.active, 0));
      else void this.look();
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.fold();
    }
  }

  private mark(index: number): void {
    this.active = index;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    this.list.children[index]?.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", `match-${index}`);
  }

  private take(index: number): void {
    const match = this.matches?.matches[index];
    this.fold();
    if (match) this.choose(match.parcel_id);
  }

  private open(shown: boolean): void {
    this.list.hidden = !shown;
    this.input.setAttribute("aria-expanded", String(shown));
    this.input.removeAttribute("aria-activedescendant");
  }

  private fold(): void {
    this.open(false);
    this.note.replaceChildren();
  }
}
