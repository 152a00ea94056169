import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { manualClock } from '../../platform/index.ts';
import { bearingFacts, readingOf, type TestAnalytics, testAnalytics } from '../../test/fixtures/analytics.ts';
import { createLabelAnomaly } from '../anomalies/label.ts';
import type { PointFacts } from '../facts/machineFacts.ts';
import { readCard } from '../store/anomalies.ts';
import { readPoint } from '../store/pointMemory.ts';
import { runRound } from './round.ts';

const clock = manualClock();
const STEP_MS = 10_000;
const MINUTE_MS = 60_000;
let a: TestAnalytics;
let nowMs = clock.nowMs();
let device: string;
let serial = 0;
let machine: PointFacts;

beforeAll(async () => {
  a = await testAnalytics(clock);
});
afterAll(() => a.stop());
beforeEach(async () => {
  device = `node-${++serial}`;
  machine = bearingFacts({ operatingPoints: { speed: `${device}/speed` } });
  for (const point of ['a', 'b', 'speed']) a.facts.set(`${device}/${point}`, machine);
  await a.pg.asOwner('delete from event');
});

/** So many minutes in which these points of the device report every ten seconds, some values of their own. */
async function minutes(count: number, points: readonly string[], speed = 1500): Promise<void> {
  for (let minute = 0; minute < count; minute += 5) {
    const units = [];
    for (const end = nowMs + Math.min(5, count - minute) * MINUTE_MS; nowMs < end; nowMs += STEP_MS)
      for (const point of points)
        units.push(readingOf(`${device}/${point}`, point === 'speed' ? speed : 20 + Math.sin(nowMs / 7_000), nowMs));
    await a.feed(units);
  }
  while ((await runRound(a.deps, a.pg.tenantId, 0, { atMost: 4 })).batches > 0);
}
const raised = () =>
  a.pg.asOwner<{ id: string; fault: string; point_key: string; status: string; closed_reason: string | null }>(
    `select id, fault, point_key, status, closed_reason from anomaly where point_key like $1 order by id`,
    [`${device}/%`],
  );

test('a point that falls silent while its device goes on is dead, once, until it reports again', async () => {
  await minutes(20, ['a', 'b']);
  await minutes(14, ['a']);
  expect(await raised()).toEqual([]);
  await minutes(30, ['a']);
  const [dead, ...others] = await raised();
  expect(others).toEqual([]);
  expect(dead).toMatchObject({ fault: 'sensor', point_key: `${device}/b`, status: 'confirmed' });
  const card = (await a.pg.db.tenant(a.pg.tenantId, (tx) => readCard(tx, dead!.id)))!;
  expect(card.sensor!.sign).toBe('dead');
  expect(card.sensor!.detail.en).toMatch(/usually every 10 s/);
  expect(card.sensor!.detail.zh).toMatch(/平时每 10 秒/);
  const memory = (await a.pg.db.tenant(a.pg.tenantId, (tx) => readPoint(tx, `${device}/b`)))!;
  expect(memory.verdict).toMatchObject({ outcome: 'gated', gate: 'sensor' });
  expect((await a.events()).map(({ type }) => type)).toEqual(['AnomalyConfirmed']);
  await minutes(1, ['a', 'b']);
  expect(await raised()).toMatchObject([{ id: dead!.id, status: 'closed', closed_reason: 'recovered' }]);
  expect((await a.events()).map(({ type }) => type)).toEqual(['AnomalyConfirmed', 'AnomalyCleared']);
});

test('a device that is away, and comes back, has no dead point', async () => {
  await minutes(20, ['a', 'b']);
  nowMs += 300 * MINUTE_MS;
  await minutes(5, ['a']); // b takes its time
  await minutes(20, ['a', 'b']);
  expect(await raised()).toEqual([]);
});

test('a standing machine excuses what says nothing meanwhile, and for as long again once it runs', async () => {
  await minutes(20, ['a', 'b', 'speed']);
  await minutes(60, ['a', 'speed'], 0);
  expect(await raised()).toEqual([]);
  await minutes(13, ['a', 'speed']);
  expect(await raised()).toEqual([]);
  await minutes(60, ['a', 'speed']);
  expect(await raised()).toMatchObject([{ fault: 'sensor', point_key: `${device}/b`, status: 'confirmed' }]);
});

test('one that comes back by itself has such silences: it is given twice as long from then on', async () => {
  for (let i = 0; i < 3; i++) {
    await minutes(10, ['a', 'b']);
    await minutes(25, ['a']);
  }
  await minutes(1, ['a', 'b']);
  expect(await raised()).toMatchObject([{ point_key: `${device}/b`, closed_reason: 'recovered' }]);
});

test('people say that it is meant to be silent: it is not raised again', async () => {
  await minutes(20, ['a', 'b']);
  await minutes(40, ['a']);
  const labelAnomaly = createLabelAnomaly(clock);
  const [dead] = await raised();
  await a.pg.db.tenant(a.pg.tenantId, (tx) => labelAnomaly(tx, dead!.id, 'false_alarm', 'an engineer'));
  await minutes(60, ['a']);
  await minutes(20, ['a', 'b']);
  await minutes(60, ['a']);
  expect(await raised()).toHaveLength(1);
});
