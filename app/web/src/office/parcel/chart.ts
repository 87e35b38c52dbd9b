/** The season as a chart: looks over the expected band and the neighbours, with markers and alerts on it. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { drawDots } from "../../chart";
import type { Observation } from "../../curve";
import { formatShortDay, localeOf } from "../../format";
import { LEVEL_COLOURS, SHAPES } from "../alerts/levels";
import type { Alert, Curve } from "../answers";
import type { OfficeSpeech } from "../words";
import { marksOf, secondsOf, steppedTo, type Axis } from "./season";

export interface SeasonOfParcel {
  curve: Curve;
  looks: Observation[];
  axis: Axis;
  alerts: readonly Alert[];
}

const COLOURS = { curve: "#1c6b57", band: "rgba(185, 132, 43, 0.20)", edge: "#b9842b", neighbours: "#4a5fa5", ink: "#56615b", grid: "#e4e6e0" };
const HEIGHT = 260;
const LEAST_WIDTH = 240;
const FONT_FAMILY = 'system-ui, "Noto Sans CJK SC", sans-serif';
const FONT = `11px ${FONT_FAMILY}`;
/** Side of the drawings of levels. */
const SHAPE = 16;

/** Draw the chart; `told` gets the look under the cursor. Returns the call that takes it down. */
export function drawSeason(host: HTMLElement, season: SeasonOfParcel, speech: OfficeSpeech, told: (look: Observation | null) => void): () => void {
  const { axis, looks } = season;
  const width = (): number => Math.max(host.clientWidth, LEAST_WIDTH);
  const plot = new uPlot(optionsOf(season, speech, width(), told), [axis.seconds, axis.low, axis.high, axis.neighbours, axis.ndvi], host);
  const watcher = new ResizeObserver(() => plot.setSize({ width: width(), height: HEIGHT }));
  watcher.observe(host);
  const keys = stepper(plot, looks);
  host.addEventListener("keydown", keys);
  return () => {
    host.removeEventListener("keydown", keys);
    watcher.disconnect();
    plot.destroy();
  };
}

function optionsOf(season: SeasonOfParcel, speech: OfficeSpeech, width: number, told: (look: Observation | null) => void): uPlot.Options {
  const { curve, looks, axis } = season;
  const lowest = Math.min(0, ...looks.map((look) => look.ndvi ?? 0));
  const edge: uPlot.Series = { stroke: COLOURS.edge, width: 1, dash: [2, 3], points: { show: false } };
  return {
    width,
    height: HEIGHT,
    padding: [34, 12, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false }, dataIdx: (_plot, _series, at) => nearestLook(axis, looks, at) },
    scales: {
      x: { range: [secondsOf(curve.season.start), secondsOf(curve.season.end)] },
      y: { range: [Math.floor(lowest * 5) / 5, 1] },
    },
    axes: [
      { stroke: COLOURS.ink, font: FONT, grid: { show: false }, ticks: { stroke: COLOURS.grid, size: 4 }, size: 26, space: 46, values: (_, marks) => marks.map((mark) => month(mark, speech)) },
      { stroke: COLOURS.ink, font: FONT, grid: { stroke: COLOURS.grid, width: 1 }, ticks: { show: false }, size: 32, incrs: [0.2, 0.5], values: (_, marks) => marks.map((mark) => mark.toFixed(1)) },
    ],
    series: [
      {},
      edge,
      edge,
      { stroke: COLOURS.neighbours, width: 1.5, dash: [7, 4], points: { show: false } },
      { stroke: COLOURS.curve, width: 2, points: { show: false } },
    ],
    bands: [{ series: [2, 1], fill: COLOURS.band }],
    hooks: {
      drawClear: [(plot) => drawMarks(plot, curve, speech)],
      draw: [(plot) => drawDots(plot, looks), (plot) => drawAlerts(plot, season.alerts)],
      setCursor: [(plot) => told(lookAt(plot, looks))],
    },
  };
}

/** Place on the axis of the look next to another place: the cursor stops at looks only. */
function nearestLook(axis: Axis, looks: readonly Observation[], at: number): number {
  const x = axis.seconds[at] ?? 0;
  const nearest = looks.reduce<Observation | null>((best, look) => (best === null || Math.abs(look.seconds - x) < Math.abs(best.seconds - x) ? look : best), null);
  return nearest === null ? at : axis.seconds.indexOf(nearest.seconds);
}

function lookAt(plot: uPlot, looks: readonly Observation[]): Observation | null {
  const left = plot.cursor.left ?? -1;
  if (left < 0) return null;
  const x = plot.posToVal(left, "x");
  return looks.reduce<Observation | null>((best, look) => (best === null || Math.abs(look.seconds - x) < Math.abs(best.seconds - x) ? look : best), null);
}

function stepper(plot: uPlot, looks: readonly Observation[]): (event: KeyboardEvent) => void {
  return (event) => {
    const now = lookAt(plot, looks);
    const at = steppedTo(event.key, now === null ? null : looks.indexOf(now), looks.length);
    if (at === null) return;
    event.preventDefault();
    const next = looks[at];
    if (next) plot.setCursor({ left: plot.valToPos(next.seconds, "x"), top: 0 });
  };
}

function month(seconds: number, speech: OfficeSpeech): string {
  return new Intl.DateTimeFormat(localeOf(speech.language), { month: "short", timeZone: "UTC" }).format(new Date(seconds * 1000));
}

/** Markers of growth as lines with their names above, where there is room. */
function drawMarks(plot: uPlot, curve: Curve, speech: OfficeSpeech): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  let taken = -Infinity;
  ctx.save();
  ctx.font = `${10.5 * scale}px ${FONT_FAMILY}`;
  ctx.textAlign = "center";
  for (const { seconds, day, kind } of marksOf(curve)) {
    const x = plot.valToPos(seconds, "x", true);
    ctx.fillStyle = "#7c9b8f";
    ctx.fillRect(x - scale / 2, bbox.top - 3 * scale, scale, bbox.height + 3 * scale);
    const lines = [speech.say(`marker_${kind}`), formatShortDay(day, speech.language)];
    const half = Math.max(...lines.map((line) => ctx.measureText(line).width)) / 2 + 3 * scale;
    const middle = Math.min(Math.max(x, half), ctx.canvas.width - half);
    if (middle - half < taken) continue;
    taken = middle + half;
    ctx.fillStyle = "#46524b";
    lines.forEach((line, row) => ctx.fillText(line, middle, bbox.top - (19 - 12 * row) * scale));
  }
  ctx.restore();
}

/** Each alert on the day of its opening, by the shape of its level, at the foot of the chart. */
function drawAlerts(plot: uPlot, alerts: readonly Alert[]): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  for (const { opened_on, level } of alerts) {
    const x = plot.valToPos(secondsOf(opened_on), "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.save();
    ctx.fillStyle = LEVEL_COLOURS[level];
    ctx.fillRect(x - scale, bbox.top + bbox.height - 44 * scale, 2 * scale, 44 * scale);
    ctx.translate(x - (SHAPE / 2) * scale, bbox.top + bbox.height - (44 + SHAPE) * scale);
    ctx.scale(scale, scale);
    ctx.fill(new Path2D(SHAPES[level]), "evenodd");
    ctx.restore();
  }
}
