/** What a parcel is to an application, as colours and hatches of the map. */
import { PATTERNS, type Class, type Classes, type Painted } from "../map/classes";
import type { OfficeKey } from "../words";

/** Bits of a parcel's byte, as the service gives them. */
const [PLEDGED, THEIRS, PICKED] = [1, 2, 4];

/** What parcels that are marked in no way are drawn as: only their outlines. */
const PLAIN = 0;
const CHOSEN_CLASS: Class = { code: 1, fact: "status", colour: "#174f42", pattern: "dots", meaning: { kind: "unknown" } };
const THEIRS_CLASS: Class = { code: 2, fact: "status", colour: "#8fb0da", pattern: "none", meaning: { kind: "unknown" } };
const PLEDGED_CLASS: Class = { code: 3, fact: "status", colour: "#f0c27a", pattern: "diagonal", meaning: { kind: "unknown" } };
const ALL = [CHOSEN_CLASS, THEIRS_CLASS, PLEDGED_CLASS];

const NO_BYTES = new Uint8Array(256);

/** Cells tell only where parcels are: none of their bytes has a colour of its own. */
export const PLOT_CLASSES: Classes = { all: ALL, codeOf: { alert: NO_BYTES, crop: NO_BYTES, status: NO_BYTES, vigour: NO_BYTES, limit: NO_BYTES } };

/** Lines of the legend. */
export const PLOT_LEGEND: readonly { readonly class: Class; readonly word: OfficeKey }[] = [
  { class: CHOSEN_CLASS, word: "app_mapChosen" },
  { class: THEIRS_CLASS, word: "app_mapTheirs" },
  { class: PLEDGED_CLASS, word: "app_mapPledged" },
];

/** Code and hatch of every parcel: chosen before the borrower's own before all else; pledged ground is always hatched. */
export function paintPlots(column: Uint8Array, chosen: ReadonlySet<number>): Painted {
  const codes = new Uint8Array(column.length);
  const hatches = new Uint8Array(column.length);
  column.forEach((byte, number) => {
    const pledged = (byte & PLEDGED) !== 0;
    const shown = chosen.has(number) || (byte & PICKED) !== 0 ? CHOSEN_CLASS : (byte & THEIRS) !== 0 ? THEIRS_CLASS : pledged ? PLEDGED_CLASS : null;
    codes[number] = shown?.code ?? PLAIN;
    hatches[number] = PATTERNS.indexOf(pledged ? PLEDGED_CLASS.pattern : (shown?.pattern ?? "none"));
  });
  return { codes, hatches };
}
