/** From bytes of columns to classes: what has a colour, a hatch and a line of the legend of its own. */
import { LEVEL_COLOURS, LEVELS } from "../alerts/levels";
import type { Level } from "../answers";
import { NO_VALUE, STATUS_STYLES, VIGOUR_BREAKS, VIGOUR_COLOURS, type Pattern } from "../../palette";
import type { Fact, Status } from "./view";

export const UNKNOWN = 255;
const NEW_LIMIT = 254;
const VALUES = 256;

/** What a class means: a value of the legend, or a span of numbers. */
export type Meaning =
  | { kind: "level"; level: Level | null }
  | { kind: "crop"; crop: string }
  | { kind: "status"; status: Status }
  | { kind: "span"; from: number; to: number }
  | { kind: "limit"; from: number | null; to: number | null }
  | { kind: "newLimit" }
  | { kind: "unknown" };

/** Code 0 is what filters hide. */
export interface Class {
  readonly code: number;
  readonly fact: Fact;
  readonly colour: string;
  readonly pattern: Pattern;
  readonly meaning: Meaning;
}

/** All classes, and the class of every byte of every fact. */
export interface Classes {
  readonly all: readonly Class[];
  readonly codeOf: Readonly<Record<Fact, Uint8Array>>;
}

/** Values of a column as the layer names them. */
export interface Named {
  value: number;
  key: string;
}

/** Levels by colour from light to dark, so that they also stand apart in grey; signs carry their shapes. */
const NO_ALERT = "#dfe7df";
const RAISED: Record<Level, string> = { info: "#a9c2d8", watch: "#e0b93c", warning: "#c4611b", action: LEVEL_COLOURS.action };

/** Falls in orange with lines, rises in blue: apart for every kind of colour vision, and apart in grey by the lines. */
const LIMIT_CLASSES: readonly { from: number; to: number; colour: string; pattern: Pattern }[] = [
  { from: 0, to: 69, colour: "#b35806", pattern: "horizontal" },
  { from: 70, to: 89, colour: "#e08214", pattern: "diagonal" },
  { from: 90, to: 99, colour: "#fdd49e", pattern: "sparse" },
  { from: 100, to: 100, colour: "#f2f2ee", pattern: "none" },
  { from: 101, to: 110, colour: "#d3e0f0", pattern: "none" },
  { from: 111, to: 130, colour: "#8fb0da", pattern: "none" },
  { from: 131, to: 200, colour: "#2a5599", pattern: "none" },
];
const NEW_LIMIT_COLOUR = "#7a4f9a";

/** Classes of a layer: crops by the legend, the others as they always are. */
export function classesOf(crops: readonly (Named & { colour: string })[], statuses: readonly Named[]): Classes {
  const all: Class[] = [];
  const add = (fact: Fact, colour: string, pattern: Pattern, meaning: Meaning): number => {
    all.push({ code: all.length + 1, fact, colour, pattern, meaning });
    return all.length;
  };
  return { codeOf: { alert: alertCodes(add), crop: cropCodes(crops, add), status: statusCodes(statuses, add), vigour: vigourCodes(add), limit: limitCodes(add) }, all };
}

type Add = (fact: Fact, colour: string, pattern: Pattern, meaning: Meaning) => number;

function alertCodes(add: Add): Uint8Array {
  const codes = unknown("alert", add);
  const rising = [...LEVELS].reverse();
  rising.forEach((level, at) => (codes[at + 1] = add("alert", RAISED[level], "none", { kind: "level", level })));
  codes[0] = add("alert", NO_ALERT, "none", { kind: "level", level: null });
  return codes;
}

function cropCodes(crops: readonly (Named & { colour: string })[], add: Add): Uint8Array {
  const codes = unknown("crop", add);
  for (const { value, key, colour } of crops) codes[value] = add("crop", colour, "none", { kind: "crop", crop: key });
  return codes;
}

function statusCodes(statuses: readonly Named[], add: Add): Uint8Array {
  const codes = unknown("status", add);
  for (const { value, key } of statuses) {
    const status = key as Status;
    const { colour, pattern } = STATUS_STYLES[status];
    codes[value] = add("status", colour, pattern, { kind: "status", status });
  }
  return codes;
}

function vigourCodes(add: Add): Uint8Array {
  const codes = unknown("vigour", add);
  VIGOUR_COLOURS.forEach((colour, at) => {
    const from = at === 0 ? 0 : (VIGOUR_BREAKS[at - 1] ?? 0);
    const to = at < VIGOUR_BREAKS.length ? (VIGOUR_BREAKS[at] ?? 0) - 1 : 100;
    codes.fill(add("vigour", colour, "none", { kind: "span", from, to }), from, to + 1);
  });
  return codes;
}

function limitCodes(add: Add): Uint8Array {
  const codes = unknown("limit", add);
  for (const { from, to, colour, pattern } of LIMIT_CLASSES)
    codes.fill(add("limit", colour, pattern, { kind: "limit", from: from === 0 ? null : from - 100, to: to === 200 ? null : to - 100 }), from, to + 1);
  codes[NEW_LIMIT] = add("limit", NEW_LIMIT_COLOUR, "dots", { kind: "newLimit" });
  return codes;
}

function unknown(fact: Fact, add: Add): Uint8Array {
  return new Uint8Array(VALUES).fill(add(fact, NO_VALUE, "none", { kind: "unknown" }));
}

/** Hatches by their place: what a parcel's state names. */
export const PATTERNS: readonly Pattern[] = ["none", "diagonal", "reverse", "cross", "dots", "horizontal", "vertical", "grid", "sparse"];
const UNDECIDED = PATTERNS.indexOf("sparse");

/** Code and hatch of every parcel: what is drawn. Both are 0 for what filters hide. */
export interface Painted {
  readonly codes: Uint8Array;
  readonly hatches: Uint8Array;
}

/**
 * Classes of all parcels for a fact.
 *
 * @param decided for each byte of `statuses` 1 where the parcel is decided; crops and vigour of others are hatched.
 */
export function paint(classes: Classes, fact: Fact, column: Uint8Array, left: Uint8Array | null, statuses: Uint8Array | null, decided: number): Painted {
  const codeOf = classes.codeOf[fact];
  const hatchOf = Uint8Array.from([0, ...classes.all.map(({ pattern }) => PATTERNS.indexOf(pattern))]);
  const unsure = fact === "crop" || fact === "vigour" ? statuses : null;
  const codes = new Uint8Array(column.length);
  const hatches = new Uint8Array(column.length);
  for (let at = 0; at < column.length; at++) {
    if (left && left[at] === 0) continue;
    const code = codeOf[column[at] ?? UNKNOWN] ?? 0;
    codes[at] = code;
    const undecided = unsure !== null && column[at] !== UNKNOWN && unsure[at] !== decided;
    hatches[at] = undecided ? UNDECIDED : (hatchOf[code] ?? 0);
  }
  return { codes, hatches };
}

/** Hatches that are drawn at all, by their place in PATTERNS. */
export function hatchesIn({ hatches }: Painted): number[] {
  const met = new Uint8Array(PATTERNS.length);
  for (const hatch of hatches) met[hatch] = 1;
  return [...met.keys()].filter((hatch) => hatch > 0 && met[hatch] === 1);
}

export interface Row {
  readonly class: Class;
  readonly count: number;
}

/** Lines of the legend: classes that occur, with how many parcels they colour. Of alerts the highest comes first. */
export function rowsOf(classes: Classes, fact: Fact, codes: Uint8Array): Row[] {
  const counts = new Uint32Array(VALUES);
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  const rows = classes.all.filter((each) => each.fact === fact).map((each) => ({ class: each, count: counts[each.code] ?? 0 }));
  const [none, ...known] = rows;
  const ordered = fact === "alert" ? [...known.slice(0, -1).reverse(), ...known.slice(-1)] : known;
  const met = ordered.filter((row) => row.count > 0);
  if (fact === "crop") met.sort((one, other) => other.count - one.count);
  return none && none.count > 0 ? [...met, none] : met;
}

/** How many parcels filters leave. */
export function leftOver(left: Uint8Array | null, all: number): number {
  if (left === null) return all;
  let count = 0;
  for (const each of left) count += each;
  return count;
}

/**
 * Cells as pixels, RGBA: the colour of what is known, a light ground where parcels are and nothing is, else clear.
 *
 * @param present bytes of a fact that tells where parcels are at all; null where nothing does.
 */
export function cellPixels(classes: Classes, fact: Fact, cells: Uint8Array, present: Uint8Array | null): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(cells.length * 4);
  const colours = classes.all.map(({ colour }) => rgb(colour));
  const ground = [...rgb(NO_VALUE), 110];
  for (let at = 0; at < cells.length; at++) {
    const byte = cells[at] ?? UNKNOWN;
    const known = colours[(classes.codeOf[fact][byte] ?? 1) - 1];
    if (byte !== UNKNOWN && known) pixels.set([...known, 255], at * 4);
    else if (present && present[at] !== UNKNOWN) pixels.set(ground, at * 4);
  }
  return pixels;
}

function rgb(colour: string): [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
