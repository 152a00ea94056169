import type { Slot } from './slot.ts';

const ROUNDS = 24;
const BETWEEN_BOXES = 18;
const BETWEEN_LINES = 10;
/** A line's passage is kept straight rather than a box is kept in its middle. */
const PASSAGE_WEIGHT = 4;

/**
 * How far down each slot stands (its centre, px): as near as can be to the middle of what it is tied to, without changing
 * the order of a layer or letting slots touch.
 */
export function columnPlaces(layers: readonly (readonly Slot[])[]): Map<Slot, number> {
  const places = new Map<Slot, number>();
  for (const layer of layers) {
    const rest = offsets(layer);
    const middle = (rest.at(-1) ?? 0) / 2;
    for (const [i, slot] of layer.entries()) places.set(slot, rest[i]! - middle);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const way = round % 2 === 0 ? layers : layers.toReversed();
    for (const layer of way) settle(layer, places);
  }
  const top = [...places].reduce((least, [slot, y]) => Math.min(least, y - slot.height / 2), Number.POSITIVE_INFINITY);
  for (const [slot, y] of places) places.set(slot, y - top);
  return places;
}

/** Centres of a layer's slots when they stand as close as they may. */
function offsets(layer: readonly Slot[]): number[] {
  const rest: number[] = [];
  for (const [i, slot] of layer.entries()) {
    const above = layer[i - 1];
    if (above === undefined) rest.push(0);
    else {
      const gap = above.isBox || slot.isBox ? BETWEEN_BOXES : BETWEEN_LINES;
      rest.push(rest[i - 1]! + (above.height + slot.height) / 2 + gap);
    }
  }
  return rest;
}

/** The least squares under the order of the layer: neighbours that push each other move as one block. */
function settle(layer: readonly Slot[], places: Map<Slot, number>): void {
  const rest = offsets(layer);
  const blocks: { first: number; weight: number; mean: number }[] = [];
  for (const [i, slot] of layer.entries()) {
    const ties = [...slot.before, ...slot.after];
    const sum = ties.reduce((total, tie) => total + places.get(tie)!, 0);
    const wanted = ties.length === 0 ? places.get(slot)! : sum / ties.length;
    let block = { first: i, weight: slot.isBox ? 1 : PASSAGE_WEIGHT, mean: wanted - rest[i]! };
    for (let above = blocks.at(-1); above !== undefined && above.mean >= block.mean; above = blocks.at(-1)) {
      blocks.pop();
      const weight = above.weight + block.weight;
      const mean = (above.mean * above.weight + block.mean * block.weight) / weight;
      block = { first: above.first, weight, mean };
    }
    blocks.push(block);
  }
  for (const [b, { first, mean }] of blocks.entries()) {
    const end = blocks[b + 1]?.first ?? layer.length;
    for (let i = first; i < end; i++) places.set(layer[i]!, mean + rest[i]!);
  }
}
