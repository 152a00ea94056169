import { expect, test } from 'vitest';
import { bearingOrdersOf } from '../../diagnosis/bearing.ts';
import { seededRandom } from '../training/random.ts';
import { BEARING_COMBS_FEATURES, bearingCombs } from './bearingCombs.ts';

const orders = bearingOrdersOf({ n: 9, ballDiameter: 0.3126, pitchDiameter: 1.537, contactDeg: 0 });

/** Impacts at an order of the shaft, each ringing at a resonance, in noise. */
function impacts(
  order: number,
  { rateHz = 12_000, shaftHz = 29.5, resonanceHz = 2600, seconds = 0.7, scale = 1 } = {},
) {
  const random = seededRandom(3);
  const samples = new Float32Array(Math.round(seconds * rateHz));
  // The same noise per root hertz at every rate, so that rates can be compared.
  for (let i = 0; i < samples.length; i++) samples[i] = 0.2 * random.normal() * Math.sqrt(rateHz / 12_000);
  for (let t = 0.001; t < seconds; t += (1 + 0.005 * random.normal()) / (order * shaftHz)) {
    const from = Math.ceil(t * rateHz);
    for (let i = from; i < Math.min(samples.length, from + 0.006 * rateHz); i++) {
      const age = i / rateHz - t;
      samples[i]! += 2 * Math.exp(-900 * age) * Math.sin(2 * Math.PI * resonanceHz * age);
    }
  }
  return { samples: samples.map((value) => value * scale), samplingRateHz: rateHz, shaftHz, orders };
}
const featureOf = (row: Float32Array, name: string) => row[BEARING_COMBS_FEATURES.findIndex((f) => f.name === name)]!;

test.each([
  ['outer', orders.bpfo],
  ['inner', orders.bpfi],
  ['ball', 2 * orders.bsf],
] as const)('the rhythm of %s impacts stands out in its own comb', (fault, order) => {
  const row = bearingCombs(impacts(order))!;
  const combs = (['outer', 'inner', 'ball'] as const).map(
    (name) => [name, featureOf(row, `${name} comb max`)] as const,
  );
  const loudest = combs.toSorted((a, b) => b[1] - a[1])[0]!;
  expect(loudest[0]).toBe(fault);
  expect(loudest[1]).toBeGreaterThan(1);
});

test('unit, sampling rate, resonance and a speed that is 1 % wrong hardly matter', () => {
  const row = bearingCombs(impacts(orders.bpfo))!;
  const louder = bearingCombs(impacts(orders.bpfo, { scale: 9806.65 }))!;
  for (const [i, value] of row.entries()) expect(louder[i]).toBeCloseTo(value, 2);
  const variants = [{ rateHz: 48_000 }, { resonanceHz: 3600 }].map((over) => impacts(orders.bpfo, over));
  const misread = { ...impacts(orders.bpfo), shaftHz: 29.5 * 1.01 };
  for (const source of [...variants, misread]) {
    expect(featureOf(bearingCombs(source)!, 'outer comb max')).toBeGreaterThan(1);
  }
});

test('what cannot be judged gives no row: too short, too slow a rate, silent, not finite', () => {
  const good = impacts(orders.bpfo);
  expect(bearingCombs(good)).toHaveLength(BEARING_COMBS_FEATURES.length);
  expect(bearingCombs({ ...good, samples: good.samples.slice(0, 2048) })).toBeNull();
  expect(bearingCombs({ ...good, samplingRateHz: 8000 })).toBeNull();
  expect(bearingCombs({ ...good, samples: good.samples.map(() => Number.NaN) })).toBeNull();
  expect(bearingCombs({ ...good, shaftHz: 0 })).toBeNull();
  expect(bearingCombs({ ...good, samples: good.samples.map(() => 0.5) })).toBeNull();
});
