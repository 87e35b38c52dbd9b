/** The S-curve as a chart: planned, reported with its bounds, what looks measured, milestones, the day it is as of. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatShare, localeOf } from "../../format";
import { secondsOf, steppedTo } from "../parcel/season";
import type { OfficeSpeech } from "../words";
import { dueMarks, isClear, lookPoints, progressAxis, spanOf, topOf, type DueMark, type LookPoint, type ProgressAxis } from "./curve";
import type { SitePage } from "./answers";

const COLOURS = { planned: "#4a5fa5", reported: "#1c6b57", band: "rgba(28, 107, 87, 0.16)", edge: "#7fa698", look: "#8a5a10", ink: "#56615b", grid: "#e4e6e0", due: "#7c6a9b", asOf: "#7d0f1c" };
const HEIGHT = 300;
const LEAST_WIDTH = 240;
const FONT_FAMILY = 'system-ui, "Noto Sans CJK SC", sans-serif';
const FONT = `11px ${FONT_FAMILY}`;
/** A year and a half: from there on marks of the axis name the year. */
const LONG_S = 550 * 86_400;

interface Drawn {
  axis: ProgressAxis;
  looks: LookPoint[];
  marks: DueMark[];
  asOf: number | null;
  speech: OfficeSpeech;
}

/** Draw the chart; `told` gets the place on the axis under the cursor. Returns the call that takes it down. */
export function drawProgress(host: HTMLElement, site: SitePage, speech: OfficeSpeech, stops: readonly number[], told: (at: number | null) => void): () => void {
  const drawn: Drawn = { axis: progressAxis(site), looks: lookPoints(site), marks: dueMarks(site), asOf: site.as_of === null ? null : secondsOf(site.as_of), speech };
  const width = (): number => Math.max(host.clientWidth, LEAST_WIDTH);
  const { axis } = drawn;
  const plot = new uPlot(optionsOf(drawn, spanOf(axis, drawn.marks, site.as_of), width(), stops, told), [axis.seconds, axis.low, axis.high, axis.planned, axis.share], host);
  const watcher = new ResizeObserver(() => plot.setSize({ width: width(), height: HEIGHT }));
  watcher.observe(host);
  const keys = stepper(plot, stops);
  host.addEventListener("keydown", keys);
  return () => {
    host.removeEventListener("keydown", keys);
    watcher.disconnect();
    plot.destroy();
  };
}

function optionsOf(drawn: Drawn, span: [number, number], width: number, stops: readonly number[], told: (at: number | null) => void): uPlot.Options {
  const { axis, looks, speech } = drawn;
  const edge: uPlot.Series = { stroke: COLOURS.edge, width: 1, dash: [2, 3], spanGaps: true, points: { show: false } };
  const ticks = { stroke: COLOURS.ink, font: FONT, ticks: { stroke: COLOURS.grid, size: 4 } };
  return {
    width,
    height: HEIGHT,
    padding: [46, 14, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false }, dataIdx: (_plot, _series, at) => axis.seconds.indexOf(nearest(stops, axis.seconds[at] ?? 0) ?? NaN) },
    scales: { x: { range: span }, y: { range: [0, topOf(axis, looks)] } },
    axes: [
      { ...ticks, grid: { show: false }, size: 26, space: 58, values: (_, marks) => marks.map((mark) => month(mark, span[1] - span[0] > LONG_S, speech)) },
      { ...ticks, grid: { stroke: COLOURS.grid, width: 1 }, ticks: { show: false }, size: 44, incrs: [0.25], values: (_, marks) => marks.map((mark) => formatShare(mark, speech.language)) },
    ],
    series: [
      {},
      edge,
      edge,
      { stroke: COLOURS.planned, width: 2, dash: [8, 4], spanGaps: true, points: { show: false } },
      { stroke: COLOURS.reported, width: 2.2, spanGaps: true, points: { show: false } },
    ],
    bands: [{ series: [2, 1], fill: COLOURS.band }],
    hooks: {
      drawClear: [(plot) => drawDue(plot, drawn)],
      draw: [(plot) => drawLooks(plot, looks), (plot) => drawAsOf(plot, drawn), (plot) => nameDue(plot, drawn)],
      setCursor: [(plot) => told(pointedAt(plot, stops))],
    },
  };
}

function nearest(stops: readonly number[], x: number): number | null {
  return stops.reduce<number | null>((best, stop) => (best === null || Math.abs(stop - x) < Math.abs(best - x) ? stop : best), null);
}

function pointedAt(plot: uPlot, stops: readonly number[]): number | null {
  const left = plot.cursor.left ?? -1;
  return left < 0 ? null : nearest(stops, plot.posToVal(left, "x"));
}

function stepper(plot: uPlot, stops: readonly number[]): (event: KeyboardEvent) => void {
  return (event) => {
    const now = pointedAt(plot, stops);
    const at = steppedTo(event.key, now === null ? null : stops.indexOf(now), stops.length);
    const next = at === null ? undefined : stops[at];
    if (next === undefined) return;
    event.preventDefault();
    plot.setCursor({ left: plot.valToPos(next, "x"), top: 0 });
  };
}

function month(seconds: number, long: boolean, speech: OfficeSpeech): string {
  const style: Intl.DateTimeFormatOptions = long ? { month: "short", year: "2-digit" } : { month: "short" };
  return new Intl.DateTimeFormat(localeOf(speech.language), { ...style, timeZone: "UTC" }).format(new Date(seconds * 1000));
}

/** What looks measured: filled where clear, hollow where part of the site was hidden. */
function drawLooks(plot: uPlot, looks: readonly LookPoint[]): void {
  const { ctx } = plot;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = COLOURS.look;
  ctx.lineWidth = 1.3 * scale;
  for (const look of looks) {
    ctx.beginPath();
    ctx.arc(plot.valToPos(look.seconds, "x", true), plot.valToPos(look.share, "y", true), (isClear(look) ? 2.8 : 2.4) * scale, 0, 2 * Math.PI);
    ctx.fillStyle = isClear(look) ? COLOURS.look : "#ffffff";
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

/** Planned days of milestones as lines; when they were reached as bars at the foot. */
function drawDue(plot: uPlot, { marks }: Drawn): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const [at, foot] = [(seconds: number): number => plot.valToPos(seconds, "x", true), bbox.top + bbox.height];
  ctx.save();
  ctx.fillStyle = COLOURS.due;
  for (const { due, reached } of marks) {
    dashed(ctx, at(due), bbox.top - 4 * scale, foot, scale);
    if (reached) ctx.fillRect(at(reached[0]), foot - 7 * scale, Math.max(at(reached[1]) - at(reached[0]), 3 * scale), 7 * scale);
  }
  ctx.restore();
}

/** Names of milestones in two rows above the chart, those without room left out; what runs behind them is cut off. */
function nameDue(plot: uPlot, { marks, speech }: Drawn): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const taken = [-Infinity, -Infinity];
  ctx.save();
  ctx.font = `${10.5 * scale}px ${FONT_FAMILY}`;
  ctx.textAlign = "center";
  ctx.lineJoin = "round";
  ctx.lineWidth = 4 * scale;
  ctx.strokeStyle = "#ffffff";
  ctx.fillStyle = "#46524b";
  for (const { kind, due } of marks) {
    const label = speech.say(`sitesMilestone_${kind}`);
    const half = ctx.measureText(label).width / 2 + 4 * scale;
    const middle = Math.min(Math.max(plot.valToPos(due, "x", true), half), ctx.canvas.width - half);
    const row = taken.findIndex((right) => middle - half >= right);
    if (row < 0) continue;
    taken[row] = middle + half;
    const height = bbox.top - (8 + 13 * row) * scale;
    ctx.strokeText(label, middle, height);
    ctx.fillText(label, middle, height);
  }
  ctx.restore();
}

function drawAsOf(plot: uPlot, { asOf, speech }: Drawn): void {
  if (asOf === null) return;
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const x = plot.valToPos(asOf, "x", true);
  ctx.save();
  ctx.fillStyle = COLOURS.asOf;
  ctx.fillRect(x - 0.75 * scale, bbox.top - 30 * scale, 1.5 * scale, bbox.height + 30 * scale);
  ctx.font = `600 ${10.5 * scale}px ${FONT_FAMILY}`;
  const label = speech.say("sitesKeyAsOf");
  const right = x + ctx.measureText(label).width + 6 * scale > ctx.canvas.width;
  ctx.textAlign = right ? "right" : "left";
  ctx.fillText(label, x + (right ? -4 : 4) * scale, bbox.top - 34 * scale);
  ctx.restore();
}

function dashed(ctx: CanvasRenderingContext2D, x: number, top: number, foot: number, scale: number): void {
  for (let y = top; y < foot; y += 6 * scale) ctx.fillRect(x - scale / 2, y, scale, Math.min(3 * scale, foot - y));
}
