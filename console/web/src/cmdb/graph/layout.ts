import { columnPlaces } from './columnPlaces.ts';
import { orderLayers } from './orderLayers.ts';
import type { Slot } from './slot.ts';

/** What is drawn at one place; sizes in px. */
export interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

/** A line of the drawing, in the direction in which failure travels. */
export interface Line {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  /** Centre of each box. */
  readonly places: ReadonlyMap<string, Point>;
  /** The way of each line from the edge of one box to the edge of the other. */
  readonly ways: ReadonlyMap<string, readonly Point[]>;
  /** The boxes of each layer from top to bottom, the layers from left to right. */
  readonly layers: readonly (readonly string[])[];
  readonly width: number;
  readonly height: number;
}

const BETWEEN_LAYERS = 96;
/** Room beside the outermost boxes for what is said of them. */
const SIDE = 52;
const MARGIN = 20;

/**
 * Lays a graph out in layers, so that lines lead from left to right: circles are broken, every line is cut into pieces
 * from layer to layer, layers are ordered to cross few of them, and boxes are moved up and down to straighten them.
 *
 * @remarks O(rounds · pieces · log) for some hundred boxes; the same input always gives the same drawing
 * @see K. Sugiyama, S. Tagawa, M. Toda, IEEE Trans. SMC 11 (1981) 109-125
 */
export function layered(boxes: readonly Box[], lines: readonly Line[]): Layout {
  const known = new Set(boxes.map(({ id }) => id));
  const drawn = lines.filter(({ from, to }) => from !== to && known.has(from) && known.has(to));
  const turned = backLines(boxes, drawn);
  const forward = drawn.map((line) => (turned.has(line) ? { ...line, from: line.to, to: line.from } : line));
  const layerOf = layersOf(boxes, forward);
  const slots = new Map<string, Slot>();
  const layers: Slot[][] = [];
  const put = (id: string, layer: number, box: Box | null): Slot => {
    const size = box ?? { width: 0, height: 0 };
    const slot: Slot = { id, width: size.width, height: size.height, isBox: box !== null, before: [], after: [] };
    while (layers.length <= layer) layers.push([]);
    layers[layer]!.push(slot);
    return slot;
  };
  for (const box of boxes) slots.set(box.id, put(box.id, layerOf.get(box.id)!, box));
  const chains = new Map<string, Slot[]>();
  for (const { id, from, to } of forward) {
    const chain = [slots.get(from)!];
    for (let layer = layerOf.get(from)! + 1; layer < layerOf.get(to)!; layer++)
      chain.push(put(`${id} ${layer}`, layer, null));
    chain.push(slots.get(to)!);
    for (let i = 1; i < chain.length; i++) {
      chain[i - 1]!.after.push(chain[i]!);
      chain[i]!.before.push(chain[i - 1]!);
    }
    chains.set(id, chain);
  }
  const ordered = orderLayers(layers);
  const heights = columnPlaces(ordered);
  return drawing(ordered, heights, chains, drawn, turned);
}

/** Lines that close a circle, found in the order of the boxes. */
function backLines(boxes: readonly Box[], lines: readonly Line[]): Set<Line> {
  const out = new Map<string, Line[]>(boxes.map(({ id }) => [id, []]));
  for (const line of lines) out.get(line.from)!.push(line);
  const entered = new Set(lines.map(({ to }) => to));
  const state = new Map<string, 'open' | 'done'>();
  const back = new Set<Line>();
  // Whatever nothing leads to is begun with, so that circles are entered where failure enters them.
  const starts = [...boxes.filter(({ id }) => !entered.has(id)), ...boxes];
  for (const { id: start } of starts) {
    if (state.has(start)) continue;
    const path: { id: string; next: number }[] = [{ id: start, next: 0 }];
    state.set(start, 'open');
    while (path.length > 0) {
      const at = path.at(-1)!;
      const line = out.get(at.id)![at.next++];
      if (line === undefined) {
        state.set(at.id, 'done');
        path.pop();
        continue;
      }
      const met = state.get(line.to);
      if (met === 'open') back.add(line);
      if (met !== undefined) continue;
      state.set(line.to, 'open');
      path.push({ id: line.to, next: 0 });
    }
  }
  return back;
}

/** The layer of each box: right of all that leads to it, and no farther from what it leads to than it must. */
function layersOf(boxes: readonly Box[], lines: readonly Line[]): Map<string, number> {
  const out = new Map<string, string[]>(boxes.map(({ id }) => [id, []]));
  const waiting = new Map<string, number>(boxes.map(({ id }) => [id, 0]));
  for (const { from, to } of lines) {
    out.get(from)!.push(to);
    waiting.set(to, waiting.get(to)! + 1);
  }
  const layer = new Map<string, number>();
  const order = boxes.filter(({ id }) => waiting.get(id) === 0).map(({ id }) => id);
  for (const id of order) layer.set(id, 0);
  for (let i = 0; i < order.length; i++) {
    for (const to of out.get(order[i]!)!) {
      layer.set(to, Math.max(layer.get(to) ?? 0, layer.get(order[i]!)! + 1));
      const left = waiting.get(to)! - 1;
      waiting.set(to, left);
      if (left === 0) order.push(to);
    }
  }
  const entered = new Set(lines.map(({ to }) => to));
  for (const id of order.toReversed()) {
    const next = out.get(id)!.map((to) => layer.get(to)!);
    if (next.length > 0 && !entered.has(id)) layer.set(id, Math.min(...next) - 1);
  }
  return layer;
}

function drawing(
  layers: readonly (readonly Slot[])[],
  heights: ReadonlyMap<Slot, number>,
  chains: ReadonlyMap<string, readonly Slot[]>,
  lines: readonly Line[],
  turned: ReadonlySet<Line>,
): Layout {
  const places = new Map<string, Point>();
  const centre = new Map<Slot, Point>();
  let x = SIDE;
  for (const layer of layers) {
    const width = Math.max(0, ...layer.map((slot) => slot.width));
    for (const slot of layer) {
      const place = { x: x + width / 2, y: heights.get(slot)! + MARGIN };
      centre.set(slot, place);
      if (slot.isBox) places.set(slot.id, place);
    }
    x += width + BETWEEN_LAYERS;
  }
  const ways = new Map<string, readonly Point[]>();
  for (const line of lines) {
    const chain = chains.get(line.id)!;
    const way = chain.map((slot, i) => {
      const { x: at, y } = centre.get(slot)!;
      const side = i === 0 ? 1 : i === chain.length - 1 ? -1 : 0;
      return { x: at + (side * slot.width) / 2, y };
    });
    ways.set(line.id, turned.has(line) ? way.toReversed() : way);
  }
  const bottom = Math.max(0, ...[...centre].map(([slot, { y }]) => y + slot.height / 2));
  return {
    places,
    ways,
    layers: layers.map((layer) => layer.filter(({ isBox }) => isBox).map(({ id }) => id)),
    width: Math.max(0, x - BETWEEN_LAYERS) + SIDE,
    height: bottom + MARGIN,
  };
}
