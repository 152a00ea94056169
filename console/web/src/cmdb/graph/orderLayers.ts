import type { Slot } from './slot.ts';

const ROUNDS = 12;

/** Orders each layer so that few lines cross: by the middle of what each slot is tied to, to and fro; the best order seen counts. */
export function orderLayers(layers: readonly (readonly Slot[])[]): Slot[][] {
  let now = layers.map((layer) => [...layer]);
  let best = now.map((layer) => [...layer]);
  let fewest = crossings(now);
  for (let round = 0; round < ROUNDS && fewest > 0; round++) {
    const forward = round % 2 === 0;
    const way = forward ? [...now.keys()].slice(1) : [...now.keys()].slice(0, -1).toReversed();
    for (const at of way) {
      const fixed = placesIn(now[forward ? at - 1 : at + 1]!);
      now = now.with(at, byMiddle(now[at]!, fixed, forward));
    }
    const count = crossings(now);
    if (count >= fewest) continue;
    fewest = count;
    best = now.map((layer) => [...layer]);
  }
  return best;
}

function placesIn(layer: readonly Slot[]): Map<Slot, number> {
  return new Map(layer.map((slot, place) => [slot, place]));
}

/** Slots by the mean place of their ties; one without ties keeps its place. */
function byMiddle(layer: readonly Slot[], fixed: ReadonlyMap<Slot, number>, forward: boolean): Slot[] {
  const middles = layer.map((slot, place) => {
    const ties = forward ? slot.before : slot.after;
    const sum = ties.reduce((total, tie) => total + fixed.get(tie)!, 0);
    return { slot, middle: ties.length === 0 ? place : sum / ties.length };
  });
  return middles.sort((a, b) => a.middle - b.middle).map(({ slot }) => slot);
}

/** Pairs of lines that cross, over all layers. O(lines · log) by counting inversions. */
export function crossings(layers: readonly (readonly Slot[])[]): number {
  let count = 0;
  for (let at = 1; at < layers.length; at++) {
    const place = placesIn(layers[at]!);
    const ends = layers[at - 1]!.flatMap((slot) => slot.after.map((tie) => place.get(tie)!).sort((a, b) => a - b));
    count += inversions(ends);
  }
  return count;
}

function inversions(values: readonly number[]): number {
  const most = Math.max(0, ...values) + 1;
  const tree = new Int32Array(most + 1);
  let count = 0;
  for (let i = values.length - 1; i >= 0; i--) {
    for (let at = values[i]!; at > 0; at -= at & -at) count += tree[at]!;
    for (let at = values[i]! + 1; at <= most; at += at & -at) tree[at]! += 1;
  }
  return count;
}
