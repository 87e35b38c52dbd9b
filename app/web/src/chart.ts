/** The NDVI curve: what was seen and how clearly, with the marks of the season. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import type { Cycle } from "./api";
import { CLEAR_FROM, seasonMarks, type Observation } from "./curve";
import { formatDay, formatNumber, formatShare, formatShortDay } from "./format";
import type { Speech } from "./i18n";

const CURVE = "#1c6b57";
const INK = "#5c665f";
const GRID = "#e4e6e0";
const HEIGHT = 186;
const FONT = '11px system-ui, "Noto Sans CJK SC", sans-serif';

/** Draw the curve; returns the call that takes it down. */
export function drawChart(host: HTMLElement, rows: Observation[], cycles: readonly Cycle[], season: [string, string], speech: Speech, read: (text: string) => void): () => void {
  const seconds = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000;
  const line = rows.map((row) => (row.ndvi !== null && row.clear >= CLEAR_FROM ? row.ndvi : null));
  const lowest = Math.min(0, ...rows.map((row) => row.ndvi ?? 0));
  const options: uPlot.Options = {
    width: Math.max(host.clientWidth, 240),
    height: HEIGHT,
    padding: [26, 10, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: { x: { range: [seconds(season[0]), seconds(season[1])] }, y: { range: [Math.floor(lowest * 5) / 5, 1] } },
    axes: [
      { stroke: INK, font: FONT, grid: { show: false }, ticks: { stroke: GRID, size: 4 }, size: 26, space: 46, values: (_, marks) => marks.map((mark) => month(mark, speech)) },
      { stroke: INK, font: FONT, grid: { stroke: GRID, width: 1 }, ticks: { show: false }, size: 32, incrs: [0.2, 0.5], values: (_, marks) => marks.map((mark) => mark.toFixed(1)) },
    ],
    series: [{}, { stroke: CURVE, width: 1.8, spanGaps: true, points: { show: false } }],
    hooks: {
      drawClear: [(plot) => drawCycles(plot, cycles, speech)],
      draw: [(plot) => drawDots(plot, rows)],
      setCursor: [(plot) => read(readout(rows, plot.cursor.idx ?? null, speech))],
    },
  };
  const plot = new uPlot(options, [rows.map((row) => row.seconds), line], host);
  const watcher = new ResizeObserver(() => plot.setSize({ width: Math.max(host.clientWidth, 240), height: HEIGHT }));
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
export function drawDots(plot: uPlot, rows: readonly Observation[]): void {
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
    ctx.strokeStyle = clear ? "#ffffff" : "#7c8780";
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

/** Each cycle as a pale band from start to end, its marks as lines; peaks are labelled first, the rest where there is room. */
function drawCycles(plot: uPlot, cycles: readonly Cycle[], speech: Speech): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  const at = (day: string): number => plot.valToPos(Date.parse(`${day}T00:00:00Z`) / 1000, "x", true);
  ctx.save();
  for (const { sos, eos } of cycles) {
    if (!sos || !eos) continue;
    ctx.fillStyle = "rgba(28, 107, 87, 0.07)";
    ctx.fillRect(at(sos), bbox.top, at(eos) - at(sos), bbox.height);
  }
  ctx.font = FONT.replace("11px", `${10.5 * scale}px`);
  ctx.textAlign = "center";
  const taken: [number, number][] = [];
  for (const { day, name } of seasonMarks(cycles)) {
    const x = at(day);
    ctx.fillStyle = name === "pos" ? "#b9842b" : "#7c9b8f";
    ctx.fillRect(x - scale / 2, bbox.top - 3 * scale, scale, bbox.height + 3 * scale);
    const lines = [speech.say(name), formatShortDay(day, speech.language)];
    const half = Math.max(...lines.map((line) => ctx.measureText(line).width)) / 2 + 3 * scale;
    const middle = Math.min(Math.max(x, half), ctx.canvas.width - half);
    if (taken.some(([left, right]) => middle - half < right && middle + half > left)) continue;
    taken.push([middle - half, middle + half]);
    ctx.fillStyle = "#46524b";
    lines.forEach((line, row) => ctx.fillText(line, middle, bbox.top - (17 - 11 * row) * scale));
  }
  ctx.restore();
}
