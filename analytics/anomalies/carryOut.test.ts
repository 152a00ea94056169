import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { manualClock } from '../../platform/index.ts';
import { bearingFacts, type TestAnalytics, testAnalytics } from '../../test/fixtures/analytics.ts';
import type { Claim, Verdict } from '../detectors/observation.ts';
import type { FaultName } from '../detectors/state.ts';
import type { PointFacts } from '../facts/machineFacts.ts';
import { listAnomalies } from '../store/anomalies.ts';
import { lockPoints, type PointMemory } from '../store/pointMemory.ts';
import { carryOut, dropSuspicion, noteStrength } from './carryOut.ts';

const clock = manualClock();
let a: TestAnalytics;
let machine: PointFacts;
beforeAll(async () => {
  a = await testAnalytics(clock);
});
afterAll(() => a.stop());
beforeEach(async () => {
  machine = bearingFacts();
  for (const table of ['event', 'anomaly', 'anomaly_point']) await a.pg.asOwner(`delete from ${table}`);
});

const newPoint = (pointKey: string) =>
  a.pg.db.tenant(a.pg.tenantId, async (tx) => (await lockPoints(tx, new Map([[pointKey, 'waveform']]))).get(pointKey)!);

interface Said {
  act: Verdict['act'];
  fault: FaultName;
  strength?: number;
  level?: Claim['level'];
  facts?: PointFacts | null;
}

function say(
  point: PointMemory,
  { act, fault, strength = 12, level = 'warning', facts = machine }: Said,
): Promise<void> {
  const claim: Claim = { fault, basis: 'agreement', confidence: 0.8, level, strength };
  const verdict: Verdict = {
    outcome: 'confirmed',
    gate: null,
    regime: 'n73l4',
    coldStart: false,
    scored: [],
    act,
    claim,
    rise: null,
    joint: null,
    shift: null,
    frozen: true,
  };
  const about = { pointKey: point.pointKey, facts, verdict, claim, analysis: null, diagnosis: null };
  const when = { timeMs: clock.nowMs(), arrivalMs: clock.nowMs() + 5, loadPercent: null };
  return a.pg.db.tenant(a.pg.tenantId, (tx) =>
    carryOut(a.deps, tx, point, { ...about, ...when, models: [], recentBlocks: [] }),
  );
}

const anomalies = () => a.pg.db.tenant(a.pg.tenantId, (tx) => listAnomalies(tx, { faded: true, limit: 50 }));
const heard = async () => (await a.events()).map(({ type, payload }) => [type, payload.fault, payload.level]);

test('a suspicion is written, confirmed in place and published once', async () => {
  const point = await newPoint('p/1');
  await say(point, { act: 'suspect', fault: 'outer' });
  expect(await heard()).toEqual([]);
  const [suspected] = await anomalies();
  await say(point, { act: 'confirm', fault: 'outer' });
  expect(await anomalies()).toMatchObject([{ id: suspected!.id, status: 'confirmed', fault: 'outer' }]);
  expect(await heard()).toEqual([['AnomalyConfirmed', 'outer', 'warning']]);
});

test('a suspicion that fades is closed without a label, and hidden from the plain list', async () => {
  const point = await newPoint('p/1');
  await say(point, { act: 'suspect', fault: 'outer' });
  await a.pg.db.tenant(a.pg.tenantId, (tx) => dropSuspicion(a.deps, tx, point));
  expect(point.detector.open).toBeNull();
  expect(await anomalies()).toMatchObject([{ status: 'closed', closedReason: 'faded', label: null }]);
  expect(await a.pg.db.tenant(a.pg.tenantId, (tx) => listAnomalies(tx, { faded: false, limit: 9 }))).toEqual([]);
});

test('a suspicion that another point has confirmed does not fade', async () => {
  const [one, two] = [await newPoint('p/1'), await newPoint('p/2')];
  await say(one, { act: 'suspect', fault: 'outer' });
  await say(two, { act: 'confirm', fault: 'inner' });
  await a.pg.db.tenant(a.pg.tenantId, (tx) => dropSuspicion(a.deps, tx, one));
  expect(one.detector.open).toMatchObject({ status: 'confirmed', anomalyId: two.detector.open!.anomalyId });
  expect(await heard()).toEqual([['AnomalyConfirmed', 'inner', 'warning']]);
});

test('an escalation is published once, whichever of the points sees it', async () => {
  const [one, two] = [await newPoint('p/1'), await newPoint('p/2')];
  await say(one, { act: 'confirm', fault: 'outer' });
  await say(two, { act: 'confirm', fault: 'outer' });
  await say(two, { act: 'escalate', fault: 'outer', level: 'serious' });
  await say(one, { act: 'escalate', fault: 'outer', level: 'serious' });
  expect(await heard()).toEqual([
    ['AnomalyConfirmed', 'outer', 'warning'],
    ['AnomalyEscalated', 'outer', 'serious'],
  ]);
  expect(await anomalies()).toMatchObject([{ level: 'serious', escalatedMs: clock.nowMs() }]);
});

test('an unexplained deviation that gets a name keeps its anomaly and its key', async () => {
  const point = await newPoint('p/1');
  await say(point, { act: 'confirm', fault: 'deviation' });
  const [before] = await anomalies();
  await say(point, { act: 'refine', fault: 'inner' });
  expect(await anomalies()).toMatchObject([{ id: before!.id, faultKey: before!.faultKey, fault: 'inner' }]);
  expect((await heard())[1]).toEqual(['AnomalyEscalated', 'inner', 'warning']);
});

test('the quieter neighbour joins the first, and a level beyond limits joins as its consequence and escalates it', async () => {
  const [de, nde] = [await newPoint('p/de'), await newPoint('p/nde')];
  const other = { ...machine, assetId: bearingFacts().assetId };
  await say(de, { act: 'confirm', fault: 'outer', strength: 14 });
  await say(nde, { act: 'confirm', fault: 'outer', strength: 9, facts: other });
  await say(nde, { act: 'confirm', fault: 'severity', level: 'serious', facts: other });
  expect(await anomalies()).toHaveLength(1);
  expect(nde.detector.open).toMatchObject({ part: 'corroborates', status: 'confirmed' });
  expect((await heard()).map(([type]) => type)).toEqual(['AnomalyConfirmed', 'AnomalyEscalated']);
});

test('a fault that grows takes its neighbours with it: they go on joining', async () => {
  const [de, nde] = [await newPoint('p/de'), await newPoint('p/nde')];
  await say(de, { act: 'confirm', fault: 'outer', strength: 12 });
  const grown: Claim = { fault: 'outer', basis: 'agreement', confidence: 0.9, level: 'warning', strength: 22 };
  await a.pg.db.tenant(a.pg.tenantId, (tx) => noteStrength(tx, de, grown));
  const other = { ...machine, assetId: bearingFacts().assetId };
  await say(nde, { act: 'confirm', fault: 'outer', strength: 16, facts: other });
  expect(await anomalies()).toMatchObject([{ strength: 22 }]);
  expect(nde.detector.open?.part).toBe('corroborates');
});

test('two points that confirm one fault at the same time leave one anomaly and one event', async () => {
  const points = await Promise.all(Array.from({ length: 6 }, (_, i) => newPoint(`p/${i}`)));
  await Promise.all(points.map((point) => say(point, { act: 'confirm', fault: 'outer' })));
  expect(await anomalies()).toHaveLength(1);
  expect(await heard()).toHaveLength(1);
});

test('an unbalance is the machine’s, whichever of its bearings hears it, and however much louder the second is', async () => {
  const other = {
    ...machine,
    pointId: bearingFacts().pointId,
    assetId: bearingFacts().assetId,
    assetName: 'NDE bearing',
  };
  const [one, two] = [await newPoint('p/de'), await newPoint('p/nde')];
  await say(one, { act: 'confirm', fault: 'unbalance', strength: 10 });
  await say(two, { act: 'confirm', fault: 'misalignment', strength: 30, facts: other });
  const [anomaly, ...others] = await anomalies();
  expect(others).toEqual([]);
  expect(anomaly).toMatchObject({ fault: 'unbalance', assetId: machine.machineId, assetName: machine.machineName });
});

test('what can be named on a machine explains what only deviated there: one anomaly, which gets the name', async () => {
  const [heat, bearing] = [await newPoint('p/temperature'), await newPoint('p/de')];
  await say(heat, { act: 'confirm', fault: 'deviation' });
  await say(bearing, { act: 'suspect', fault: 'ball' });
  await say(bearing, { act: 'confirm', fault: 'ball' });
  await say(bearing, { act: 'confirm', fault: 'ball', strength: 40 });
  const open = (await anomalies()).filter(({ status }) => status !== 'closed');
  expect(open).toMatchObject([{ fault: 'ball', status: 'confirmed', pointKey: 'p/de' }]);
  expect(await heard()).toEqual([
    ['AnomalyConfirmed', 'deviation', 'warning'],
    ['AnomalyEscalated', 'ball', 'warning'],
  ]);
});
