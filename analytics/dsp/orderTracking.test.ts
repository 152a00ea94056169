import fc from 'fast-check';
import { expect, test } from 'vitest';
import golden from './golden/golden.generated.json' with { type: 'json' };
import { angularResample, naturalSpline, synchronousAverage } from './index.ts';
import { spectrumOf } from './spectrum64.ts';

/** A shaft that runs up: angle in revolutions after t seconds, and its inverse by bisection. */
const angleAt = (t: number) => 10 * t + 2 * t * t;
const timeAt = (revolution: number) => (-10 + Math.sqrt(100 + 8 * revolution)) / 4;

test('angular resampling equals splines of scipy', () => {
  const { x, samplingRateHz, pulseTimesS, pulsesPerRevolution, samplesPerRevolution, samples } = golden.angular;
  const angular = angularResample(
    Float64Array.from(x),
    samplingRateHz,
    pulseTimesS,
    pulsesPerRevolution,
    samplesPerRevolution,
  );
  expect(angular.samples.length).toBe(samples.length);
  for (let i = 0; i < samples.length; i++) expect(angular.samples[i]).toBeCloseTo(samples[i]!, 9);
});

test('a tone tied to a shaft that runs up is smeared in time and one line in orders', () => {
  const rate = 2000;
  const x = Float64Array.from({ length: 4 * rate }, (_, i) => Math.cos(2 * Math.PI * 3 * angleAt(i / rate)));
  const pulses = Array.from({ length: 72 }, (_, i) => timeAt(i));
  const { samples } = angularResample(x, rate, pulses, 1, 32);
  const whole = samples.subarray(0, 32 * 64);
  const bins = spectrumOf(whole);
  const power = (k: number) => bins[2 * k]! ** 2 + bins[2 * k + 1]! ** 2;
  let total = 0;
  for (let k = 1; k < 32 * 32; k++) total += power(k);
  expect(power(3 * 64) / total).toBeGreaterThan(0.999);
  const inTime = spectrumOf(x);
  const strongest = Math.max(
    ...Array.from({ length: x.length / 2 }, (_, k) => inTime[2 * k]! ** 2 + inTime[2 * k + 1]! ** 2),
  );
  expect(strongest / (x.length * x.length * 0.25)).toBeLessThan(0.3);
});

test('what lies outside the pulses or the waveform is left out', () => {
  const x = new Float64Array(100).fill(1);
  const { samples, startRevolution } = angularResample(x, 100, [-0.5, 0.1, 0.6, 1.4], 1, 4);
  expect(startRevolution).toBe(1);
  expect(samples.length).toBeLessThan(12);
  for (const value of samples) expect(value).toBeCloseTo(1, 9);
});

test('the average keeps what repeats with the shaft, the residual what does not', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 30 }), (period, periods) => {
      const once = Float64Array.from({ length: period }, (_, i) => Math.sin(i * i));
      const x = Float64Array.from({ length: period * periods + (period - 1) }, (_, i) => once[i % period]!);
      const split = synchronousAverage(x, period);
      expect(split.periods).toBe(periods);
      for (let i = 0; i < period; i++) expect(split.average[i]).toBeCloseTo(once[i]!, 12);
      for (const value of split.residual) expect(Math.abs(value)).toBeLessThan(1e-12);
    }),
  );
});

test('a spline goes through its points, is exact on a line, and is NaN outside', () => {
  const spline = naturalSpline([0, 1, 4], [2, 4, 10]);
  for (const place of [0, 0.3, 1, 2.5, 4, 0.5]) expect(spline.at(place)).toBeCloseTo(2 + 2 * place, 12);
  expect(spline.at(-0.1)).toBeNaN();
  expect(spline.at(4.1)).toBeNaN();
  expect(() => naturalSpline([0, 0], [1, 2])).toThrow(/ascend at index 1/);
  expect(() => naturalSpline([0], [1])).toThrow(/two points/);
});

test('a tachometer without pulses, and a period longer than the signal, are refused', () => {
  expect(() => angularResample(new Float64Array(9), 1, [0, 1], 1, 4)).toThrow(/at least 3 pulses/);
  expect(() => synchronousAverage(new Float64Array(9), 10)).toThrow(/one period/);
});
