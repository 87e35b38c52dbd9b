/** The NDVI curve: what was seen and how clearly, with the marks of the season. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import type { Cycle, Series } from "./api";
import { formatDay, formatNumber, formatShare, formatShortDay } from "./format";
import type { Speech } from "./i18n";

const CURVE = "#1c6b57";
const INK = "#5c665f";
const GRID = "#e4e6e0";
const CLEAR_FROM = 0.5;
const FONT = '11px system-ui, "Noto Sans CJK SC", sans-serif';

export interface Observation {
  day: string;
  seconds: number;
  ndvi: number | null;
  clear: number;
}

/** Rows of a series, by date. */
export function observations(series: Series): Observation[] {
  return series.date.map((day, index) => ({
    day,
    seconds: Date.parse(`${day}T00:00:00Z`) / 1000,
    ndvi: series.ndvi[index] ?? null,
    clear: series.clear_share[index] ?? 0,
  }));
}

/** Dates clear enough to trust: the line runs through these. */
export function clearOnly(rows: readonly Observation[]): (Observation & { ndvi: number })[] {
  return rows.filter((row): row is Observation & { ndvi: number } => row.ndvi !== null && row.clear >= CLEAR_FROM);
}

/** Draw the curve; returns the call that takes it down. */
export function drawChart(host: HTMLElement, rows: Observation[], cycles: readonly Cycle[], season: [string, string], speech: Speech, read: (text: string) => void): () => void {
  const seconds = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000;
  const line = rows.map((row) => (row.ndvi !== null && row.clear >= CLEAR_FROM ? row.ndvi : null));
  const lowest = Math.min(0, ...rows.map((row) => row.ndvi ?? 0));
  const options: uPlot.Options = {
    width: Math.max(host.clientWidth, 240),
    height: 210,
    padding: [26, 10, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: { x: { range: [seconds(season[0]), seconds(season[1])] }, y: { range: [Math.floor(lowest * 5) / 5, 1] } },
    axes: [
      { stroke: INK, font: FONT, grid: { show: false }, ticks: { stroke: GRID, size: 4 }, size: 26, space: 46, values: (_, marks) => marks.map((mark) => month(mark, speech)) },
      { stroke: INK, font: FONT, grid: { stroke: GRID, width: 1 }, ticks: { show: false }, size: 32, values: (_, marks) => marks.map((mark) => mark.toFixed(1)) },
    ],
    series: [{}, { stroke: CURVE, width: 1.8, spanGaps: true, points: { show: false } }],
    hooks: {
      drawClear: [(plot) => drawCycles(plot, cycles, speech)],
      draw: [(plot) => drawDots(plot, rows)],
      setCursor: [(plot) => read(readout(rows, plot.cursor.idx ?? null, speech))],
    },
  };
  const plot = new uPlot(options, [rows.map((row) => row.seconds), line], host);
  const watcher = new ResizeObserver(() => plot.setSize({ width: Math.max(host.clientWidth, 240), height: 210 }));
  watcher.observe(host);
  return () => {
    watcher.disconnect();
    plot.destroy();
  };
}

function month(seconds: number, speech: Speech): string {
  const format = new Intl.DateTimeFormat(speech.language === "zh" ? "zh-CN" : "en-GB", { month: "short", timeZone: "UTC" });
  return format.format(new Date(seconds * 1000));
}

function readout(rows: readonly Observation[], index: number | null, speech: Speech): string {
  const row = index === null ? undefined : rows[index];
  if (!row) return speech.say("readoutHint");
  const day = formatDay(row.day, speech.language);
  if (row.ndvi === null) return speech.say("readoutCloudy", { day });
  return speech.say("readout", { day, ndvi: formatNumber(row.ndvi, speech.language, 2), clear: formatShare(row.clear, speech.language) });
}

/** Filled by clearness, large where clear; hollow and faint where partly cloudy; a tick where nothing was seen. */
function drawDots(plot: uPlot, rows: readonly Observation[]): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  ctx.save();
  for (const row of rows) {
    const x = plot.valToPos(row.seconds, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    if (row.ndvi === null) {
      ctx.fillStyle = "#b9beb8";
      ctx.fillRect(x - scale / 2, bbox.top + bbox.height - 5 * scale, scale, 5 * scale);
      continue;
    }
    const clear = row.clear >= CLEAR_FROM;
    ctx.beginPath();
    ctx.arc(x, plot.valToPos(row.ndvi, "y", true), (clear ? 1.6 + 2.2 * row.clear : 2.4) * scale, 0, 2 * Math.PI);
    ctx.lineWidth = scale;
    ctx.fillStyle = clear ? CURVE : "#ffffff";
    ctx.strokeStyle = clear ? "#ffffff" : "#a9b2ab";
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

/** Each cycle as a pale band from start to end, its three marks as lines with their dates. */
function drawCycles(plot: uPlot, cycles: readonly Cycle[], speech: Speech): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const at = (day: string): number => plot.valToPos(Date.parse(`${day}T00:00:00Z`) / 1000, "x", true);
  ctx.save();
  ctx.font = FONT.replace("11px", `${10.5 * scale}px`);
  ctx.textAlign = "center";
  for (const cycle of cycles) {
    if (!cycle.sos || !cycle.eos) continue;
    ctx.fillStyle = "rgba(28, 107, 87, 0.07)";
    ctx.fillRect(at(cycle.sos), bbox.top, at(cycle.eos) - at(cycle.sos), bbox.height);
    for (const [day, name] of [[cycle.sos, "sos"], [cycle.pos, "pos"], [cycle.eos, "eos"]] as const) {
      if (!day) continue;
      ctx.fillStyle = name === "pos" ? "#b9842b" : "#7c9b8f";
      ctx.fillRect(at(day) - scale / 2, bbox.top - 3 * scale, scale, bbox.height + 3 * scale);
      ctx.fillStyle = "#46524b";
      ctx.fillText(speech.say(name), at(day), bbox.top - 17 * scale);
      ctx.fillText(formatShortDay(day, speech.language), at(day), bbox.top - 6 * scale);
    }
  }
  ctx.restore();
}
