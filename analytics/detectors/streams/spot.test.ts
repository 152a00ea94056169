import fc from 'fast-check';
import { expect, test } from 'vitest';
import { driftSpotStep, newDriftSpot } from './driftSpot.ts';
import { fitByLikelihood, fitByWeightedMoments, tailProbability, tailQuantile } from './generalisedPareto.ts';
import golden from './golden/golden.generated.json' with { type: 'json' };
import { normal } from './noise.fixture.ts';
import { newSpot, riskFor, SPOT_SETTINGS, type SpotState, spotLevel, spotStep } from './spot.ts';

const logLikelihood = (x: readonly number[], shape: number, scale: number) =>
  x.reduce((sum, v) => sum - Math.log(scale) - (1 / shape + 1) * Math.log1p((shape * v) / scale), 0);

test('the likelihood fit equals scipy, or is more likely than it', () => {
  for (const { excesses, likelihood } of golden.fits) {
    const { shape, scale } = fitByLikelihood(excesses);
    expect(logLikelihood(excesses, shape, scale)).toBeGreaterThan(likelihood.logLikelihood - 1e-4);
    expect(shape).toBeCloseTo(likelihood.shape, 2);
    expect(scale / likelihood.scale).toBeCloseTo(1, 2);
  }
});

test('the weighted moments equal numpy', () => {
  for (const { excesses, weightedMoments } of golden.fits) {
    const fit = fitByWeightedMoments([...excesses].sort((a, b) => a - b));
    expect(fit.shape).toBeCloseTo(weightedMoments.shape, 9);
    expect(fit.scale / weightedMoments.scale).toBeCloseTo(1, 9);
  }
});

test('tail probabilities equal scipy, and quantiles are their inverse', () => {
  for (const { shape, scale, x, probability } of golden.tails) {
    expect(tailProbability({ shape, scale }, x)).toBeCloseTo(probability, 12);
    if (probability > 0) expect(tailQuantile({ shape, scale }, probability)).toBeCloseTo(x, 9);
  }
});

test('a fit does not depend on the unit', () => {
  const { excesses } = golden.fits[0]!;
  const plain = fitByLikelihood(excesses);
  const scaled = fitByLikelihood(excesses.map((x) => x * 1000));
  expect(scaled.shape).toBeCloseTo(plain.shape, 6);
  expect(scaled.scale / plain.scale).toBeCloseTo(1000, 3);
});

test('no peaks at all is refused with what to give instead', () => {
  expect(() => fitByLikelihood([0, 0])).toThrow(/one of them above 0/);
  expect(() => tailQuantile({ shape: 0, scale: 1 }, 0)).toThrow(/\(0, 1\]/);
  expect(() => riskFor(0, 1000)).toThrow(/above 0/);
});

test('one false alarm a month of minutes is a risk of one in 43,834', () => {
  expect(1 / riskFor(1, 60_000)).toBeCloseTo(43_833.6, 1);
});

test('on normal noise SPOT keeps to its risk, and its level is the true quantile', () => {
  const settings = { ...SPOT_SETTINGS, risk: 1e-3, calibration: 2_000 };
  const state = newSpot();
  const next = normal(5);
  let alarms = 0;
  for (let i = 0; i < 62_000; i++) if (spotStep(state, next(), settings).kind === 'alarm') alarms += 1;
  // Alarms are not learnt, which cuts the tail a little short: the method errs to the side of alarms.
  expect(alarms).toBeGreaterThan(60 / 3);
  expect(alarms).toBeLessThan(60 * 3);
  // The normal quantile of 1 − 10⁻³ is 3.09.
  expect(Math.abs(spotLevel(state, 1e-3)! - 3.09)).toBeLessThan(0.2);
});

test('peaks stay bounded, whatever comes', () => {
  const state = newSpot();
  const next = normal(6);
  for (let i = 0; i < 40_000; i++) spotStep(state, next() * (1 + i / 10_000), SPOT_SETTINGS);
  expect(state.peaks.length).toBeLessThan(SPOT_SETTINGS.capacity);
  expect(state.warmup).toEqual([]);
});

test('in clusters an excursion counts once', () => {
  const each = newSpot();
  const clustered = newSpot();
  const next = normal(7);
  let smooth = 0;
  for (let i = 0; i < 4_000; i++) {
    smooth += (next() - smooth) / 15;
    spotStep(each, smooth, { ...SPOT_SETTINGS, capacity: 2_000 });
    spotStep(clustered, smooth, { ...SPOT_SETTINGS, capacity: 2_000, clusterGap: 30 });
  }
  expect(clustered.peaks.length).toBeLessThan(each.peaks.length / 5);
});

test('a state that went through JSON goes on as if it had not', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 60, maxLength: 200 }),
      (values) => {
        const settings = { ...SPOT_SETTINGS, calibration: 30, capacity: 16, clusterGap: 3 };
        const whole = newSpot();
        let stored: SpotState = newSpot();
        for (const value of values) {
          const expected = spotStep(whole, value, settings);
          stored = JSON.parse(JSON.stringify(stored));
          expect(spotStep(stored, value, settings)).toEqual(expected);
        }
      },
    ),
    { seed: 11, numRuns: 30 },
  );
});

test('DSPOT follows a drift that SPOT calls an alarm, and still sees a jump', () => {
  const settings = { ...SPOT_SETTINGS, calibration: 300 };
  const plain = newSpot();
  const drifting = newDriftSpot();
  const next = normal(8);
  let plainAlarms = 0;
  let driftAlarms = 0;
  for (let i = 0; i < 3_000; i++) {
    const value = i / 100 + next();
    if (spotStep(plain, value, settings).kind === 'alarm') plainAlarms += 1;
    if (driftSpotStep(drifting, value, 20, settings).kind === 'alarm') driftAlarms += 1;
  }
  expect(plainAlarms).toBeGreaterThan(100);
  expect(driftAlarms).toBeLessThan(8);
  expect(driftSpotStep(drifting, 30 + 12, 20, settings).kind).toBe('alarm');
});
