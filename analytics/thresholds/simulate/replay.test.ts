import { afterAll, beforeAll, expect, test } from 'vitest';
import { manualClock } from '../../../platform/index.ts';
import {
  bearingFacts,
  blockOf,
  outerRace,
  readingOf,
  type TestAnalytics,
  testAnalytics,
} from '../../../test/fixtures/analytics.ts';
import { createLabelAnomaly } from '../../anomalies/label.ts';
import type { Label } from '../../detectors/rebaseline.ts';
import { newDetectorState } from '../../detectors/state.ts';
import { packObservations, unpackObservations } from '../../history/record.ts';
import { decodeStretch, readStretches, spanOf } from '../../history/store.ts';
import type { PointKind } from '../../store/pointMemory.ts';
import { readPoint } from '../../store/pointMemory.ts';
import { runRound } from '../../worker/round.ts';
import { TENANT_WIDE } from '../scope.ts';
import { settingsFor, type ThresholdValue } from '../settingsFor.ts';
import { createReplay, type ReplayOptions, type ReplayResult } from './replay.ts';

const clock = manualClock();
const DE = 'pump-1/de';
const NDE = 'pump-1/nde';
const TEMPERATURE = 'pump-1/temperature';
let a: TestAnalytics;
let nowMs = clock.nowMs();
const startMs = nowMs;

async function work(): Promise<void> {
  while ((await runRound(a.deps, a.pg.tenantId, 0, { atMost: 8 })).batches > 0);
}

async function feedBlocks(count: number, severity: number, keys = [DE], speedRpm = 1500): Promise<void> {
  for (let i = 0; i < count; i++) {
    nowMs += 1000;
    const defects = severity > 0 ? [outerRace(severity)] : [];
    await a.feed(keys.map((key) => blockOf(key, nowMs / 1000, nowMs, { defects, speedRpm })));
  }
  await work();
}

async function feedReadings(values: readonly number[]): Promise<void> {
  await a.feed(
    values.map((value) => {
      nowMs += 1000;
      return readingOf(TEMPERATURE, value, nowMs);
    }),
  );
  await work();
}

async function label(as: Label): Promise<void> {
  const open = await a.pg.asOwner<{ id: string }>(`select id from anomaly where status = 'confirmed' order by id`);
  const labelAnomaly = createLabelAnomaly(clock);
  for (const { id } of open) await a.pg.db.tenant(a.pg.tenantId, (tx) => labelAnomaly(tx, id, as, 'an engineer'));
}

/** Wanders by a few tenths, without a seed and without a period of its own. */
const warm = (count: number, level = 40) =>
  Array.from({ length: count }, (_, i) => level + 0.3 * Math.sin(i * 1.7) + 0.2 * Math.cos(i * 0.37));

beforeAll(async () => {
  a = await testAnalytics(clock);
  const bearing = bearingFacts();
  a.facts.set(DE, bearing);
  a.facts.set(NDE, bearing);
  a.facts.set(TEMPERATURE, bearingFacts());
  await feedBlocks(20, 0, [DE, NDE]);
  await feedBlocks(10, 0.5, [DE, NDE]); // one fault, heard at both ends: one anomaly, and a point that joins it
  await label('confirmed');
  await feedBlocks(16, 0);
  await feedBlocks(3, 0, [DE], 1800); // a transient, then another regime
  await feedBlocks(6, 0.35);
  await label('false_alarm');
  await feedBlocks(14, 0.35);
  await feedReadings(warm(280));
  await a.feed([readingOf(TEMPERATURE, 90, startMs - 5000)]); // late: judged by nobody
  await feedReadings([...warm(40), ...warm(30, 55)]);
  await label('other_cause');
  await feedReadings(warm(300, 55));
  await feedBlocks(2, 0);
});
afterAll(() => a.stop());

async function replay(
  pointKey: string,
  values: readonly ThresholdValue[] = [],
  over: Partial<ReplayOptions> = {},
): Promise<ReplayResult> {
  const kind: PointKind = pointKey === TEMPERATURE ? 'reading' : 'waveform';
  const settings = settingsFor(values, { kind, pointKey, machineId: null, machineClass: null }, 0);
  const options = { fromMs: 0, toMs: Number.POSITIVE_INFINITY, closeAfterMs: 3_600_000, ...over };
  const run = createReplay(settings, options);
  const span = await a.pg.db.tenant(a.pg.tenantId, (tx) => spanOf(tx, pointKey, options.fromMs, options.toMs));
  for await (const raw of readStretches(a.pg.db, a.pg.tenantId, pointKey, span!.startSequence)) {
    if (!run.take(decodeStretch(raw))) break;
  }
  return run.result();
}

test.each([DE, NDE, TEMPERATURE])('under the settings that held, every verdict of %s is that of then', async (key) => {
  const compared: unknown[] = [];
  const recorded: unknown[] = [];
  const result = await replay(key, [], {
    onVerdict: (verdict, then) => {
      compared.push([then.sequence, verdict.outcome, verdict.act]);
      recorded.push([then.sequence, then.outcome, then.act]);
    },
  });
  const live = await a.pg.db.tenant(a.pg.tenantId, (tx) => readPoint(tx, key));
  const late = key === TEMPERATURE ? 1 : 0;
  expect(result.observations).toBe(live!.detector.sequence - late);
  expect(compared).toEqual(recorded);
  expect(new Set((recorded as [number, string, string][]).map(([, , act]) => act)).size).toBeGreaterThan(1);
});

test('what history raised is what the replay raises, with its anomalies and what became of them', async () => {
  const anomalies = await a.pg.asOwner<{ id: string; fault: string; label: string; point_key: string }>(
    `select id, fault, label, point_key from anomaly where label is not null order by id`,
  );
  expect(new Set(anomalies.map((anomaly) => anomaly.label))).toEqual(
    new Set(['confirmed', 'false_alarm', 'other_cause']),
  );
  for (const key of [DE, NDE, TEMPERATURE]) {
    const own = anomalies.filter(({ point_key }) => point_key === key);
    const { firings } = await replay(key);
    expect(firings.map(({ anomalyId, ended }) => [anomalyId, ended])).toEqual(own.map((x) => [x.id, x.label]));
  }
  expect((await replay(NDE)).joined + (await replay(DE)).joined).toBe(1);
});

test('stricter settings raise less, looser ones at least as much; the counts of features follow', async () => {
  const at = (setting: string, value: number): ThresholdValue => ({ ...TENANT_WIDE, setting, value });
  const now = await replay(TEMPERATURE);
  const strict = await replay(TEMPERATURE, [at('reading.deviationZ', 50)]);
  const loose = await replay(TEMPERATURE, [at('reading.deviationZ', 3), at('reading.deviation.needed', 2)]);
  expect(now.firings).toHaveLength(1);
  expect(strict.firings).toHaveLength(0);
  expect(loose.firings.length).toBeGreaterThanOrEqual(1);
  expect(loose.firings[0]!.atMs).toBeLessThan(now.firings[0]!.atMs);
  const spoke = ({ features }: ReplayResult) => features.find(({ feature }) => feature === 'value')!.spoke;
  expect(spoke(strict)).toBe(0);
  expect(spoke(now)).toBeGreaterThan(10);
  // An alarm that history does not have is closed after a while; its closure is assumed, not known.
  const brief = await replay(TEMPERATURE, [at('reading.deviationZ', 2), at('reading.deviation.needed', 1)], {
    closeAfterMs: 5_000,
  });
  expect(brief.firings.map(({ ended }) => ended)).toContain('assumed');
});

test('a replay of a part begins with the memory of then, and counts only its span', async () => {
  const whole = await replay(TEMPERATURE, [], { watch: 'value' });
  const fromMs = whole.firings[0]!.atMs + 1;
  const part = await replay(TEMPERATURE, [], { fromMs });
  expect(part.firings).toEqual([]);
  expect(part.observations).toBeLessThan(whole.observations);
  expect(whole.series.length).toBe(whole.observations);
  expect(whole.series.some(({ speaks, upper, value }) => speaks && upper !== null && value > upper)).toBe(true);
  const whence = (from: number) =>
    a.pg.db.tenant(a.pg.tenantId, (tx) => spanOf(tx, TEMPERATURE, from, Number.POSITIVE_INFINITY));
  expect((await whence(fromMs))!.startSequence).toBeGreaterThan((await whence(0))!.startSequence);
});

test('own zone limits are tried on the recorded velocity', async () => {
  const zone = (setting: string, value: number): ThresholdValue => ({ ...TENANT_WIDE, pointKey: NDE, setting, value });
  const tight = ['ab', 'bc', 'cd'].map((name, i) => zone(`waveform.zone.${name}`, 0.1 + i / 100));
  const { firings } = await replay(NDE, tight);
  expect(firings.some(({ fault }) => fault === 'severity')).toBe(true);
});

test('a recorded observation survives packing with every digit', () => {
  const state = newDetectorState();
  const features = [{ name: 'rms', value: 0.1 + 0.2, unit: 'g', scale: 'log' as const, group: 'level' as const }];
  const observation = {
    timeMs: 1_700_000_000_000.123,
    gate: null,
    speedRpm: 1487.123456789,
    loadPercent: null,
    features,
    diagnosis: {
      fault: 'outer' as const,
      confidence: 0.7,
      cannotTell: false,
      blocks: 4,
      harmonics: [{ snrDb: 1 / 3 }],
    },
    zone: 'B' as const,
  };
  const recorded = {
    sequence: state.sequence + 1,
    observation,
    severity: null,
    settingsVersion: 3,
    outcome: 'well' as const,
    act: 'none' as const,
  };
  expect(unpackObservations(packObservations([recorded, { ...recorded, sequence: 2 }]))).toEqual([
    recorded,
    { ...recorded, sequence: 2 },
  ]);
});
