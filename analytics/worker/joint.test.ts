import { afterAll, beforeAll, expect, test } from 'vitest';
import { manualClock } from '../../platform/index.ts';
import { bearingFacts, readingOf, type TestAnalytics, testAnalytics } from '../../test/fixtures/analytics.ts';
import { createLabelAnomaly } from '../anomalies/label.ts';
import { decodeStretch, readStretches, spanOf } from '../history/store.ts';
import { seededUniform } from '../seededUniform.ts';
import { readCard } from '../store/anomalies.ts';
import { readPoint } from '../store/pointMemory.ts';
import { settingsFor } from '../thresholds/settingsFor.ts';
import { createReplay } from '../thresholds/simulate/replay.ts';
import { runRound } from './round.ts';

const clock = manualClock();
const BEARING = 'pump-1/bearingTemperature';
const POINTS = [BEARING, 'pump-1/current', 'pump-1/pressure'] as const;
const OTHER_COMPONENT = 'c0000000-0000-4000-8000-000000000077';
let a: TestAnalytics;
let nowMs = clock.nowMs();
const next = seededUniform(5);
const noise = () => next() + next() + next() - 1.5;

beforeAll(async () => {
  a = await testAnalytics(clock);
  const machine = bearingFacts();
  for (const key of POINTS) a.facts.set(key, machine);
  a.facts.set(POINTS[2], { ...machine, assetId: OTHER_COMPONENT, assetName: 'Pump 7 volute', pointName: 'outlet' });
});
afterAll(() => a.stop());

/** Three readings that follow one load; the pressure may leave the other two. */
async function feed(rows: number, pressureOff = 0): Promise<void> {
  for (let done = 0; done < rows; done += 200) {
    await a.feed(
      Array.from({ length: Math.min(200, rows - done) }, () => {
        nowMs += 10_000;
        const load = Math.sin(nowMs / 300_000);
        return [55 + 6 * load + noise(), 80 + 12 * load + noise(), 6 + 0.8 * load + 0.1 * noise() + pressureOff].map(
          (value, i) => readingOf(POINTS[i]!, value, nowMs),
        );
      }).flat(),
    );
  }
  while ((await runRound(a.deps, a.pg.tenantId, 0, { atMost: 8 })).batches > 0);
}

const anomalies = () =>
  a.pg.asOwner<{ id: string; fault: string; basis: string; status: string; asset_id: string }>(
    'select id, fault, basis, status, asset_id from anomaly order by id',
  );

test('readings that no longer go together are one anomaly of what contributes most, which a replay finds again', async () => {
  await feed(1600);
  expect(await anomalies()).toEqual([]);
  await feed(300, -2.2);
  const [anomaly, ...others] = await anomalies();
  expect(others).toEqual([]);
  expect(anomaly).toMatchObject({ fault: 'deviation', basis: 'joint', status: 'confirmed', asset_id: OTHER_COMPONENT });
  const card = (await a.pg.db.tenant(a.pg.tenantId, (tx) => readCard(tx, anomaly!.id)))!;
  expect(card.joint!.contributions[0]).toMatchObject({ pointKey: POINTS[2], name: { en: 'outlet' } });
  expect(card.joint!.contributions[0]!.share).toBeGreaterThan(0.5);
  expect(card.assetName).toBe('Pump 7 volute');
  expect(card.summary.en).toMatch(/outlet \d\d %/);
  expect(card.summary.zh).toMatch(/贡献：outlet \d\d %/);
  expect(card.trend.y.at(-1), 'the course of what contributes most').toBeLessThan(4.5);
  expect((await a.events()).map(({ type }) => type)).toEqual(['AnomalyConfirmed']);

  const scoped = { kind: 'reading', pointKey: BEARING, machineId: null, machineClass: null } as const;
  const acts: string[] = [];
  const options = { fromMs: 0, toMs: Number.POSITIVE_INFINITY, closeAfterMs: 3_600_000 };
  const replay = createReplay(settingsFor([], scoped, 0), {
    ...options,
    onVerdict: (verdict, then) => acts.push(verdict.act === then.act ? 'same' : `${verdict.act} for ${then.act}`),
  });
  const span = await a.pg.db.tenant(a.pg.tenantId, (tx) => spanOf(tx, BEARING, 0, options.toMs));
  for await (const raw of readStretches(a.pg.db, a.pg.tenantId, BEARING, span!.startSequence))
    replay.take(decodeStretch(raw));
  expect(new Set(acts)).toEqual(new Set(['same']));
  expect(replay.result().firings.map(({ basis, anomalyId }) => [basis, anomalyId])).toEqual([['joint', anomaly!.id]]);

  const labelAnomaly = createLabelAnomaly(clock);
  await a.pg.db.tenant(a.pg.tenantId, (tx) => labelAnomaly(tx, anomaly!.id, 'other_cause', 'an engineer'));
  const leader = await a.pg.db.tenant(a.pg.tenantId, (tx) => readPoint(tx, BEARING));
  expect(leader!.detector).toMatchObject({ open: null, regimes: [] });
});
