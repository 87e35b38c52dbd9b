/** Levels of alerts by shape and by colour: each can be told without the other. */
import { svg } from "../../dom";
import type { Level } from "../answers";

/** From the highest down. */
export const LEVELS: readonly Level[] = ["action", "warning", "watch", "info"];

/** Outlines on 16 x 16: octagon and triangle with an exclamation mark cut out, diamond, ring. */
export const SHAPES: Record<Level, string> = {
  action: "M5.1.8h5.8l4.3 4.3v5.8l-4.3 4.3H5.1L.8 10.9V5.1ZM7 3.8v5h2v-5ZM7 10.2v2h2v-2Z",
  warning: "M8 1 15.6 14.6H.4ZM7.1 5.8v4.2h1.8V5.8ZM7.1 11v1.8h1.8V11Z",
  watch: "M8 .8 15.2 8 8 15.2.8 8Z",
  info: "M8 1.6a6.4 6.4 0 1 0 0 12.8A6.4 6.4 0 0 0 8 1.6ZM8 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8Z",
};

/** At least 4.5:1 on every ground of the page, and darker from watch to action. */
export const LEVEL_COLOURS: Record<Level, string> = {
  action: "#7d0f1c",
  warning: "#9a3d06",
  watch: "#7a5d00",
  info: "#3f6788",
};

export function levelMark(level: Level, size = 16): SVGSVGElement {
  const mark = svg([SHAPES[level]], size);
  mark.classList.replace("icon", "level-mark");
  mark.dataset["level"] = level;
  return mark;
}

/** The higher of two levels; null is below all. */
export function higher(one: Level | null, other: Level | null): Level | null {
  return LEVELS.find((level) => level === one || level === other) ?? null;
}
