/** Types and standings of sites by shape and colour: each can be told without the other. */
import { el, svg } from "../../dom";
import { LEVEL_COLOURS, SHAPES } from "../alerts/levels";
import type { OfficeSpeech } from "../words";
import type { SiteKind, SiteStanding } from "./answers";

/** Drawings of types on 16 x 16: sun, rotor, dam over its water, waves. */
export const KIND_SHAPES: Record<SiteKind, string> = {
  solar: "M8 4.6a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8ZM7.3.6h1.4v2.6H7.3ZM7.3 12.8h1.4v2.6H7.3ZM.6 7.3h2.6v1.4H.6ZM12.8 7.3h2.6v1.4h-2.6ZM2.3 3.3l1-1 1.8 1.8-1 1ZM10.9 11.9l1-1 1.8 1.8-1 1ZM2.3 12.7l1.8-1.8 1 1-1.8 1.8ZM10.9 4.1l1.8-1.8 1 1-1.8 1.8Z",
  wind: "M7.4 8.6 7 15.5h2l-.4-6.9ZM8 5.4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2ZM7.3 4.9 7.7.4h.6l.5 4.5ZM9.7 6.7l4.2 1.9-.3.6-4.6-.9ZM6.3 6.7 2.1 8.6l.3.6L7 8.3Z",
  hydro: "M9.2 1.5h2.3l2.9 13H9.2ZM1 5.2h6.8v1.5H1ZM1 8.2h6.8v1.5H1ZM1 11.2h6.8v1.5H1Z",
  reservoir: "M.8 4.4c1.8-1.6 3-1.6 4.8 0s3 1.6 4.8 0 3-1.6 4.8 0v1.9c-1.8-1.6-3-1.6-4.8 0s-3 1.6-4.8 0-3-1.6-4.8 0ZM.8 9.2c1.8-1.6 3-1.6 4.8 0s3 1.6 4.8 0 3-1.6 4.8 0v1.9c-1.8-1.6-3-1.6-4.8 0s-3 1.6-4.8 0-3-1.6-4.8 0Z",
};

/** Levels look as those of alerts do; on track is a tick in a disc, not seen a broken ring. */
export const STANDING_SHAPES: Record<SiteStanding, string> = {
  action: SHAPES.action,
  warning: SHAPES.warning,
  watch: SHAPES.watch,
  on_track: "M8 .9a7.1 7.1 0 1 0 0 14.2A7.1 7.1 0 0 0 8 .9ZM3.9 8.2l1.3-1.3 1.9 1.9 3.7-3.8 1.3 1.3-5 5.1Z",
  unseen: "M7 1.1V3.2A4.9 4.9 0 0 0 3.2 7H1.1A7 7 0 0 1 7 1.1ZM9 1.1A7 7 0 0 1 14.9 7h-2.1A4.9 4.9 0 0 0 9 3.2ZM1.1 9h2.1A4.9 4.9 0 0 0 7 12.8v2.1A7 7 0 0 1 1.1 9ZM14.9 9A7 7 0 0 1 9 14.9v-2.1A4.9 4.9 0 0 0 12.8 9Z",
};

/** At least 4.5:1 on every ground of the page. */
export const STANDING_COLOURS: Record<SiteStanding, string> = {
  action: LEVEL_COLOURS.action,
  warning: LEVEL_COLOURS.warning,
  watch: LEVEL_COLOURS.watch,
  on_track: "#174f42",
  unseen: "#56615b",
};

export function kindMark(kind: SiteKind, size = 16): SVGSVGElement {
  const mark = svg([KIND_SHAPES[kind]], size);
  mark.classList.replace("icon", "level-mark");
  return mark;
}

export function kindTag(kind: SiteKind, { say }: OfficeSpeech): HTMLElement {
  return el("span", { class: "site-kind" }, kindMark(kind), say(`sitesKind_${kind}`));
}

/** Shape, colour and word of a standing. */
export function standingTag(standing: SiteStanding, { say }: OfficeSpeech): HTMLElement {
  const mark = svg([STANDING_SHAPES[standing]], 16);
  mark.classList.replace("icon", "level-mark");
  return el("span", { class: `site-standing stands-${standing}` }, mark, say(`sitesStanding_${standing}`));
}
