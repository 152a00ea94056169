import { expect, test } from 'vitest';
import { BEARING_COMBS_FEATURES } from '../../models/features/bearingCombs.ts';
import { seededRandom } from '../../models/training/random.ts';
import { drawConfusion } from './confusion.ts';
import { accuracy, rotate, wholeSizes } from './rotation.ts';
import { CLASSES, type FaultClass, type Window } from './windows.ts';

const random = seededRandom(11);

/** Windows of one record: a class shows in a feature of its own. */
function record(name: string, label: FaultClass, sizeMil: number, count = 16): Window[] {
  return Array.from({ length: count }, (_, index) => {
    const row = Float32Array.from(BEARING_COMBS_FEATURES, () => random.normal());
    row[CLASSES.indexOf(label)]! += 6;
    return { record: name, index, label, sizeMil, row };
  });
}
const set = (size: number) =>
  (['inner', 'outer', 'ball'] as const).flatMap((label) => record(`${label}-${size}`, label, size));
const windows = [
  ...set(7),
  ...set(14),
  ...set(21),
  ...record('ball-28', 'ball', 28),
  ...record('healthy-1', 'normal', 0),
  ...record('healthy-2', 'normal', 0),
];

test('a size that lacks a fault is neither trained on nor tested', () => {
  expect(wholeSizes(windows)).toEqual([7, 14, 21]);
});

test('a record is on one side only, and each faulty one is tested once over the rotations', async () => {
  const sizes = wholeSizes(windows);
  const rotations = [];
  for (const size of sizes) rotations.push(await rotate(windows, sizes, size));
  for (const { testMil, trainedMil, answers } of rotations) {
    expect(trainedMil).toEqual(sizes.filter((size) => size !== testMil));
    const healthy = new Set(
      answers.filter(({ window }) => window.label === 'normal').map(({ window }) => window.record),
    );
    expect(healthy.size).toBe(1);
    expect(answers.filter(({ window }) => window.label !== 'normal').every((a) => a.window.sizeMil === testMil)).toBe(
      true,
    );
    expect(accuracy(answers)).toBeGreaterThan(0.85);
  }
  const tested = rotations.flatMap(({ answers }) => answers).filter(({ window }) => window.label !== 'normal');
  expect(new Set(tested.map(({ window }) => `${window.record} ${window.index}`)).size).toBe(tested.length);
  const svg = drawConfusion('Title', rotations);
  expect(svg).toContain('tested on 14 mil, trained on 7 + 21');
});

test('labels that say nothing are not learnt: shuffled, the accuracy is that of guessing', async () => {
  const order = Int32Array.from(windows, (_, i) => i);
  random.shuffle(order);
  const shuffled = windows.map((window, i) =>
    window.label === 'normal' || window.sizeMil === 28 ? window : { ...window, row: windows[order[i]!]!.row },
  );
  const { answers } = await rotate(shuffled, [7, 14, 21], 21);
  expect(accuracy(answers)).toBeLessThan(0.65);
});
