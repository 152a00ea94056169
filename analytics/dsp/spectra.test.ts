import fc from 'fast-check';
import { expect, test } from 'vitest';
import golden from './golden/golden.generated.json' with { type: 'json' };
import {
  bandLevels,
  fastEngine,
  float64Engine,
  impulsiveBand,
  integrate,
  kurtogram,
  octaveBands,
  realCepstrum,
  welchPlan,
} from './index.ts';

const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) => {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(1e-12, ...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs(actual[i]! - expected[i]!) / scale, `value ${i}`).toBeLessThan(tolerance);
};
/** Uniform noise of −1 … 1, the same for the same seed. */
const noise = (n: number, seed: number) => {
  let state = seed;
  return Float64Array.from({ length: n }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 1_073_741_823.5 - 1;
  });
};
const rms = (x: ArrayLike<number>) =>
  Math.sqrt(Array.from(x).reduce((sum, value) => sum + value * value, 0) / x.length);

test('the real cepstrum equals numpy, at odd lengths too', () => {
  for (const { x, cepstrum } of golden.cepstrum) close(realCepstrum(Float64Array.from(x)), cepstrum, 1e-9);
});

test('an echo stands in the cepstrum at its delay; silence gives zeros', () => {
  const direct = noise(2048, 5);
  const echoed = direct.map((value, i) => value + 0.5 * direct[(i - 150 + 2048) % 2048]!);
  const cepstrum = realCepstrum(echoed);
  const peak = cepstrum.slice(20, 1000).reduce((best, value, i, all) => (value > all[best]! ? i : best), 0) + 20;
  expect(peak).toBe(150);
  expect(realCepstrum(new Float64Array(9))).toEqual(new Float64Array(9));
});

test('integration equals numpy, once and twice', () => {
  for (const { x, samplingRateHz, lowHz, highHz, once, twice } of golden.integration) {
    const samples = Float64Array.from(x);
    close(integrate(samples, samplingRateHz, 1, lowHz, highHz), once, 1e-9);
    close(integrate(samples, samplingRateHz, 2, lowHz, highHz), twice, 1e-9);
  }
});

test('1 g RMS at 100 Hz is 15.61 mm/s and 24.84 µm RMS, whatever the offset', () => {
  const acceleration = Float64Array.from(
    { length: 12_000 },
    (_, i) => 3 + 9.80665 * Math.SQRT2 * Math.sin((2 * Math.PI * 100 * i) / 12_000),
  );
  expect(1e3 * rms(integrate(acceleration, 12_000, 1, 10, 1000))).toBeCloseTo(15.608, 3);
  expect(1e6 * rms(integrate(acceleration, 12_000, 2, 10, 1000))).toBeCloseTo(24.841, 3);
});

test('integrating twice is integrating once, and once more', () => {
  fc.assert(
    fc.property(fc.integer({ min: 16, max: 90 }), fc.integer({ min: 1, max: 999 }), (n, seed) => {
      const x = noise(n, seed);
      const step = integrate(integrate(x, 100, 1, 8, 45), 100, 1, 8, 45);
      close(integrate(x, 100, 2, 8, 45), step, 1e-9);
    }),
  );
});

test('a band that cannot be integrated is refused', () => {
  for (const [low, high] of [
    [0, 10],
    [20, 10],
    [10, 51],
  ])
    expect(() => integrate(new Float64Array(64), 100, 1, low!, high!)).toThrow(/band/);
});

test('octave bands are those of IEC 61260-1, edge to edge', () => {
  expect(octaveBands(1, 20, 1100).map((band) => band.name)).toEqual(['31.6', '63.1', '126', '251', '501', '1000']);
  expect(octaveBands(3, 79, 130).map((band) => band.name)).toEqual(['79.4', '100', '126']);
  // Table in annex E for 1/2 octaves: centres 841 and 1189 Hz on both sides of 1 kHz.
  expect(octaveBands(2, 800, 1200).map((band) => band.name)).toEqual(['841', '1190']);
  for (const fraction of [1, 2, 3, 12, 24]) {
    const bands = octaveBands(fraction, 20, 9000);
    for (let i = 1; i < bands.length; i++) expect(bands[i]!.lowHz / bands[i - 1]!.highHz).toBeCloseTo(1, 12);
  }
  expect(() => octaveBands(3, 0, 100)).toThrow(/band/);
  expect(() => octaveBands(0, 1, 100)).toThrow(/octave/i);
});

test('adjoining bands hold all the power between them, whatever their edges', () => {
  const plan = welchPlan(float64Engine, 256);
  plan.estimate(noise(4096, 11), 1000);
  const psd = { density: plan.density, binHz: 1000 / 256 };
  const whole = bandLevels(psd, [{ name: 'all', lowHz: 0, highHz: 500 }])[0]!;
  expect(whole ** 2).toBeCloseTo(plan.density.reduce((sum, d) => sum + d, 0) * psd.binHz, 10);
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { maxLength: 12 }), (cuts) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), 500];
      const bands = edges.slice(1).map((highHz, i) => ({ name: '', lowHz: edges[i]!, highHz }));
      const power = bandLevels(psd, bands).reduce((sum, level) => sum + level * level, 0);
      expect(power).toBeCloseTo(whole * whole, 9);
    }),
  );
});

test('band kurtosis equals numpy', () => {
  const { x, bands } = golden.kurtogram;
  const found = kurtogram(Float64Array.from(x), 768, float64Engine, 1);
  expect(found.map(({ lowHz, highHz }) => [lowHz, highHz])).toEqual(bands.map(([low, high]) => [low, high]));
  for (const [i, band] of found.entries()) expect(band.kurtosis).toBeCloseTo(bands[i]![2]!, 9);
});

test('impacts that ring at 3 kHz are found there, in noise; in noise alone nothing stands out', () => {
  for (const engine of [float64Engine, fastEngine]) {
    const hiss = noise(24_576, 3);
    const ringing = hiss.map((value, i) => {
      const age = i % 400;
      return value + 4 * Math.exp(-age / 25) * Math.sin((2 * Math.PI * 3000 * age) / 12_000);
    });
    const band = impulsiveBand(kurtogram(ringing, 12_000, engine, 4))!;
    expect(band.lowHz).toBeLessThanOrEqual(3000);
    expect(band.highHz).toBeGreaterThanOrEqual(3000);
    expect(band.highHz - band.lowHz).toBeLessThanOrEqual(2000);
    expect(band.kurtosis).toBeGreaterThan(1);
    expect(impulsiveBand(kurtogram(hiss, 12_000, engine, 4))!.kurtosis).toBeLessThan(0.6);
  }
});

test('silence has no impulsive band, and too short a block says what is needed', () => {
  expect(impulsiveBand(kurtogram(new Float64Array(3072), 1000, float64Engine, 3))!.kurtosis).toBe(0);
  expect(() => kurtogram(new Float64Array(700), 1000, float64Engine, 1)).toThrow(/at least 768/);
});
