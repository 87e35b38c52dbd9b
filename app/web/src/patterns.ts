/** Hatches as small repeating images, drawn pixel by pixel. */
import type { Pattern } from "./palette";

export const TILE = 16;

export interface Hatch {
  width: number;
  height: number;
  data: Uint8ClampedArray<ArrayBuffer>;
}

type Inside = (x: number, y: number) => boolean;

const STROKE = 2;
const every = (step: number, at: number): boolean => ((at % step) + step) % step < STROKE;

const INSIDE: Record<Exclude<Pattern, "none">, Inside> = {
  diagonal: (x, y) => every(8, x + y),
  reverse: (x, y) => every(8, x - y),
  cross: (x, y) => every(16, x + y) || every(16, x - y),
  dots: (x, y) => Math.hypot((x % 8) - 3.5, (y % 8) - 3.5) < 1.9,
  horizontal: (_, y) => every(8, y),
  vertical: (x) => every(8, x),
  sparse: (x, y) => every(16, x + y),
  grid: (x, y) => every(8, x) || every(8, y),
};

/** Hatch in one colour on clear ground; it repeats without a seam. */
export function hatch(pattern: Exclude<Pattern, "none">, [red, green, blue, alpha]: readonly [number, number, number, number]): Hatch {
  const data = new Uint8ClampedArray(TILE * TILE * 4);
  for (let y = 0; y < TILE; y++)
    for (let x = 0; x < TILE; x++) if (INSIDE[pattern](x, y)) data.set([red, green, blue, alpha], (y * TILE + x) * 4);
  return { width: TILE, height: TILE, data };
}

/** The hatch as the background of a legend swatch. */
export function paintSwatch(canvas: HTMLCanvasElement, colour: string, pattern: Pattern): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  context.fillStyle = colour;
  context.fillRect(0, 0, canvas.width, canvas.height);
  if (pattern === "none") return;
  const image = hatch(pattern, inkOn(pattern));
  const tile = document.createElement("canvas");
  tile.width = tile.height = TILE;
  tile.getContext("2d")?.putImageData(new ImageData(image.data, TILE, TILE), 0, 0);
  const fill = context.createPattern(tile, "repeat");
  if (!fill) return;
  context.fillStyle = fill;
  context.fillRect(0, 0, canvas.width, canvas.height);
}

/** Ink that shows on the colour a pattern goes with. */
export function inkOn(pattern: Pattern): readonly [number, number, number, number] {
  const onDark: Pattern[] = ["horizontal", "grid", "reverse"];
  return onDark.includes(pattern) ? [255, 255, 255, 190] : [25, 30, 28, 170];
}
