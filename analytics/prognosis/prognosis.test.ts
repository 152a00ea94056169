import { expect, test } from 'vitest';
import { normalOf, seededUniform } from '../seededUniform.ts';
import { foretell, growTrees } from './fleet/boostedTrees.ts';
import { fitSmooth, smoothAt } from './fleet/randomFeatures.ts';
import { extend, FLEET_SETTINGS, foretellFleetLife, learnFleetLife, newPath, remainingLife } from './index.ts';
import { normal, passed } from './point/passage.ts';

const HOUR = 3_600_000;

test('the normal and inverse-Gaussian distributions agree with scipy 1.17.1', () => {
  // scipy.stats.norm.cdf; invgauss(mu / lambda, scale=lambda).cdf with mu = gap/drift, lambda = (gap/diffusion)²
  expect(normal(-1.2)).toBeCloseTo(0.11506967, 6);
  expect(passed(2, 0.5, 0.4, 3)).toBeCloseTo(0.29395968, 6);
  expect(passed(2, 0.5, 0.4, 6)).toBeCloseTo(0.89111241, 6);
  expect(passed(1, -0.5, 1, 1e6)).toBeCloseTo(Math.exp(-1), 6); // a falling process may never arrive
  expect(passed(5, 40, 0.1, 1)).toBe(1);
});

/** A level that doubles every `doubling` hours, measured every quarter of an hour with seeded noise. */
function growing(hours: number, doubling: number, seed: number, noise = 0.05) {
  const random = seededUniform(seed);
  const path = newPath();
  for (let t = 0; t <= hours; t += 0.25) {
    const wobble = noise * (random() + random() + random() - 1.5);
    extend(path, t * HOUR, 2 ** (t / doubling) * Math.exp(wobble));
  }
  return path;
}

test('a level that doubles every ten hours from one reaches eight at thirty', () => {
  const life = remainingLife(growing(15, 10, 1), 8);
  if (life.kind !== 'interval') throw new Error(life.reason);
  expect(life.medianHours).toBeGreaterThan(12);
  expect(life.medianHours).toBeLessThan(18);
  expect(life.lowHours).toBeLessThan(15);
  expect(life.highHours).toBeGreaterThan(15);
  expect(life.asOfMs).toBeGreaterThan(14 * HOUR);
});

test('intervals of Wiener paths hold the truth about as often as they say', () => {
  const random = seededUniform(5);
  const gaussian = normalOf(random);
  let told = 0;
  let inside = 0;
  for (let run = 0; run < 80; run++) {
    const path = newPath();
    let ln = 0;
    let t = 0;
    for (; t < 40; t += 0.5) {
      extend(path, t * HOUR, Math.exp(ln));
      ln += 0.5 * 0.04 + 0.03 * Math.sqrt(0.5) * gaussian();
    }
    const life = remainingLife(path, Math.exp(2.5), { ...SETTINGS, limitSpread: 0.02 });
    if (life.kind !== 'interval') continue;
    let left = 0;
    while (ln < 2.5) {
      ln += 0.1 * 0.04 + 0.03 * Math.sqrt(0.1) * gaussian();
      left += 0.1;
    }
    told += 1;
    if (life.lowHours <= left && (life.highHours === null || left <= life.highHours)) inside += 1;
  }
  expect(told).toBeGreaterThan(60);
  expect(inside / told).toBeGreaterThan(0.7);
  expect(inside / told).toBeLessThan(0.95);
});
const SETTINGS = { confidence: 0.8, leastPoints: 8, trendCertainty: 0.9, horizonRatio: 20, limitSpread: 0.35 };

test('nothing is told before an onset, without a limit or a trend, on a short path, or past the limit', () => {
  const reason = (...given: Parameters<typeof remainingLife>) => {
    const life = remainingLife(...given);
    return life.kind === 'withheld' ? life.reason : 'told';
  };
  expect(reason(null, 8)).toBe('no-onset');
  expect(reason(growing(15, 10, 1), null)).toBe('no-limit');
  expect(reason(growing(1, 10, 1), 8)).toBe('too-short');
  expect(reason(growing(15, 1e9, 2), 8)).toBe('no-trend');
  expect(reason(growing(15, 10, 1), 2)).toBe('past-limit');
});

test('a path stays small however long it is', () => {
  const path = newPath();
  for (let i = 0; i < 20_000; i++) extend(path, i * 1000, 1);
  expect(path.points.length).toBeLessThanOrEqual(48);
  expect(path.points.reduce((sum, { count }) => sum + count, 0)).toBe(20_000);
});

test('trees learn a step and the smooth fit a wave that they have not seen at these points', () => {
  const random = seededUniform(3);
  const rows = Array.from({ length: 2000 }, () => Float64Array.of(random() * 6, random() * 6));
  const step = (row: Float64Array) => (row[0]! > 3 ? 10 : 0) + (row[1]! > 2 ? 5 : 0);
  const wave = (row: Float64Array) => Math.sin(row[0]!) + 0.3 * row[1]!;
  const columns = [0, 1].map((f) => Float64Array.from(rows, (row) => row[f]!));
  const boost = { ...FLEET_SETTINGS.boost, trees: 100, depth: 3, featureShare: 1, shrinkRows: 1 };
  const trees = growTrees(columns, Float64Array.from(rows, step), boost, random);
  const fit = fitSmooth(rows, Float64Array.from(rows, wave), [0, 1], { waves: 120, scale: 1, ridge: 0.1 }, random);
  for (const row of [Float64Array.of(1, 1), Float64Array.of(5, 1), Float64Array.of(1.5, 4), Float64Array.of(4, 5)]) {
    expect(Math.abs(foretell(trees, row) - step(row))).toBeLessThan(0.6);
    expect(Math.abs(smoothAt(fit, row) - wave(row))).toBeLessThan(0.1);
  }
});

/** A machine whose sensors drift quadratically towards the end of a life of so many cycles. */
function machine(life: number, random: () => number): number[][] {
  return Array.from({ length: life }, (_, i) => {
    const worn = Math.max(0, 1 - (life - 1 - i) / 130) ** 2;
    return [5, 10 + worn + 0.05 * (random() - 0.5), 3 - 2 * worn + 0.1 * (random() - 0.5)];
  });
}

test('a fleet teaches how long an unseen machine lasts, and how far that may be off', () => {
  const random = seededUniform(11);
  const fleet = Array.from({ length: 24 }, () => machine(150 + Math.floor(100 * random()), random));
  const settings = { ...FLEET_SETTINGS, folds: 3, members: 3, boost: { ...FLEET_SETTINGS.boost, trees: 60, depth: 4 } };
  const small = { ...settings, smooth: { ...settings.smooth, waves: 60 } };
  const model = learnFleetLife(fleet, small, random);
  expect(learnFleetLife(fleet.slice(0, 2), { ...small, folds: 2, members: 2 }, seededUniform(1))).toEqual(
    learnFleetLife(fleet.slice(0, 2), { ...small, folds: 2, members: 2 }, seededUniform(1)),
  );
  let inside = 0;
  for (let i = 0; i < 20; i++) {
    const left = 5 + 5 * i;
    const told = foretellFleetLife(model, machine(200, random).slice(0, 200 - left))!;
    expect(Math.abs(told.cycles - left)).toBeLessThan(20);
    if (told.low <= left && left <= told.high) inside += 1;
  }
  expect(inside).toBeGreaterThanOrEqual(15);
  expect(foretellFleetLife(model, machine(200, random).slice(0, 9))).toBeNull();
});
