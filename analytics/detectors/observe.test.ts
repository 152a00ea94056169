import { expect, test } from 'vitest';
import type { Diagnosis, Fault } from '../diagnosis/types.ts';
import { seededUniform } from '../seededUniform.ts';
import type { Feature, Observation, Verdict } from './observation.ts';
import { observe } from './observe.ts';
import { rebaseline } from './rebaseline.ts';
import { scalarObservation } from './scalarObservation.ts';
import { SCALAR_SETTINGS, WAVEFORM_SETTINGS } from './settings.ts';
import { type DetectorState, newDetectorState } from './state.ts';

const diagnosis = (fault: Fault | null, snrDb = 12, blocks = 5): Diagnosis => ({
  fault,
  confidence: fault ? 0.7 : 0,
  harmonics: fault ? [1, 2, 3].map((n) => ({ order: 3.58 * n, hz: 107 * n, snrDb })) : [],
  sidebands: [],
  rejected: [],
  cannotTell: fault === null,
  reason: [],
  blocks,
});

interface Block {
  rms: number;
  kurtosis?: number;
  speedRpm?: number | null;
  fault?: Fault | null;
  zone?: Observation['zone'];
  gate?: Observation['gate'];
  snrDb?: number;
  blocks?: number;
}

let clockMs = 0;
function feed(state: DetectorState, block: Block): Verdict {
  clockMs += 1000;
  const features: Feature[] = [
    { name: 'rms', value: block.rms, unit: 'g', scale: 'log', group: 'level' },
    { name: 'kurtosis', value: block.kurtosis ?? 3, unit: '', scale: 'log', group: 'shape' },
  ];
  const verdict = observe(state, WAVEFORM_SETTINGS, {
    timeMs: clockMs,
    gate: block.gate ?? null,
    speedRpm: block.speedRpm === undefined ? 1500 : block.speedRpm,
    loadPercent: null,
    features,
    diagnosis: diagnosis(block.fault ?? null, block.snrDb, block.blocks),
    zone: block.zone ?? null,
  });
  if (verdict.act === 'suspect' || verdict.act === 'confirm') {
    const status = verdict.act === 'confirm' ? 'confirmed' : 'suspected';
    state.open = {
      anomalyId: 'a',
      fault: verdict.claim!.fault,
      status,
      level: verdict.claim!.level,
      part: 'origin',
      strength: 0,
    };
  }
  if (verdict.act === 'fade') state.open = null;
  return verdict;
}

function healthy(state: DetectorState, count: number, seed = 1): void {
  const next = seededUniform(seed);
  for (let i = 0; i < count; i++) feed(state, { rms: 0.1 * (1 + 0.2 * (next() - 0.5)), kurtosis: 3 + 0.3 * next() });
}

test('3,000 healthy blocks raise nothing', () => {
  const state = newDetectorState();
  const next = seededUniform(7);
  for (let i = 0; i < 3000; i++) {
    expect(feed(state, { rms: 0.1 * (1 + 0.4 * (next() - 0.5)), kurtosis: 3 + next() }).act).toBe('none');
  }
});

test('at cold start repeated geometry confirms, at low confidence, and says that it is a cold start', () => {
  const state = newDetectorState();
  const acts = [1, 2, 3].map((blocks) => feed(state, { rms: 0.3, fault: 'outer', blocks }));
  expect(acts.map((v) => v.act)).toEqual(['none', 'suspect', 'confirm']);
  expect(acts[2]!.claim).toMatchObject({ fault: 'outer', basis: 'geometry' });
  expect(acts[2]!.claim!.confidence).toBeLessThanOrEqual(0.6);
  expect(acts[2]!.coldStart).toBe(true);
});

test('a name that agrees with the point’s own past is believed sooner and more', () => {
  const state = newDetectorState();
  healthy(state, 30);
  const acts = [0, 1].map(() => feed(state, { rms: 0.3, kurtosis: 9, fault: 'inner' }));
  expect(acts.map((v) => v.act)).toEqual(['suspect', 'confirm']);
  expect(acts[1]!.claim).toMatchObject({ fault: 'inner', basis: 'agreement' });
  expect(acts[1]!.claim!.confidence).toBeGreaterThan(0.6);
});

test('one loud block, or one kind of evidence, confirms nothing', () => {
  const state = newDetectorState();
  healthy(state, 30);
  expect(feed(state, { rms: 2, kurtosis: 20 }).act).toBe('none');
  for (let i = 0; i < 20; i++) expect(feed(state, { rms: 0.4, kurtosis: 3 }).act).toBe('none');
});

test('a deviation without a name is confirmed by persistence and agreement, and renamed when geometry can', () => {
  const state = newDetectorState();
  healthy(state, 30);
  const acts = Array.from({ length: 6 }, () => feed(state, { rms: 0.4, kurtosis: 9 }));
  expect(acts.find((v) => v.act === 'confirm')?.claim?.fault).toBe('deviation');
  const later = Array.from({ length: 4 }, () => feed(state, { rms: 0.4, kurtosis: 9, fault: 'inner' }));
  expect(later.some((v) => v.act === 'refine' && v.claim?.fault === 'inner')).toBe(true);
});

test('the baseline is frozen while an alarm is open: the fault does not become the normal', () => {
  const state = newDetectorState();
  healthy(state, 30);
  for (let i = 0; i < 200; i++) feed(state, { rms: 0.4, kurtosis: 9, fault: 'inner' });
  const last = feed(state, { rms: 0.4, kurtosis: 9, fault: 'inner' });
  expect(last.scored.find((f) => f.name === 'rms')!.z!).toBeGreaterThan(6);
  expect(last.frozen).toBe(true);
});

test('a change of speed or load is a regime of its own and raises nothing', () => {
  const state = newDetectorState();
  const next = seededUniform(3);
  for (let lap = 0; lap < 10; lap++) {
    for (const speedRpm of [900, 1500, 2900]) {
      for (let i = 0; i < 15; i++) {
        const rms = 0.1 * (speedRpm / 900) ** 2 * (1 + 0.2 * (next() - 0.5));
        const verdict = feed(state, { rms, kurtosis: 3 + (speedRpm === 2900 ? 4 : 0), speedRpm });
        expect(verdict.act).toBe('none');
        if (lap > 0) expect(verdict.gate).toBe(i === 0 ? 'speed-change' : null);
      }
    }
  }
  expect(state.regimes.length).toBe(3);
});

test('a gated block neither votes nor teaches', () => {
  const state = newDetectorState();
  healthy(state, 30);
  const before = structuredClone({ regimes: state.regimes, votes: state.votes });
  for (const gate of ['stopped', 'maintenance', 'quality'] as const) {
    const verdict = feed(state, { rms: 9, kurtosis: 50, fault: 'outer', gate });
    expect(verdict).toMatchObject({ outcome: 'gated', gate, act: 'none' });
  }
  expect({ regimes: state.regimes, votes: state.votes }).toEqual(before);
});

test('a block older than the newest is history', () => {
  const state = newDetectorState();
  healthy(state, 20);
  clockMs -= 500_000;
  expect(feed(state, { rms: 5, fault: 'outer' })).toMatchObject({ gate: 'late', act: 'none' });
  clockMs += 500_000;
});

test('a suspicion without support fades, and the point learns again', () => {
  const state = newDetectorState();
  healthy(state, 30);
  for (let i = 0; i < 2; i++) feed(state, { rms: 0.1, fault: 'outer' });
  expect(state.open?.status).toBe('suspected');
  const acts = Array.from({ length: 14 }, () => feed(state, { rms: 0.1 }).act);
  expect(acts.filter((act) => act === 'fade')).toHaveLength(1);
  expect(state.open).toBeNull();
});

test('severity in zone D persists into a serious anomaly', () => {
  const state = newDetectorState();
  const acts = Array.from({ length: 6 }, () => feed(state, { rms: 1, zone: 'D' }));
  const confirmed = acts.find((v) => v.act === 'confirm');
  expect(confirmed?.claim).toMatchObject({ fault: 'severity', level: 'serious' });
});

test('a level that grows to many times its baseline escalates once', () => {
  const state = newDetectorState();
  healthy(state, 30);
  for (let i = 0; i < 4; i++) feed(state, { rms: 0.25, kurtosis: 9, fault: 'inner' });
  expect(state.open).toMatchObject({ status: 'confirmed', level: 'warning' });
  const acts: string[] = [];
  for (let i = 0; i < 6; i++) {
    const verdict = feed(state, { rms: 0.9, kurtosis: 9, fault: 'inner' });
    acts.push(verdict.act);
    if (verdict.act === 'escalate') state.open!.level = 'serious';
  }
  expect(acts.filter((act) => act === 'escalate')).toHaveLength(1);
});

test('after a false alarm the same evidence is not believed again, a much stronger one is', () => {
  const state = newDetectorState();
  for (let i = 1; i <= 3; i++) feed(state, { rms: 0.3, fault: 'outer', blocks: i });
  rebaseline(state, 'false_alarm', { fault: 'outer', strength: 12 });
  expect(state.caution).toBeGreaterThan(1);
  for (let i = 0; i < 30; i++) expect(feed(state, { rms: 0.3, fault: 'outer' }).act).toBe('none');
  const acts = Array.from({ length: 4 }, () => feed(state, { rms: 0.3, fault: 'outer', snrDb: 20 }).act);
  expect(acts).toContain('confirm');
});

test('after a repair the point starts afresh', () => {
  const state = newDetectorState();
  healthy(state, 30);
  for (let i = 0; i < 3; i++) feed(state, { rms: 0.4, kurtosis: 9, fault: 'inner' });
  rebaseline(state, 'confirmed', { fault: 'inner', strength: 12 });
  expect(feed(state, { rms: 0.12 })).toMatchObject({ outcome: 'learning', coldStart: true, act: 'none' });
});

test('a temperature that wanders with the day raises nothing; one that jumps and stays is a deviation', () => {
  const state = newDetectorState();
  const next = seededUniform(11);
  const acts: string[] = [];
  let timeMs = 0;
  const read = (value: number) => {
    timeMs += 1000;
    const context = { timeMs, unit: '°C', gate: null };
    const verdict = observe(state, SCALAR_SETTINGS, scalarObservation(value, context));
    if (verdict.act === 'suspect') {
      state.open = {
        anomalyId: 't',
        fault: 'deviation',
        status: 'suspected',
        level: 'warning',
        part: 'origin',
        strength: 0,
      };
    }
    if (verdict.act === 'fade') state.open = null;
    acts.push(verdict.act);
    return verdict;
  };
  for (let i = 0; i < 5000; i++) read(55 + 4 * Math.sin(i / 400) + next());
  expect(new Set(acts)).toEqual(new Set(['none']));
  const jump = Array.from({ length: 20 }, () => read(95 + next()));
  expect(jump.some((v) => v.act === 'confirm' && v.claim?.fault === 'deviation')).toBe(true);
});

test('the state survives a round trip through JSON and stays small', () => {
  const state = newDetectorState();
  for (const speedRpm of [700, 900, 1200, 1500, 2000, 2900, 3600, 4500]) {
    for (let i = 0; i < 100; i++) feed(state, { rms: 0.1 + i / 1000, speedRpm });
  }
  const text = JSON.stringify(state);
  expect(JSON.parse(text)).toEqual(state);
  expect(text.length).toBeLessThan(20_000);
});
