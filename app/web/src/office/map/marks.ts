/** Signs of alert levels for the map: the shapes of the office, drawn once on a canvas. */
import { LEVEL_COLOURS, LEVELS, SHAPES } from "../alerts/levels";
import type { Level } from "../answers";
import type { Inside } from "./asking";

export const PIXEL_RATIO = 2;
const SIZE = 22;
const SHAPE = 16;

/** Level of a byte of the alert column. */
export function levelOf(byte: number): Level | null {
  return byte >= 1 && byte <= LEVELS.length ? (LEVELS[LEVELS.length - byte] ?? null) : null;
}

/** A sign with a white rim, so that it stands out from every colour. */
export function drawMark(level: Level): ImageData | null {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE * PIXEL_RATIO;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return null;
  const shape = new Path2D(SHAPES[level]);
  context.scale(PIXEL_RATIO, PIXEL_RATIO);
  context.translate((SIZE - SHAPE) / 2, (SIZE - SHAPE) / 2);
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = context.fillStyle = "#ffffff";
  context.stroke(shape);
  context.fill(shape);
  context.fillStyle = LEVEL_COLOURS[level];
  context.fill(shape, "evenodd");
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

export interface MarkPoint {
  type: "Feature";
  geometry: { type: "Point"; coordinates: [number, number] };
  properties: { level: Level; order: number; number: number };
}

/** Points of signs; where they do not fit beside each other the highest level stays. */
export function markPoints({ number, alert, lon, lat }: Inside["marks"]): MarkPoint[] {
  return number.flatMap((each, at) => {
    const byte = alert[at] ?? 0;
    const level = levelOf(byte);
    const coordinates: [number, number] = [lon[at] ?? 0, lat[at] ?? 0];
    return level === null ? [] : [{ type: "Feature", geometry: { type: "Point", coordinates }, properties: { level, order: -byte, number: each } }];
  });
}
