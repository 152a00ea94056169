import { afterAll, beforeAll, expect, test } from 'vitest';
import { manualClock, newId } from '../../platform/index.ts';
import { bearingFacts, blockOf, outerRace, type TestAnalytics, testAnalytics } from '../../test/fixtures/analytics.ts';
import { saveFeatures } from '../store/featureHistory.ts';
import { workPartition } from '../worker/partitionJob.ts';
import { createPrognosisSource, type PrognosisSource } from './prognosisSource.ts';

const clock = manualClock();
const POINT = 'pump-7/de';
const HOUR_MS = 3_600_000;
const facts = bearingFacts();
let a: TestAnalytics;
let source: PrognosisSource;

beforeAll(async () => {
  a = await testAnalytics(clock);
  source = createPrognosisSource(a.pg.db);
  a.facts.set(POINT, facts);
});
afterAll(() => a.stop());

/** The level of the point from now on: so many hourly measurements, each so many times the one before. */
function course(first: number, ratio: number, count: number) {
  const values = Array.from({ length: count }, (_, i) => first * ratio ** i * (1 + 0.004 * Math.sin(2.3 * i)));
  return a.pg.db.tenant(a.pg.tenantId, (tx) =>
    saveFeatures(
      tx,
      values.map((velocityRms, i) => ({
        ...{ pointKey: POINT, observation: 10 + i, atMs: clock.nowMs() + (5 + i) * HOUR_MS },
        ...{ speedRpm: 1780, values: { velocityRms }, shape: null },
      })),
    ),
  );
}

test('nothing is told of an asset without a confirmed fault, nor before its course foretells an end', async () => {
  expect(await source.of(a.pg.tenantId, [facts.assetId])).toEqual(new Map([[facts.assetId, null]]));
  for (let i = 1; i <= 4; i++) {
    await a.feed([blockOf(POINT, i, clock.nowMs() + i * HOUR_MS, { defects: [outerRace(0.5)] })]);
  }
  await workPartition(a.deps, a.pg.tenantId, 0, new AbortController().signal);
  expect(await source.of(a.pg.tenantId, [facts.assetId])).toEqual(new Map([[facts.assetId, null]]));
});

test('once the level rises, the component and its machine have an interval; other assets and tenants have none', async () => {
  await course(1, 1.05, 30);
  const other = newId();
  const told = await source.of(a.pg.tenantId, [facts.assetId, facts.machineId, other]);
  const life = told.get(facts.assetId)!;
  expect(life.method).toBe('wiener-log-level');
  expect(life.at.getTime()).toBe(clock.nowMs() + 34 * HOUR_MS);
  expect(0 < life.p10Hours && life.p10Hours < life.p50Hours && life.p50Hours < life.p90Hours).toBe(true);
  expect(told.get(facts.machineId)).toEqual(life);
  expect(told.get(other)).toBeNull();
  expect((await source.of(newId(), [facts.assetId])).get(facts.assetId)).toBeNull();
  expect(await source.of(a.pg.tenantId, [])).toEqual(new Map());
});
