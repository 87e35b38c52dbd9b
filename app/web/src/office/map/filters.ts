/** Filters of the map: what they hide is drawn no longer, listed no longer and counted no longer. */
import { el } from "../../dom";
import { LEVELS, levelMark } from "../alerts/levels";
import type { Office } from "../office";
import type { Keys } from "./asking";
import type { Labels } from "./labels";
import { EVERYTHING, narrows, STATUSES, type Sieve } from "./view";

/** How many kinds of filters are at work. */
export function countOf({ levels, crops, statuses, unit, mine }: Sieve): number {
  return [levels.length > 0, crops.length > 0, statuses.length > 0, unit !== null, mine].filter(Boolean).length;
}

export class Filters {
  readonly element = el("details", { class: "map-filters" });
  private readonly title = el("summary", { id: "map-filters" });
  private readonly body = el("div", { class: "map-filters-body" });

  constructor(
    private readonly office: Office,
    private readonly keys: Keys,
    private readonly labels: Labels,
    private sieve: Sieve,
    private readonly changed: (sieve: Sieve) => void,
  ) {
    this.element.append(this.title, this.body);
    this.element.open = narrows(sieve);
    this.draw();
  }

  private draw(): void {
    const { say } = this.office.speech;
    const n = countOf(this.sieve);
    this.title.replaceChildren(n === 0 ? say("map_filters") : say("map_filtersOn", { n }));
    const clear = el("button", { type: "button", id: "map-clear", class: "link", onclick: () => this.apply(EVERYTHING) }, say("map_clear"));
    this.body.replaceChildren(...[this.levels(), this.mine(), this.crops(), this.statuses(), this.units(), n > 0 ? clear : null].filter((each) => each !== null));
  }

  private apply(sieve: Sieve): void {
    this.sieve = sieve;
    const focused = document.activeElement?.id ?? "";
    this.draw();
    (document.getElementById(focused) ?? this.title).focus();
    this.changed(sieve);
  }

  private levels(): HTMLElement {
    const ticks = LEVELS.map((level) => {
      const tick = el("input", { type: "checkbox", id: `map-level-${level}`, checked: this.sieve.levels.includes(level) });
      tick.addEventListener("change", () => {
        const wanted = LEVELS.filter((each) => (each === level ? tick.checked : this.sieve.levels.includes(each)));
        this.apply({ ...this.sieve, levels: wanted });
      });
      return el("label", { class: `level ${level}` }, tick, levelMark(level), this.office.speech.say(`level_${level}`));
    });
    return el("fieldset", { class: "levels" }, el("legend", {}, this.office.speech.say("map_level")), ...ticks);
  }

  private mine(): HTMLElement {
    const tick = el("input", { type: "checkbox", id: "map-mine", checked: this.sieve.mine });
    tick.addEventListener("change", () => this.apply({ ...this.sieve, mine: tick.checked }));
    return el("label", { class: "tick" }, tick, this.office.speech.say("map_mine"));
  }

  private crops(): HTMLElement {
    const named = this.keys.crops.map(({ key }): [string, string] => [key, this.labels.crop(key)]);
    named.sort(([, one], [, other]) => one.localeCompare(other, this.office.speech.language));
    return this.choice("crop", "map_crop", named, this.sieve.crops[0] ?? "", (value) => this.apply({ ...this.sieve, crops: value ? [value] : [] }));
  }

  private statuses(): HTMLElement {
    const named = STATUSES.map((status): [string, string] => [status, this.office.speech.say(status)]);
    return this.choice("status", "map_status", named, this.sieve.statuses[0] ?? "", (value) =>
      this.apply({ ...this.sieve, statuses: STATUSES.filter((status) => status === value) }),
    );
  }

  private units(): HTMLElement | null {
    const own = this.office.person.unit;
    const below = this.keys.units.filter(({ code }) => code !== own.code);
    if (below.length === 0) return null;
    const named = below.map(({ code, name }): [string, string] => [code, name === code ? code : `${code} ${name}`]);
    const all = this.office.speech.say("map_anyUnit", { unit: own.name });
    return this.choice("unit", "map_unit", named, this.sieve.unit ?? "", (value) => this.apply({ ...this.sieve, unit: value || null }), all);
  }

  private choice(
    name: string,
    title: "map_crop" | "map_status" | "map_unit",
    named: readonly (readonly [string, string])[],
    chosen: string,
    pick: (value: string) => void,
    any = this.office.speech.say("any"),
  ): HTMLElement {
    const list = el("select", { id: `map-${name}` }, el("option", { value: "" }, any));
    for (const [value, text] of named) list.append(el("option", { value, selected: value === chosen }, text));
    list.addEventListener("change", () => pick(list.value));
    return el("label", { class: "choice" }, this.office.speech.say(title), list);
  }
}
