import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CiFailure } from '../../cmdb/index.ts';
import { newId } from '../../platform/index.ts';
import { type Bed, NOWHERE, service, testBed } from '../../test/fixtures/ticketing.ts';
import { takeCleared } from '../intake/cleared.ts';
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
