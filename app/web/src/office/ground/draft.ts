/** An outline while it is drawn: its corners, the chosen one, and the way back and forth. Every step gives a new draft. */
import type { Position } from "./geodesy";

interface Step {
  readonly corners: readonly Position[];
  readonly chosen: number | null;
}

export interface Draft extends Step {
  readonly past: readonly Step[];
  readonly future: readonly Step[];
}

export const EMPTY: Draft = { corners: [], chosen: null, past: [], future: [] };
/** The service takes no more corners of one outline. */
export const MOST_CORNERS = 1500;
const MOST_STEPS = 200;
/** Seven decimals are a centimetre. */
const DECIMALS = 7;

/** A draft that begins with corners: a border that was walked, or a parcel that is drawn anew. */
export function draftOf(corners: readonly Position[]): Draft {
  return { ...EMPTY, corners: corners.map(rounded) };
}

/** Put a corner after the chosen one, or at the end; it is chosen then. */
export function added(draft: Draft, position: Position): Draft {
  if (draft.corners.length >= MOST_CORNERS) return draft;
  const at = draft.chosen === null ? draft.corners.length : draft.chosen + 1;
  return insertedAt(draft, at, position);
}

export function insertedAt(draft: Draft, at: number, position: Position): Draft {
  const corners = draft.corners.toSpliced(at, 0, rounded(position));
  return stepped(draft, { corners, chosen: at });
}

export function moved(draft: Draft, at: number, position: Position): Draft {
  if (draft.corners[at] === undefined) return draft;
  return stepped(draft, { corners: draft.corners.with(at, rounded(position)), chosen: at });
}

/** Take a corner away; the one before it is chosen. */
export function removed(draft: Draft, at: number): Draft {
  if (draft.corners[at] === undefined) return draft;
  const corners = draft.corners.toSpliced(at, 1);
  return stepped(draft, { corners, chosen: corners.length === 0 ? null : Math.max(0, at - 1) });
}

export function cleared(draft: Draft): Draft {
  return draft.corners.length === 0 ? draft : stepped(draft, { corners: [], chosen: null });
}

export function chose(draft: Draft, at: number | null): Draft {
  return { ...draft, chosen: at === null || draft.corners[at] === undefined ? null : at };
}

/** The next corner, or the one before, round and round. */
export function choseNext(draft: Draft, by: 1 | -1): Draft {
  const count = draft.corners.length;
  if (count === 0) return draft;
  const from = draft.chosen ?? (by === 1 ? -1 : 0);
  return chose(draft, (from + by + count) % count);
}

export function undone(draft: Draft): Draft {
  const last = draft.past.at(-1);
  return last === undefined ? draft : { ...last, past: draft.past.slice(0, -1), future: [stepOf(draft), ...draft.future] };
}

export function redone(draft: Draft): Draft {
  const [next, ...future] = draft.future;
  return next === undefined ? draft : { ...next, past: [...draft.past, stepOf(draft)], future };
}

/** Longitude and latitude of a typed text: "116.3913, 39.9075", also with a Chinese comma or a space; null: neither. */
export function typedPosition(text: string): Position | null {
  const parts = text.trim().split(/[\s,，;；]+/);
  const [lon, lat] = parts.map(Number);
  if (parts.length !== 2 || lon === undefined || lat === undefined || parts.includes("")) return null;
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [lon, lat] : null;
}

function stepped(draft: Draft, step: Step): Draft {
  return { ...step, past: [...draft.past, stepOf(draft)].slice(-MOST_STEPS), future: [] };
}

function stepOf({ corners, chosen }: Draft): Step {
  return { corners, chosen };
}

function rounded([lon, lat]: Position): Position {
  return [Number(lon.toFixed(DECIMALS)), Number(lat.toFixed(DECIMALS))];
}
