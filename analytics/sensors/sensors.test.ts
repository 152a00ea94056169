import { describe, expect, test } from 'vitest';
import { analyseBlock, type WaveformBlock } from '../diagnosis/index.ts';
import { seededUniform } from '../seededUniform.ts';
import { judgeSensor } from './judgeSensor.ts';
import { type ScalarSurroundings, scalarSign } from './scalarSigns.ts';
import { newSensorState } from './sensorState.ts';
import { unitStep } from './unitStep.ts';
import { waveformSign } from './waveformSigns.ts';

const NORMAL = { centre: 50, scale: 0.5, count: 40 };
const around = (over: Partial<ScalarSurroundings> = {}): ScalarSurroundings => ({
  unit: '°C',
  range: null,
  normal: NORMAL,
  ...over,
});

describe('plain readings', () => {
  const signs = (values: readonly number[], over: Partial<ScalarSurroundings> = {}) => {
    const state = newSensorState();
    return values.map((value) => {
      const seen = scalarSign(state, value, around(over));
      judgeSensor(state, seen);
      return seen?.sign ?? null;
    });
  };
  const noisy = (count: number, seed = 1, resolution = 100) => {
    const next = seededUniform(seed);
    return Array.from({ length: count }, () => Math.round((50 + next()) * resolution) / resolution);
  };

  test('100,000 readings of a living sensor raise nothing, whatever its resolution', () => {
    for (const resolution of [1000, 10, 2]) {
      const state = newSensorState();
      const acts = noisy(30_000, resolution, resolution).map(
        (v) => judgeSensor(state, scalarSign(state, v, around())).act,
      );
      expect(acts.every((act) => act === 'none')).toBe(true);
      expect(JSON.stringify(state).length).toBeLessThan(2_000);
    }
  });
  test('one that holds its value far longer than ever is stuck', () => {
    const found = signs([...noisy(200), ...Array.from({ length: 30 }, () => 50.5)]);
    expect(found.slice(0, 200).every((sign) => sign === null)).toBe(true);
    expect(found.at(-1)).toBe('stuck');
  });
  test('a set-point or a switch that rarely changes is not', () => {
    const values = Array.from({ length: 3000 }, (_, i) => Math.floor(i / 90) % 2);
    expect(new Set(signs(values, { normal: null }))).toEqual(new Set([null]));
  });
  test('single values far off are spikes; a step is none', () => {
    const spiky = noisy(60);
    for (const at of [20, 30, 40, 50]) spiky[at] = 90;
    expect(signs(spiky).filter((sign) => sign === 'spikes')).toHaveLength(4);
    expect(signs([...noisy(20), ...noisy(20).map((v) => v + 30)]).filter(Boolean)).toEqual([]);
  });
  test('a step to the same value in another unit is a unit; a rise that passes through it is none', () => {
    expect(signs([...noisy(20), 122.4, 122.6, 122.5]).slice(-3)).toEqual(['unit', 'unit', 'unit']);
    const rise = Array.from({ length: 100 }, (_, i) => 50 + i);
    expect(signs(rise).filter(Boolean)).toEqual([]);
  });
  test.each([
    [5012, 5.01, 0.02, 'bar', 'times 1000'],
    [0.00501, 5.01, 0.02, 'bar', 'divided by 1000'],
    [131, 55, 0.5, '°C', 'in °F'],
    [12.8, 55, 0.5, '°F', 'in °C'],
    [6, 5.01, 0.02, 'bar', undefined],
    [1000, 1, 0.3, 'bar', undefined],
  ])('%f against %f ± %f %s', (value, centre, spread, unit, found) => {
    expect(unitStep(value, centre, spread, unit)?.en).toBe(found);
  });
});

describe('persistence', () => {
  const seen = { sign: 'clipping' as const, detail: { en: '', zh: '' } };
  test('a sign must persist, and good data must too before the fault is over', () => {
    const state = newSensorState();
    const acts = Array.from({ length: 6 }, () => judgeSensor(state, seen).act);
    expect(acts).toEqual(['none', 'none', 'none', 'none', 'raise', 'raise']);
    state.open = { anomalyId: 'a', sign: 'clipping' };
    expect(judgeSensor(state, seen)).toMatchObject({ act: 'none', usable: false });
    const well = Array.from({ length: 6 }, () => judgeSensor(state, null));
    expect(well.map(({ act, usable }) => [act, usable])).toEqual([...Array(5).fill(['none', false]), ['clear', true]]);
  });
  test('a muted sign still keeps bad data from being judged', () => {
    const state = newSensorState();
    state.muted = ['clipping'];
    const said = Array.from({ length: 10 }, () => judgeSensor(state, seen));
    expect(said.every(({ act, usable }) => act === 'none' && !usable)).toBe(true);
  });
});

describe('waveforms', () => {
  const RATE = 12_800;
  const SHAFT_HZ = 24.6;
  /** A shaft's first three lines in noise, sampled at `trueRate` and declared as `RATE`. */
  const block = (seed: number, trueRate = RATE, change: (samples: Float32Array) => void = () => undefined) => {
    const next = seededUniform(seed);
    const samples = Float32Array.from({ length: 16_384 }, (_, i) => {
      const t = (2 * Math.PI * SHAFT_HZ * i) / trueRate;
      return 0.02 * (Math.sin(t) + 0.6 * Math.sin(2 * t) + 0.4 * Math.sin(3 * t)) + 0.02 * (next() + next() - 1);
    });
    change(samples);
    const facts = { ratedRpm: 1480 };
    const of: WaveformBlock = { samples, samplingRateHz: RATE, unit: 'g', speedRpm: SHAFT_HZ * 60 };
    return analyseBlock(of, facts);
  };
  const sign = (analysis: ReturnType<typeof block>, state = newSensorState(), timeMs = 0) =>
    waveformSign(state, analysis, { timeMs, levels: new Map(), past: null, baselineMinCount: 12 })?.sign ?? null;

  test('a good block has no sign', () => {
    for (let seed = 1; seed <= 20; seed++) expect(sign(block(seed))).toBeNull();
  });
  test.each([2, 0.5])('lines where %f times the declared rate would put them', (factor) => {
    expect(sign(block(3, RATE * factor))).toBe('sampling-rate');
  });
  test('blocks that follow faster than they last', () => {
    const state = newSensorState();
    expect(sign(block(1), state, 0)).toBeNull();
    expect(sign(block(2), state, 1280)).toBeNull();
    expect(sign(block(3, 2 * RATE), state, 1280 + 640)).toBe('sampling-rate');
    expect(sign(block(4), state, 1280 + 640 + 640), 'the shaft says that the rate is right').toBeNull();
  });
  test.each([
    ['dropout', (s: Float32Array) => s.fill(0, 4000, 4400)],
    ['clipping', (s: Float32Array) => s.set(s.map((x) => Math.max(-0.02, Math.min(0.02, x))))],
    ['flat-line', (s: Float32Array) => s.fill(0.7)],
    ['non-finite', (s: Float32Array) => s.fill(Number.NaN, 0, 9)],
    ['no-signal', (s: Float32Array) => s.set(s.map((x) => x / 1000))],
  ] as const)('%s', (expected, change) => {
    expect(sign(block(5, RATE, change))).toBe(expected);
  });
});
