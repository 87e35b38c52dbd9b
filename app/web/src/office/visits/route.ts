/** The order in which to drive to parcels: from the nearest to the next, then made shorter where two legs cross. */
import { distanceM, type Position } from "../ground/geodesy";

/**
 * Order of stops of a round that begins at the first of them and ends anywhere; indexes. Nearest neighbour first, then
 * 2-opt: a stretch is turned round as long as that makes the way shorter. It is short, not the shortest.
 */
export function routeOf(stops: readonly Position[], start: Position | null = null): number[] {
  if (stops.length === 0) return [];
  const order = nearest(stops, start);
  const way = (one: number | undefined, other: number | undefined): number => {
    const [a, b] = [one === undefined ? start : stops[one], other === undefined ? null : stops[other]];
    return a && b ? distanceM(a, b) : 0;
  };
  const fixed = start === null ? 1 : 0;
  for (let shorter = true; shorter; ) {
    shorter = false;
    for (let from = fixed; from < order.length - 1; from += 1)
      for (let to = from + 1; to < order.length; to += 1) {
        const [before, first, last, after] = [order[from - 1], order[from], order[to], order[to + 1]];
        if (way(before, last) + way(first, after) < way(before, first) + way(last, after) - 1e-6) {
          order.splice(from, to - from + 1, ...order.slice(from, to + 1).reverse());
          shorter = true;
        }
      }
  }
  return order;
}

function nearest(stops: readonly Position[], start: Position | null): number[] {
  const left = new Set(stops.keys());
  const order: number[] = [];
  let here = start ?? stops[0] ?? null;
  while (left.size > 0 && here !== null) {
    const from: Position = here;
    const next = [...left].reduce((best, at) => (gap(from, stops[at]) < gap(from, stops[best]) ? at : best));
    order.push(next);
    left.delete(next);
    here = stops[next] ?? null;
  }
  return order;
}

function gap(from: Position, to: Position | undefined): number {
  return to === undefined ? Infinity : distanceM(from, to);
}
