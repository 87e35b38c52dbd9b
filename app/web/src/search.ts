/** Finding a parcel by its number or its farmer's. */
import { fetchMatches, type Matches } from "./api";
import { Combobox, type ComboOwner } from "./combobox";
import { el } from "./dom";
import { areaIn, formatArea, type AreaUnit } from "./format";
import type { Speech } from "./i18n";

export class Search implements ComboOwner {
  readonly waitMs = 180;
  readonly least = 1;
  readonly element: HTMLElement;
  private readonly box = new Combobox({ input: "search", list: "search-results", hit: "match", frame: "search-box" }, this);
  private readonly label = el("label", { for: "search", class: "unseen" });
  private readonly note = el("p", { class: "search-note", role: "status" });
  private matches: Matches["matches"] = [];

  constructor(
    private readonly speech: Speech,
    private readonly unit: AreaUnit,
    private readonly choose: (parcelId: string) => void,
    readonly fail: (error: unknown) => void,
  ) {
    this.element = el("div", { class: "search", role: "search" }, this.label, this.box.field, this.box.list, this.note);
    this.box.within(this.element);
    this.speak();
  }

  speak(): void {
    this.label.replaceChildren(this.speech.say("search"));
    this.box.input.placeholder = this.speech.say("searchHint");
    this.box.list.setAttribute("aria-label", this.speech.say("searchResults"));
    this.box.fold();
  }

  async look(text: string, signal: AbortSignal): Promise<HTMLElement[]> {
    const { matches, more } = await fetchMatches(text, signal);
    if (signal.aborted) return [];
    const { say } = this.speech;
    this.matches = matches;
    this.note.replaceChildren(matches.length === 0 ? say("searchNone", { text }) : more ? say("searchMore") : "");
    return matches.map((match) => this.hit(match));
  }

  take(at: number): void {
    const match = this.matches[at];
    if (match) this.choose(match.parcel_id);
  }

  folded(): void {
    this.note.replaceChildren();
  }

  private hit(match: Matches["matches"][number]): HTMLElement {
    const { say, language } = this.speech;
    const area = `${formatArea(areaIn(match.area_ha, this.unit), language)} ${say(this.unit)}`;
    return el("li", {}, el("strong", {}, match.parcel_id), el("span", { class: "sub" }, [match.farmer_id, area, say(match.status)].filter(Boolean).join(" · ")));
  }
}
