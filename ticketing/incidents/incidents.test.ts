import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CiFailure } from '../../cmdb/index.ts';
import { newId } from '../../platform/index.ts';
import { type Bed, NOWHERE, service, testBed } from '../../test/fixtures/ticketing.ts';
import { takeCleared } from '../intake/cleared.ts';
import { followMerge } from '../merging/ciMerged.ts';
import { readLog } from '../orders/log.ts';
import { takeFailures } from './takeFailures.ts';

let bed: Bed;
beforeEach(async () => {
  bed = await testBed();
});
afterEach(() => bed.pg.stop());

const owner = {
  ...{ ciId: newId(), name: 'Olga', email: 'olga@plant.example', phone: null },
  ...{ locale: 'en', role: 'accountable' },
};

function failureOf(name: string, over: Partial<CiFailure> = {}): CiFailure {
  const ciId = newId();
  bed.assets.set(ciId, { context: NOWHERE, services: [service('Shop', { criticality: 1, owners: [owner] })] });
  return {
    ...{ failureId: newId(), ciId, ciKey: name, ciName: name, ciType: 'server', state: 'down' },
    summary: { en: `${name} is down: no answer (alertmanager)`, zh: `${name} 中断：no answer（alertmanager）` },
    alertsUrl: `/api/v1/cmdb/alerts?ci=${ciId}`,
    ...{ sinceMs: bed.clock.nowMs() - 30_000, atMs: bed.clock.nowMs() },
    ...over,
  };
}
const take = (...failures: CiFailure[]) =>
  bed.pg.db.tenant(bed.pg.tenantId, (tx) => takeFailures(bed.deps, tx, failures, 'confirmed'));
const recover = (...failures: CiFailure[]) =>
  bed.unit((unit) =>
    takeCleared(
      unit,
      failures.map(({ failureId }) => ({ anomalyId: failureId, clearedAtMs: bed.clock.nowMs() })),
    ),
  );
const kinds = async (orderId: string) =>
  (await bed.pg.db.tenant(bed.pg.tenantId, (tx) => readLog(tx, orderId))).map(({ kind }) => kind);

test('a failing CI opens one incident with its impact, tells the owners, and proposes to stop nothing', async () => {
  const failure = failureOf('db1');
  await take(failure);
  await take(failure);
  const [incident, ...others] = await bed.orders();
  expect(others).toEqual([]);
  expect(incident).toMatchObject({
    kind: 'incident',
    fault: 'outage',
    priority: 'P1',
    assetId: failure.ciId,
    pointKey: null,
  });
  expect(bed.messages.filter(({ template }) => template === 'impact-owner')).toHaveLength(1);
  expect(await bed.pg.asOwner('select from stop_command')).toHaveLength(0);
});

test('recovery closes the incident, whoever works on it, and tells the owners', async () => {
  await bed.technician('Ada', { skills: { it: 3 } });
  const failure = failureOf('db1');
  await take(failure);
  const [opened] = await bed.orders();
  expect(opened!.state).toBe('assigned');
  await bed.move(opened!.id, { move: 'accept' });
  await bed.move(opened!.id, { move: 'start' });
  await bed.clock.advance(600_000);
  await recover(failure);
  const [closed] = await bed.orders();
  expect(closed).toMatchObject({ state: 'closed', closure: null });
  expect((await kinds(closed!.id)).slice(-2)).toEqual(['recovered', 'moved']);
  expect(await bed.loads()).toEqual({ Ada: 0 });
  const restored = bed.messages.filter(({ template }) => template === 'order-closed');
  expect(restored).toMatchObject([{ recipient: { name: 'Olga' }, params: { service: 'Shop', downtimeMinutes: 11 } }]);
  // The same CI fails again: another failure, another incident.
  await take({ ...failure, failureId: newId() });
  expect(await bed.orders()).toHaveLength(2);
});

test('a symptom is added to the incident of its cause, which ends when both are well', async () => {
  const [cause, symptom] = [failureOf('switch'), failureOf('server')];
  bed.causes.set(symptom.ciId, cause.ciId);
  await take(symptom, cause);
  const [incident, ...others] = await bed.orders();
  expect(others).toEqual([]);
  expect(incident!.assetId).toBe(cause.ciId);
  expect(await kinds(incident!.id)).toContain('anomaly_added');
  await recover(cause);
  expect((await bed.orders())[0]!.state).not.toBe('closed');
  await recover(symptom);
  expect((await bed.orders())[0]!.state).toBe('closed');
});

test('a cause that is told after its symptom is named in the symptom’s log, once', async () => {
  const [cause, symptom, later] = [failureOf('switch'), failureOf('server'), failureOf('other')];
  bed.causes.set(symptom.ciId, cause.ciId);
  await take(symptom);
  await take(cause);
  await take(later);
  const orders = await bed.orders();
  expect(orders).toHaveLength(3);
  const ofSymptom = orders.find(({ assetId }) => assetId === symptom.ciId)!;
  expect((await kinds(ofSymptom.id)).filter((kind) => kind === 'caused_by')).toHaveLength(1);
});

test('an incident that a person closes teaches no detector, and its late news opens nothing', async () => {
  const failure = failureOf('db1', { state: 'degraded' });
  await take(failure);
  const [incident] = await bed.orders();
  expect(incident).toMatchObject({ fault: 'degradation', level: 'warning' });
  await bed.move(incident!.id, { move: 'cancel', reason: 'known', outcome: 'other_cause' });
  expect(bed.labels).toEqual([]);
  await take(failure);
  expect(await bed.orders()).toHaveLength(1);
});

const merge = (gone: CiFailure, kept: CiFailure, ended = false) =>
  bed.unit((unit) =>
    followMerge(unit, {
      ...{ goneId: gone.ciId, goneKey: gone.ciKey, keptId: kept.ciId, keptKey: kept.ciKey, keptName: kept.ciName },
      by: 'Ida',
      failure: ended ? { endedId: gone.failureId, goesOnAsId: kept.failureId } : null,
    }),
  );

test('an incident follows its CI into the one that it was merged into, and later failures of that join it', async () => {
  const gone = failureOf('web1');
  const kept = failureOf('web-one');
  await take(gone);
  await merge(gone, kept);
  const [incident] = await bed.orders();
  expect(incident).toMatchObject({ assetId: kept.ciId, assetName: 'web-one', faultKey: `ci:${kept.ciId}` });
  expect(await kinds(incident!.id)).toContain('ci_merged');
  // News of the failure that was under way meanwhile still names the CI that is gone.
  bed.failing = [{ failureId: gone.failureId, ciId: kept.ciId, state: 'down' }];
  await take({ ...gone, atMs: bed.clock.nowMs() });
  expect(await bed.orders()).toHaveLength(1);
  await recover(gone);
  expect(await bed.orders()).toMatchObject([{ state: 'closed' }]);
});

test('two incidents of what turns out to be one CI become one, of the higher priority, that ends with the failure', async () => {
  const technician = await bed.technician('Tom', { skills: { it: 3 } });
  const gone = failureOf('web1', { state: 'down' });
  const kept = failureOf('web-one', { state: 'degraded' });
  bed.assets.set(kept.ciId, { context: NOWHERE, services: [] });
  await take(gone);
  await take(kept);
  const before = await bed.orders();
  expect(before.map(({ priority, assigneeId }) => [priority, assigneeId])).toEqual([
    ['P1', technician],
    ['P4', technician],
  ]);
  await merge(gone, kept, true);
  await merge(gone, kept, true);
  const [first, second] = await bed.orders();
  expect(first).toMatchObject({ state: 'cancelled', assetId: kept.ciId });
  expect(second).toMatchObject({ state: 'assigned', priority: 'P1', faultKey: `ci:${kept.ciId}` });
  expect(await bed.loads()).toEqual({ Tom: 1 });
  expect(await kinds(second!.id)).toEqual(['opened', 'assigned', 'ci_merged']);
  await recover(kept);
  expect(await bed.orders()).toMatchObject([{ state: 'cancelled' }, { state: 'closed' }]);
});

test('of two incidents that turn out to be one, that which somebody works on goes on; both, where both are worked on', async () => {
  await bed.technician('Tom', { skills: { it: 3 } });
  const gone = failureOf('web1');
  const kept = failureOf('web-one');
  await take(gone);
  await take(kept);
  const [first, second] = await bed.orders();
  await bed.move(first!.id, { move: 'accept' });
  await merge(gone, kept);
  expect(await bed.orders()).toMatchObject([
    { id: first!.id, state: 'accepted', faultKey: `ci:${kept.ciId}`, assetId: kept.ciId },
    { id: second!.id, state: 'cancelled' },
  ]);
  const other = failureOf('web-uno');
  await take(other);
  const third = (await bed.orders())[2]!;
  await bed.move(third.id, { move: 'accept' });
  await merge(other, kept);
  const [one, , three] = await bed.orders();
  expect([one!.state, three!.state]).toEqual(['accepted', 'accepted']);
  expect(three).toMatchObject({ assetId: kept.ciId, faultKey: `ci:${other.ciId}` });
});

test('services that announced work takes anyway count for no priority and their owners are not told', async () => {
  const failure = failureOf('db1');
  const planned = service('Shop', { criticality: 1, planned: true, owners: [owner] });
  bed.assets.set(failure.ciId, { context: NOWHERE, services: [planned] });
  await take(failure);
  const [incident] = await bed.orders();
  expect(incident).toMatchObject({
    priority: 'P2',
    priorityBasis: {
      impact: 'minor',
      impactBecause: 'only services that announced work takes anyway depend on it',
      planned: ['Shop'],
    },
  });
  expect(bed.messages.filter(({ template }) => template === 'impact-owner')).toEqual([]);
});
