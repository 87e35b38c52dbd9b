/** The frame of every part of Today. */
import { el } from "../../dom";

/** A card with a heading; the title names it to screen readers. */
export function card(name: string, title: string, ...children: (Node | string | null | false)[]): HTMLElement {
  return el("section", { class: `card ${name}`, "aria-labelledby": `card-${name}` }, el("h2", { id: `card-${name}` }, title), ...children);
}
