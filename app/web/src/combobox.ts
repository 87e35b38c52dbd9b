/** A search field with a list under it: a combobox by the ARIA pattern. What is asked and how a hit looks is its owner's. */
import { el, svg } from "./dom";

const ICON = ["M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Z", "m10.4 10.4 3.4 3.4"];

/** Ids of the field and the list, the begin of those of the hits, and the class of the frame around the field. */
export interface ComboNames {
  readonly input: string;
  readonly list: string;
  readonly hit: string;
  readonly frame: string;
}

export interface ComboOwner {
  /** Milliseconds without a key after which it is asked. */
  readonly waitMs: number;
  /** Fewer characters are not asked for. */
  readonly least: number;
  /** Hits of a text, drawn; the owner says beside the list how many there are. */
  look(text: string, signal: AbortSignal): Promise<readonly HTMLElement[]>;
  take(at: number): void;
  /** The list is gone, and with it what was said of it. */
  folded(): void;
  fail(error: unknown): void;
}

export class Combobox {
  readonly input: HTMLInputElement;
  readonly list: HTMLElement;
  /** The field with its sign. */
  readonly field: HTMLElement;
  private active = -1;
  private timer = 0;
  private asked = new AbortController();

  constructor(
    private readonly names: ComboNames,
    private readonly owner: ComboOwner,
  ) {
    this.input = el("input", { type: "search", id: names.input, role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": names.list });
    this.list = el("ul", { id: names.list, role: "listbox", hidden: true });
    this.field = el("div", { class: names.frame }, svg(ICON), this.input);
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.ask(), owner.waitMs);
    });
    this.input.addEventListener("keydown", (event) => this.key(event));
  }

  /** Folds once the focus leaves an element around it. */
  within(element: HTMLElement): void {
    element.addEventListener("focusout", (event) => {
      if (!element.contains(event.relatedTarget as Node | null)) this.fold();
    });
  }

  /** Hits of what is typed, or what another question gives; an answer that another question overtook is dropped. */
  async ask(look: (signal: AbortSignal) => Promise<readonly HTMLElement[]> = (signal) => this.owner.look(this.text, signal)): Promise<void> {
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    if (this.text.length < this.owner.least) return this.fold();
    try {
      const hits = await look(signal);
      if (!signal.aborted) this.show(hits);
    } catch (error) {
      if (!signal.aborted) this.owner.fail(error);
    }
  }

  fold(): void {
    this.open(false);
    this.owner.folded();
  }

  private get text(): string {
    return this.input.value.trim();
  }

  private show(hits: readonly HTMLElement[]): void {
    this.active = -1;
    hits.forEach((hit, at) => {
      hit.setAttribute("role", "option");
      hit.setAttribute("aria-selected", "false");
      hit.id = this.idOf(at);
      hit.onmousedown = (event): void => event.preventDefault();
      hit.onclick = (): void => this.take(at);
    });
    this.list.replaceChildren(...hits);
    this.open(hits.length > 0);
  }

  private key(event: KeyboardEvent): void {
    const count = this.list.hidden ? 0 : this.list.children.length;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count > 0) {
      event.preventDefault();
      this.mark(event.key === "ArrowDown" ? (this.active + 1) % count : (Math.max(this.active, 0) + count - 1) % count);
    } else if (event.key === "Enter") {
      clearTimeout(this.timer);
      if (count > 0) this.take(Math.max(this.active, 0));
      else void this.ask();
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.fold();
    }
  }

  private mark(at: number): void {
    this.active = at;
    [...this.list.children].forEach((hit, place) => hit.setAttribute("aria-selected", String(place === at)));
    this.list.children[at]?.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", this.idOf(at));
  }

  private take(at: number): void {
    this.fold();
    this.owner.take(at);
  }

  private open(shown: boolean): void {
    this.list.hidden = !shown;
    this.input.setAttribute("aria-expanded", String(shown));
    this.input.removeAttribute("aria-activedescendant");
  }

  private idOf(at: number): string {
    return `${this.names.hit}-${at}`;
  }
}
