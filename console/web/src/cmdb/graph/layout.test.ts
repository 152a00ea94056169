import { expect, test } from 'vitest';
import { type Box, type Line, layered } from './layout.ts';

const box = (id: string, height = 40): Box => ({ id, width: 100, height });
const line = (path: string): Line => ({ id: path, from: path.split('>')[0]!, to: path.split('>')[1]! });

/** Boxes of one layer never touch, and stand within the drawing. */
function expectApart(boxes: readonly Box[], layout: ReturnType<typeof layered>): void {
  const height = new Map(boxes.map((one) => [one.id, one.height]));
  for (const layer of layout.layers) {
    for (const [i, id] of layer.entries()) {
      const { y } = layout.places.get(id)!;
      expect(y - height.get(id)! / 2).toBeGreaterThanOrEqual(0);
      expect(y + height.get(id)! / 2).toBeLessThanOrEqual(layout.height);
      if (i === 0) continue;
      const above = layer[i - 1]!;
      const gap = y - layout.places.get(above)!.y - (height.get(id)! + height.get(above)!) / 2;
      expect(gap).toBeGreaterThanOrEqual(10 - 1e-9);
    }
  }
}

test('failure travels from left to right, and a box stands beside what it leads to', () => {
  const boxes = ['switch', 'web1', 'web2', 'shop', 'disk'].map((id) => box(id));
  const lines = ['switch>web1', 'switch>web2', 'web1>shop', 'web2>shop', 'disk>shop'].map(line);
  const layout = layered(boxes, lines);
  expect(layout.layers.map((layer) => layer.toSorted())).toEqual([['switch'], ['disk', 'web1', 'web2'], ['shop']]);
  expect(layout.places.get('switch')!.y).toBeCloseTo(
    (layout.places.get('web1')!.y + layout.places.get('web2')!.y) / 2,
    0,
  );
  expectApart(boxes, layout);
});

test('a circle is broken, and the line that was turned still ends where it ends', () => {
  const layout = layered([box('a'), box('b'), box('c')], ['a>b', 'b>c', 'c>a'].map(line));
  expect(layout.layers).toEqual([['a'], ['b'], ['c']]);
  const back = layout.ways.get('c>a')!;
  expect(back[0]!.x).toBeGreaterThan(back.at(-1)!.x);
  expect(back.at(-1)!.y).toBe(layout.places.get('a')!.y);
});

test('crossings that can be avoided are avoided', () => {
  const boxes = ['a', 'b', 'c', 'x', 'y', 'z'].map((id) => box(id));
  const layout = layered(boxes, ['a>z', 'b>y', 'c>x'].map(line));
  const [left, right] = layout.layers as [string[], string[]];
  const partner = { a: 'z', b: 'y', c: 'x' } as Record<string, string>;
  expect(right).toEqual(left.map((id) => partner[id]));
});

test('a long line passes between the boxes of the layers on its way', () => {
  const boxes = ['a', 'b', 'c', 'd'].map((id) => box(id));
  const layout = layered(boxes, ['a>b', 'b>c', 'c>d', 'a>d'].map(line));
  const way = layout.ways.get('a>d')!;
  expect(way).toHaveLength(4);
  for (const id of ['b', 'c']) {
    const { x, y } = layout.places.get(id)!;
    const passage = way.find((point) => point.x === x)!;
    expect(Math.abs(passage.y - y)).toBeGreaterThan(20);
  }
});

test('three hundred boxes in one picture stay apart, whatever ties them, the same each time', () => {
  const boxes = Array.from({ length: 300 }, (_, i) => box(`n${i}`, 30 + (i % 3) * 10));
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  const lines = Array.from({ length: 500 }, (_, i) => ({
    id: `l${i}`,
    from: `n${random(300)}`,
    to: `n${random(300)}`,
  }));
  const layout = layered(boxes, lines);
  expect(layout.places.size).toBe(300);
  expectApart(boxes, layout);
  expect(layered(boxes, lines)).toEqual(layout);
  for (const { id, from, to } of lines) if (from !== to) expect(layout.ways.get(id)!.length).toBeGreaterThan(1);
});

test('nothing is a drawing too', () => {
  expect(layered([], []).layers).toEqual([]);
});
