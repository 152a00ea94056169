import { describe, expect, test } from 'vitest';
import { seededUniform } from '../seededUniform.ts';
import type { Feature, Observation, Verdict } from './observation.ts';
import { observe } from './observe.ts';
import { isRegimeNamed } from './placedRegime.ts';
import { scalarObservation } from './scalarObservation.ts';
import { type DetectorSettings, featureSettings, SCALAR_SETTINGS, WAVEFORM_SETTINGS } from './settings.ts';
import { type DetectorState, MAX_REGIMES, newDetectorState } from './state.ts';
import { upgrade } from './upgrade.ts';

interface Point {
  state: DetectorState;
  timeMs: number;
}
const newPoint = (): Point => ({ state: newDetectorState(), timeMs: 0 });

/** Judges, and carries out what a verdict asks for as the worker does. */
function judge(point: Point, settings: DetectorSettings, observation: Observation): Verdict {
  const verdict = observe(point.state, settings, observation);
  if (verdict.act === 'suspect' || verdict.act === 'confirm') {
    const { fault, level } = verdict.claim!;
    const status = verdict.act === 'confirm' ? ('confirmed' as const) : ('suspected' as const);
    point.state.open = { anomalyId: 'a', fault, status, level, part: 'origin', strength: 0 };
  }
  if (verdict.act === 'fade') point.state.open = null;
  return verdict;
}

type Around = Partial<Pick<Observation, 'speedRpm' | 'loadPercent' | 'mode' | 'gate' | 'startUpMs' | 'zone'>>;

function block(point: Point, rms: number, around: Around & { kurtosis?: number; stepMs?: number } = {}): Verdict {
  const { kurtosis = 3, stepMs = 60_000, ...rest } = around;
  point.timeMs += stepMs;
  const features: Feature[] = [
    { name: 'rms', value: rms, unit: 'g', scale: 'log', group: 'level' },
    { name: 'kurtosis', value: kurtosis, unit: '', scale: 'log', group: 'shape' },
  ];
  return judge(point, WAVEFORM_SETTINGS, {
    ...{ timeMs: point.timeMs, gate: null, speedRpm: 1480, loadPercent: 75, diagnosis: null, zone: null },
    ...{ features: rest.gate ? [] : features },
    ...rest,
  });
}

function reading(point: Point, value: number, around: Around = {}): Verdict {
  point.timeMs += 1000;
  const plain = scalarObservation(value, { timeMs: point.timeMs, unit: 'A', gate: around.gate ?? null });
  return judge(point, SCALAR_SETTINGS, { ...plain, ...around });
}

const acts = (verdicts: readonly Verdict[]) => [...new Set(verdicts.map(({ act }) => act))];
const times = (count: number, of: (i: number) => Verdict) => Array.from({ length: count }, (_, i) => of(i));

describe('regimes', () => {
  test('a motor current that follows the load has a baseline for each load, and a deviation within one is found', () => {
    const point = newPoint();
    const next = seededUniform(1);
    const current = (load: number) => 100 * Math.hypot(0.35, load / 100) * (1 + 0.01 * (next() - 0.5));
    const run = (load: number, count: number, factor = 1) =>
      times(count, () => reading(point, factor * current(load), { loadPercent: load, speedRpm: 1480 }));
    const well = [78, 40, 78, 40, 78].flatMap((load) => run(load, 150));
    expect(acts(well)).toEqual(['none']);
    expect(point.state.regimes).toHaveLength(2);
    expect(well.filter(({ gate }) => gate === 'load-change').length).toBeGreaterThan(3);
    // What is normal at 78 % is none at 40 %.
    expect(acts(run(40, 60, 1.7))).toContain('confirm');
  });

  test('values on the border of two bins are one regime, whatever their order', () => {
    const one = newPoint();
    const other = newPoint();
    const next = seededUniform(2);
    const loads = Array.from({ length: 400 }, () => 62.5 + 12 * (next() - 0.5));
    for (const loadPercent of loads) block(one, 0.1, { loadPercent });
    for (const loadPercent of loads) block(other, 0.1, { loadPercent });
    expect(one.state.regimes).toHaveLength(1);
    expect(other.state).toEqual(one.state);
  });

  test('a drive that turns at every speed has a bounded number of regimes, with names that stay', () => {
    const point = newPoint();
    const next = seededUniform(3);
    const met = new Set<string>();
    for (let i = 0; i < 5000; i++) {
      const speedRpm = 300 * 10 ** next();
      const { regime } = block(point, 0.1 * (speedRpm / 300) ** 2, { speedRpm, stepMs: 3_600_000 });
      if (regime) met.add(regime);
      expect(point.state.regimes.length).toBeLessThanOrEqual(MAX_REGIMES);
    }
    const keys = point.state.regimes.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.every((key) => met.has(key))).toBe(true);
  });

  test('a declared mode parts regimes, however alike they are otherwise', () => {
    const point = newPoint();
    for (const mode of ['1', '2', '1', '2']) {
      times(20, () => block(point, mode === '1' ? 0.1 : 0.3, { mode, stepMs: 3_600_000 }));
    }
    expect(point.state.regimes.map(({ place }) => place.mode)).toEqual(['1', '2']);
    expect(acts(times(20, () => block(point, 0.3, { mode: '2', kurtosis: 3 })))).toEqual(['none']);
  });
});

describe('starts and restarts', () => {
  const healthy = (point: Point, count: number, level = 0.1, seed = 5) => {
    const next = seededUniform(seed);
    return times(count, () => block(point, level * (1 + 0.1 * (next() - 0.5))));
  };

  test('after a stop a reading is judged once it has stopped drifting', () => {
    const point = newPoint();
    const next = seededUniform(4);
    const warm = (i: number) => 24 + 32 * (1 - Math.exp(-i / 40)) + 0.2 * (next() - 0.5);
    times(400, () => reading(point, 56 + 0.2 * (next() - 0.5)));
    times(5, () => reading(point, 24, { gate: 'stopped' }));
    const start = times(300, (i) => reading(point, warm(i)));
    expect(start[0]).toMatchObject({ outcome: 'gated', gate: 'start-up' });
    expect(acts(start)).toEqual(['none']);
    const waited = start.filter(({ gate }) => gate === 'start-up').length;
    expect(waited).toBeGreaterThan(60);
    expect(waited).toBeLessThanOrEqual(SCALAR_SETTINGS.settling.mostAfterStart);
    expect(start.at(-1)!.gate).toBeNull();
  });

  test('a declared start-up time counts instead', () => {
    const point = newPoint();
    times(100, () => reading(point, 50 + (point.timeMs % 7) / 10));
    reading(point, 20, { gate: 'stopped' });
    const start = times(30, () => reading(point, 50, { startUpMs: 10_000 }));
    expect(start.map(({ gate }) => gate).lastIndexOf('start-up')).toBe(8);
  });

  test('a step of the level after a restart that stands still becomes the normal; IMS is +22 %', () => {
    for (const stop of ['stopped', 'silence'] as const) {
      const point = newPoint();
      healthy(point, 60);
      if (stop === 'stopped') times(3, () => block(point, 0.001, { gate: 'stopped' }));
      else point.timeMs += 24 * 3_600_000;
      const after = healthy(point, 200, 0.122, 6);
      expect(acts(after)).toEqual(['none']);
      const rms = after.at(-1)!.scored.find(({ name }) => name === 'rms')!;
      expect(rms.centre).toBeCloseTo(0.122, 2);
    }
  });

  test('a restart with a fault is told: a level far up, a shape, or a zone is no mere step', () => {
    for (const [level, kurtosis, zone] of [
      [0.5, 9, null],
      [0.13, 3, 'D'],
    ] as const) {
      const point = newPoint();
      healthy(point, 60);
      times(3, () => block(point, 0.001, { gate: 'stopped' }));
      expect(acts(times(40, () => block(point, level, { kurtosis, zone })))).toContain('confirm');
    }
  });

  test('a level that goes on growing after a restart is not taken for the new normal', () => {
    const point = newPoint();
    healthy(point, 60);
    times(3, () => block(point, 0.001, { gate: 'stopped' }));
    times(60, (i) => block(point, 0.1 * 1.02 ** i, { kurtosis: 3 * 1.02 ** i }));
    expect(point.state.open).not.toBeNull();
  });

  test('a node that sends in bursts is not taken for a machine that starts again and again', () => {
    const point = newPoint();
    const gated = times(40, () => {
      point.timeMs += 3_600_000;
      times(9, () => block(point, 0.1, { stepMs: 2000 }));
      return block(point, 0.1, { stepMs: 2000 });
    }).filter(({ gate }) => gate !== null);
    expect(gated).toEqual([]);
  });
});

describe('memory', () => {
  test('100,000 observations of every kind leave a small state that survives JSON', () => {
    const point = newPoint();
    const next = seededUniform(9);
    for (let i = 0; i < 100_000; i++) {
      const speedRpm = 600 + 3000 * next();
      block(point, 0.1 * (1 + next()), {
        speedRpm,
        gate: next() < 0.01 ? 'stopped' : null,
        stepMs: 1000 + 1e6 * next(),
      });
    }
    const text = JSON.stringify(point.state);
    expect(JSON.parse(text)).toEqual(point.state);
    expect(text.length).toBeLessThan(26_000);
  });

  test('a state of version 1 keeps its baselines', () => {
    const kept = Array.from({ length: 20 }, (_, i) => -2.3 + 0.01 * (i % 5));
    const features = { rms: { kept, stride: 1, offered: 20, anchor: -2.3 } };
    const old = {
      ...{ version: 1, sequence: 20, newestMs: 5000, lastSpeedRpm: 1480, votes: [], quiet: 3, open: null },
      ...{ dismissed: [], caution: 1.25, regimes: [{ key: 'n73l3', lastMet: 20, features }] },
    } as unknown as DetectorState;
    upgrade(old);
    expect(old).toMatchObject({ version: 2, caution: 1.25, nextRegime: 2, at: { speedRpm: 1480 } });
    const point = { state: old, timeMs: 6000 };
    const verdict = block(point, 0.1);
    expect(verdict).toMatchObject({ regime: 'r1', coldStart: false, gate: null });
    expect(Object.keys(old)).not.toContain('lastSpeedRpm');
  });
});

describe('a threshold that names a regime', () => {
  const at = (speedRpm: number, loadPercent: number | null) => ({
    key: 'r4',
    place: { mode: 'A', speedLn: Math.log(speedRpm), loadPercent, temperatureC: 40 },
  });
  test('means it by its key, or by the place that a key spelt out before', () => {
    expect(isRegimeNamed('r4', at(1480, 75))).toBe(true);
    expect(isRegimeNamed('r1', at(1480, 75))).toBe(false);
    expect([1480, 1420, 1560, 1300, 1700].map((rpm) => isRegimeNamed('n73l3', at(rpm, 75)))).toEqual([
      ...[true, true, true, false, false],
    ]);
    expect([65, 95].map((load) => isRegimeNamed('n73l3', at(1480, load)))).toEqual([true, false]);
    expect([isRegimeNamed('n73l3', at(1480, null)), isRegimeNamed('n73l?', at(1480, null))]).toEqual([false, true]);
  });
  test('holds there and nowhere else', () => {
    const overrides = [{ feature: null, regime: 'n73l3', values: { deviationZ: 9 } }];
    const settings = { ...WAVEFORM_SETTINGS, overrides };
    const zOf = (rpm: number) => featureSettings(settings, 'rms', at(rpm, 75)).deviationZ;
    expect([zOf(1480), zOf(990)]).toEqual([9, WAVEFORM_SETTINGS.deviationZ]);
  });
});

describe('a budget of false alarms', () => {
  /** A month of one value a minute whose deviations have a heavy tail: the limit of a normal distribution is none here. */
  const beyond = (falseAlarmsPerMonth: number) => {
    const point = newPoint();
    const next = seededUniform(21);
    const settings = { ...WAVEFORM_SETTINGS, falseAlarmsPerMonth };
    let count = 0;
    let limit = 0;
    for (let i = 0; i < 43_800; i++) {
      point.timeMs += 60_000;
      const tail = (next() - 0.5) / Math.sqrt(0.02 + next());
      const features: Feature[] = [
        { name: 'rms', value: 0.1 * Math.exp(0.25 * tail), unit: 'g', scale: 'log', group: 'level' },
      ];
      const around = { timeMs: point.timeMs, gate: null, speedRpm: 1480, loadPercent: 75, diagnosis: null, zone: null };
      const verdict = judge(point, settings, { ...around, features });
      const [rms] = verdict.scored;
      if (i > 2000 && rms!.speaks) count += 1;
      limit = Math.log(rms!.upper ?? 1) - Math.log(rms!.centre ?? 1);
    }
    return { count, limit, bytes: JSON.stringify(point.state).length };
  };
  test('is kept within a factor of three, and a larger one lowers the limit', () => {
    const [few, many] = [beyond(2), beyond(200)];
    expect(few.count).toBeLessThanOrEqual(6);
    expect(many.count).toBeLessThanOrEqual(600);
    expect(many.limit).toBeLessThanOrEqual(few.limit);
    expect(many.bytes).toBeLessThan(26_000);
  });
});
