/** Squares of outlines: which ones a view needs, and which parcels they hold. */

/** West, south, east, north in degrees. */
export type Bounds = readonly [number, number, number, number];

const EDGE = 85.05112878;

/** Names "z/x/y" of the squares that a view touches. */
export function covering([west, south, east, north]: Bounds, zoom: number): string[] {
  const size = 2 ** zoom;
  const inside = (place: number): number => Math.min(Math.max(Math.floor(place * size), 0), size - 1);
  const names: string[] = [];
  for (let x = inside(eastward(west)); x <= inside(eastward(east)); x++)
    for (let y = inside(southward(north)); y <= inside(southward(south)); y++) names.push(squareName(zoom, x, y));
  return names;
}

export function squareName(z: number, x: number, y: number): string {
  return `${z}/${x}/${y}`;
}

/** Zoom of the squares that a map at some zoom shows. */
export function squareZoom(zoom: number, shallowest: number, deepest: number): number {
  return Math.min(Math.max(Math.floor(zoom), shallowest), deepest);
}

function eastward(longitude: number): number {
  return (longitude + 180) / 360;
}

function southward(latitude: number): number {
  const radians = (Math.min(Math.max(latitude, -EDGE), EDGE) * Math.PI) / 180;
  return (1 - Math.asinh(Math.tan(radians)) / Math.PI) / 2;
}

/**
 * Numbers of the parcels of a square: all values of its one layer, since the number is the only property. Features and
 * their geometry are not looked at. The format is Mapbox Vector Tile 2.1: tile.layers = 3, layer.values = 4.
 */
export function numbersOf(square: Uint8Array): Uint32Array {
  const numbers: number[] = [];
  for (const layer of fields(square, 3)) for (const value of fields(layer, 4)) numbers.push(numberOf(value));
  return Uint32Array.from(numbers);
}

const BYTES = 2;
const VARINT = 0;

/** The pieces of bytes of one field of a message. */
function* fields(message: Uint8Array, wanted: number): Generator<Uint8Array> {
  let at = 0;
  while (at < message.length) {
    const [key, afterKey] = varint(message, at);
    const kind = key & 7;
    if (kind === BYTES) {
      const [length, from] = varint(message, afterKey);
      if (key >>> 3 === wanted) yield message.subarray(from, from + length);
      at = from + length;
    } else at = afterwards(message, kind, afterKey);
  }
}

function afterwards(message: Uint8Array, kind: number, at: number): number {
  if (kind === VARINT) return varint(message, at)[1];
  if (kind === 1) return at + 8;
  if (kind === 5) return at + 4;
  throw new Error(`a square holds a field of kind ${kind}`);
}

/** A whole number above zero, however it was written: int, uint or sint. */
function numberOf(value: Uint8Array): number {
  const [key, from] = varint(value, 0);
  const [number] = varint(value, from);
  return key >>> 3 === 6 ? number / 2 : number;
}

function varint(message: Uint8Array, start: number): [number, number] {
  let value = 0;
  let scale = 1;
  for (let at = start; at < message.length; at++) {
    const byte = message[at] ?? 0;
    value += (byte & 127) * scale;
    if (byte < 128) return [value, at + 1];
    scale *= 128;
  }
  throw new Error("a square ends within a number");
}
