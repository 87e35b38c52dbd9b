/** A site's progress on one axis of days: what was planned, what was reported with its band, what each look measured. */
import { CLEAR_FROM } from "../../curve";
import { secondsOf, spreadOver, type Track } from "../parcel/season";
import type { MilestoneKind, SiteMeasure, SitePage } from "./answers";

type Progress = Pick<SitePage, "kind" | "built_ha" | "points" | "planned_curve" | "detail" | "watches" | "looks" | "milestones" | "as_of">;

/** One day on which images told something. `share` is what was measured, not yet what is reported. */
export interface LookPoint {
  day: string;
  seconds: number;
  share: number;
  clear: number;
}

/** Shares 0..1 at each day; see Track for gaps. */
export interface ProgressAxis {
  seconds: number[];
  planned: Track;
  low: Track;
  share: Track;
  high: Track;
}

/** Day, low, share, high. */
type Reported = [string, number, number, number];

export const M2_PER_HA = 10_000;
/** Progress of a wind farm is half pads, half towers. */
const TURBINE_PARTS = ["pads", "turbines"] as const;
const AREAS: Partial<Record<SitePage["kind"], SiteMeasure>> = { solar: "panels_m2", hydro: "water_m2", reservoir: "water_m2" };

/** The reported curve: of the latest watch, else of the watches one by one. */
export function reportedOf({ detail, watches }: Pick<Progress, "detail" | "watches">): Reported[] {
  const curve = detail?.curve ?? [];
  const told = curve.length > 0 ? curve : watches.map(({ seen_on, low, share, high }) => [seen_on, low, share, high] as const);
  return told.flatMap(([day, low, share, high]): Reported[] => (day === null || low === null || share === null || high === null ? [] : [[day, low, share, high]]));
}

export function progressAxis(site: Progress): ProgressAxis {
  const reported = reportedOf(site);
  const planned = site.planned_curve;
  const looks = lookPoints(site);
  const axis = [...new Set([...planned, ...reported].map(([day]) => day).concat(looks.map(({ day }) => day)))].sort();
  const days = reported.map(([day]) => day);
  return {
    seconds: axis.map(secondsOf),
    planned: spreadOver(axis, planned.map(([day]) => day), planned.map(([, share]) => share)),
    low: spreadOver(axis, days, reported.map(([, low]) => low)),
    share: spreadOver(axis, days, reported.map(([, , share]) => share)),
    high: spreadOver(axis, days, reported.map(([, , , high]) => high)),
  };
}

/** Looks as shares of the plan, by day; none where the plan does not say how much is to be built. */
export function lookPoints(site: Pick<Progress, "kind" | "built_ha" | "points" | "looks" | "detail">): LookPoint[] {
  const found = site.kind === "wind" ? turbineLooks(site) : areaLooks(site);
  return found.sort((one, other) => one.seconds - other.seconds);
}

function areaLooks({ kind, built_ha, looks, detail }: Pick<Progress, "kind" | "built_ha" | "looks" | "detail">): LookPoint[] {
  const whole = detail?.whole?.usual ?? (built_ha === null ? 0 : built_ha * M2_PER_HA);
  if (whole <= 0) return [];
  const wanted = AREAS[kind];
  return looks.filter(({ measure }) => measure === wanted).map(({ day, value, clear_share }) => ({ day, seconds: secondsOf(day), share: value / whole, clear: clear_share }));
}

function turbineLooks({ points, looks }: Pick<Progress, "points" | "looks">): LookPoint[] {
  if (points.length === 0) return [];
  const [pads, towers] = TURBINE_PARTS.map((part) => new Map(looks.filter(({ measure }) => measure === part).map((look) => [look.day, look])));
  return [...(pads ?? new Map())].flatMap(([day, pad]): LookPoint[] => {
    const tower = towers?.get(day);
    if (tower === undefined) return [];
    return [{ day, seconds: secondsOf(day), share: (pad.value + tower.value) / (2 * points.length), clear: Math.min(pad.clear_share, tower.clear_share) }];
  });
}

export const isClear = ({ clear }: LookPoint): boolean => clear >= CLEAR_FROM;

export interface DueMark {
  kind: MilestoneKind;
  due: number;
  /** Between these looks it was reached; null: not yet. */
  reached: [number, number] | null;
}

/** Milestones by their planned day. */
export function dueMarks({ milestones }: Pick<Progress, "milestones">): DueMark[] {
  return milestones
    .map(({ kind, due, after, by }): DueMark => ({ kind, due: secondsOf(due), reached: by === null ? null : [secondsOf(after ?? by), secondsOf(by)] }))
    .sort((one, other) => one.due - other.due);
}

/** First and last instant of the chart: all that is planned, reported and measured, with a little room. */
export function spanOf(axis: ProgressAxis, marks: readonly DueMark[], asOf: string | null): [number, number] {
  const all = [...axis.seconds, ...marks.flatMap(({ due, reached }) => [due, ...(reached ?? [])]), ...(asOf === null ? [] : [secondsOf(asOf)])];
  if (all.length === 0) return [0, 1];
  const [first, last] = [Math.min(...all), Math.max(...all)];
  const room = Math.max((last - first) * 0.02, 86_400);
  return [first - room, last + room];
}

/** Highest share that the chart must hold: a look may show more than was planned. */
export function topOf(axis: ProgressAxis, looks: readonly LookPoint[]): number {
  const most = Math.max(1, ...looks.map(({ share }) => share), ...axis.high.map((share) => share ?? 0));
  return Math.min(Math.ceil(most * 10) / 10, 1.5);
}

/** What was reported on the latest day up to an instant; null before the first. */
export function reportedAt(axis: ProgressAxis, at: number): { low: number; share: number; high: number } | null {
  for (let index = axis.seconds.length - 1; index >= 0; index -= 1) {
    const [low, share, high] = [axis.low[index], axis.share[index], axis.high[index]];
    if ((axis.seconds[index] ?? Infinity) <= at && low != null && share != null && high != null) return { low, share, high };
  }
  return null;
}
