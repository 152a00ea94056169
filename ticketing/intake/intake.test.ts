import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../platform/index.ts';
import { type Bed, NOWHERE, service, testBed } from '../../test/fixtures/ticketing.ts';
import { readLog } from '../orders/log.ts';
import type { Contact } from '../ports.ts';
import { takeCleared } from './cleared.ts';
import { takeAnomalies } from './intake.ts';

let bed: Bed;
beforeEach(async () => {
  bed = await testBed();
});
afterEach(() => bed.pg.stop());

const contact = (name: string, over: Partial<Contact> = {}): Contact => ({
  ciId: newId(),
  name,
  email: `${name}@Plant.example`,
  phone: null,
  locale: 'en',
  ...over,
});
const logOf = (orderId: string) => bed.pg.db.tenant(bed.pg.tenantId, (tx) => readLog(tx, orderId));

describe('one fault, one order', () => {
  it('opens an order with number, priority, due times and everything that led to it', async () => {
    const assetId = newId();
    bed.assets.set(assetId, { context: NOWHERE, services: [service('Packing', { criticality: 1 })] });
    const anomaly = bed.anomaly({ assetId, level: 'serious', severityZone: 'D' });
    await bed.take(anomaly);
    const [order] = await bed.orders();
    expect(order).toMatchObject({
      number: 'WO-000001',
      state: 'new',
      priority: 'P1',
      faultKey: anomaly.faultKey,
      evidenceUrl: anomaly.evidenceUrl,
      priorityBasis: { impact: 'extensive', impactBecause: 'Packing (criticality 1) would be down' },
      queueReason: 'Waiting for a dispatcher: there are no technicians yet',
    });
    expect(order!.responseDueAt.getTime() - order!.createdAt.getTime()).toBe(15 * 60_000);
    const [{ verdict }] = (await bed.pg.asOwner(
      'select v.document as verdict from work_order o join impact_verdict v on v.id = o.verdict_id',
    )) as [{ verdict: object }];
    expect(verdict).toMatchObject({ graphVersion: '7', healthVersion: '1', serviceCount: 1 });
    expect((await logOf(order!.id)).map((e) => [e.sequence, e.kind])).toEqual([
      [1, 'opened'],
      [2, 'owners_told'],
      [3, 'stop_proposed'],
      [4, 'queued'],
    ]);
    expect(await bed.events('WorkOrderOpened')).toMatchObject([
      { orderId: order!.id, number: 'WO-000001', anomalyId: anomaly.anomalyId, lastWaveformAtMs: bed.clock.nowMs() },
    ]);
  });

  it('appends a repeat and a second anomaly of the fault, also inside one batch', async () => {
    const first = bed.anomaly();
    const second = bed.anomaly({ faultKey: first.faultKey });
    await bed.take(first, second);
    await bed.take(first);
    await bed.take(bed.anomaly({ faultKey: first.faultKey }));
    const [order, ...others] = await bed.orders();
    expect(others).toEqual([]);
    expect((await logOf(order!.id)).map((e) => e.kind)).toEqual([
      'opened',
      'queued',
      'anomaly_added',
      'anomaly_repeated',
      'anomaly_added',
    ]);
    expect(await bed.events('WorkOrderOpened')).toHaveLength(1);
  });

  it('opens one order when workers get the same anomalies at once', async () => {
    const batch = Array.from({ length: 20 }, () => bed.anomaly());
    await bed.technician('Ada', { maxLoad: 100 });
    await Promise.all(Array.from({ length: 8 }, (_, i) => bed.take(...(i % 2 ? batch : batch.toReversed()))));
    const orders = await bed.orders();
    expect(orders.map((o) => o.faultKey).sort()).toEqual(batch.map((a) => a.faultKey).sort());
    expect(await bed.events('WorkOrderOpened')).toHaveLength(20);
    expect(await bed.loads()).toEqual({ Ada: 20 });
    for (const { id, logLength } of orders) {
      const log = await logOf(id);
      expect(log.map((e) => e.sequence)).toEqual(Array.from({ length: logLength }, (_, i) => i + 1));
      expect(log.filter((e) => e.kind === 'anomaly_repeated')).toHaveLength(7);
    }
  });

  it('opens one order when workers race with different anomalies of the same fault and no technician to queue at', async () => {
    const faultKey = 'pump-7/inner';
    await Promise.all(Array.from({ length: 8 }, () => bed.take(bed.anomaly({ faultKey }))));
    const [order, ...others] = await bed.orders();
    expect(others).toEqual([]);
    expect((await logOf(order!.id)).filter((e) => e.kind === 'anomaly_added')).toHaveLength(7);
  });

  it('leaves nothing when the transaction dies after the inserts, and exactly one order after the repeat', async () => {
    const anomaly = bed.anomaly();
    await bed.technician('Ada');
    const killed = bed.pg.db.tenant(bed.pg.tenantId, async (tx) => {
      await takeAnomalies(bed.deps, tx, [anomaly]);
      const { rows } = await tx.query<{ n: number }>('select count(*)::int as n from work_order');
      expect(rows[0]!.n).toBe(1);
      await tx.query('select pg_terminate_backend(pg_backend_pid())');
    });
    await expect(killed).rejects.toThrow();
    expect(await bed.orders()).toEqual([]);
    expect(await bed.loads()).toEqual({ Ada: 0 });
    expect(await bed.events('WorkOrderOpened')).toEqual([]);
    await bed.take(anomaly);
    expect(await bed.orders()).toHaveLength(1);
    expect(await bed.loads()).toEqual({ Ada: 1 });
  });

  it('opens a second order only for a new anomaly after the first was cancelled, never for a late repeat', async () => {
    const anomaly = bed.anomaly();
    await bed.take(anomaly);
    const [order] = await bed.orders();
    await bed.move(order!.id, { move: 'cancel', reason: 'machine scrapped', outcome: 'other_cause' });
    await bed.take(anomaly);
    expect(await bed.orders()).toHaveLength(1);
    await bed.take(bed.anomaly({ faultKey: anomaly.faultKey }));
    expect((await bed.orders()).map((o) => [o.number, o.state])).toEqual([
      ['WO-000001', 'cancelled'],
      ['WO-000002', 'new'],
    ]);
  });

  it('asks for the impact once per distinct asset of a batch', async () => {
    const [a, b] = [newId(), newId()];
    for (const id of [a, b]) bed.assets.set(id, { context: NOWHERE, services: [service('S')] });
    await bed.take(...[a, b, a, a, b].map((assetId) => bed.anomaly({ assetId })));
    expect(bed.asked.sort()).toEqual([a, b].sort());
    expect(await bed.orders()).toHaveLength(5);
  });

  it('opens an order without a verdict for an asset that the CMDB does not know', async () => {
    await bed.take(bed.anomaly({ assetId: newId() }), bed.anomaly({ assetId: null }));
    for (const { priorityBasis } of await bed.orders())
      expect(priorityBasis.impactBecause).toContain('not in the CMDB');
    expect(bed.asked).toEqual([]);
  });

  it('writes nothing while the CMDB does not answer, so that the delivery is tried again', async () => {
    const assetId = newId();
    bed.assets.set(assetId, { context: NOWHERE, services: [] });
    bed.cmdbDown = true;
    const anomaly = bed.anomaly({ assetId });
    await expect(bed.take(anomaly)).rejects.toThrow('does not answer');
    expect(await bed.orders()).toEqual([]);
    bed.cmdbDown = false;
    await bed.take(anomaly);
    expect(await bed.orders()).toHaveLength(1);
  });
});

describe('escalation', () => {
  it('raises level and priority, tightens the due times and proposes the stop once', async () => {
    const assetId = newId();
    const line = { ciId: newId(), name: 'Line 1', device: 'plc-1' };
    const supplier = contact('Bearings Ltd');
    bed.assets.set(assetId, { context: { ...NOWHERE, line, suppliers: [supplier] }, services: [service('Packing')] });
    const anomaly = bed.anomaly({ assetId, severityZone: 'B', confidence: 0.5 });
    await bed.take(anomaly);
    const [before] = await bed.orders();
    expect(before).toMatchObject({ priority: 'P3', level: 'warning' });
    expect(bed.messages).toEqual([]);

    const worse = { ...anomaly, level: 'serious', severityZone: 'D' } as const;
    await bed.take(worse);
    await bed.take(worse);
    const [after] = await bed.orders();
    expect(after).toMatchObject({ priority: 'P1', level: 'serious', zone: 'D' });
    expect(after!.resolutionDueAt.getTime()).toBeLessThan(before!.resolutionDueAt.getTime());
    expect((await logOf(after!.id)).map((e) => e.kind)).toEqual([
      'opened',
      'owners_told',
      'queued',
      'escalated',
      'stop_proposed',
      'anomaly_repeated',
    ]);
    const stops = await bed.pg.asOwner('select line_name, device, state from stop_command');
    expect(stops).toEqual([{ line_name: 'Line 1', device: 'plc-1', state: 'proposed' }]);
    expect(bed.messages.map((m) => [m.template, m.recipient.name])).toEqual([['supplier-support', 'Bearings Ltd']]);
    const timers = await bed.events('WorkOrderTimer');
    expect(timers).toHaveLength(2);
  });

  it('opens the order by itself when it arrives before the confirmation', async () => {
    const anomaly = bed.anomaly();
    await bed.take({ ...anomaly, level: 'serious' });
    await bed.take(anomaly);
    const [order, ...others] = await bed.orders();
    expect(others).toEqual([]);
    expect(order).toMatchObject({ level: 'serious' });
  });
});

it('takes over the name that an escalation gives the fault, and no late confirmation takes it back', async () => {
  const anomaly = bed.anomaly({ fault: 'deviation' });
  await bed.take(anomaly);
  const named = { ...anomaly, fault: 'outer', summary: { en: 'Outer race fault', zh: '外圈故障' } };
  await bed.pg.db.tenant(bed.pg.tenantId, (tx) => takeAnomalies(bed.deps, tx, [named], 'escalated'));
  await bed.take(anomaly);
  const [order] = await bed.orders();
  expect(order).toMatchObject({ fault: 'outer', level: 'warning', summary: { en: 'Outer race fault' } });
  const log = await logOf(order!.id);
  expect(log.map((e) => e.kind)).toEqual(['opened', 'queued', 'escalated', 'anomaly_repeated']);
  expect(log[2]!.data).toMatchObject({ from: { fault: 'deviation' }, to: { fault: 'outer', level: 'warning' } });
});

describe('the people', () => {
  it('tells each affected owner once, with the worst service explained and the others named; deputies later', async () => {
    const assetId = newId();
    const olive = { ...contact('olive'), role: 'accountable' };
    const otto = { ...contact('otto', { locale: 'zh-CN' }), role: 'deputy' };
    const leader = contact('lena');
    const step = (name: string) => ({ ciId: newId(), key: name, name, type: 'equipment', state: 'down' as const });
    bed.assets.set(assetId, {
      context: { ...NOWHERE, leaders: [leader] },
      services: [
        service('Orders', {
          owners: [olive, otto],
          causeChain: [step('Bearing'), step('Pump'), step('Orders')],
          redundancyLeft: '1 of 2 pumps up',
        }),
        service('Billing', { owners: [olive], costPerHour: 100, users: 2 }),
      ],
    });
    await bed.take(bed.anomaly({ assetId }));
    const [order] = await bed.orders();
    expect(bed.messages.map((m) => [m.template, m.recipient.name, m.recipient.locale])).toEqual([
      ['impact-owner', 'olive', 'en'],
      ['leader-warning', 'lena', 'en'],
    ]);
    expect(bed.messages[0]).toMatchObject({
      params: {
        service: 'Orders',
        otherServices: ['Billing'],
        costPerHour: 5_100,
        users: 42,
        causeChain: ['Bearing', 'Pump', 'Orders'],
        redundancyLeft: '1 of 2 pumps up',
        orderNumber: 'WO-000001',
        priority: order!.priority,
      },
      link: `/work-orders/${order!.id}`,
    });
    const concerned = ['olive@plant.example', 'otto@plant.example', 'lena@plant.example'];
    expect([...order!.concerned].sort()).toEqual(concerned.sort());
    await bed.clock.advance(order!.escalationDueAt!.getTime() - bed.clock.nowMs());
    await bed.expire(order!.id);
    const late = bed.messages.find(({ recipient }) => recipient.name === 'otto')!;
    expect(late).toMatchObject({ template: 'impact-owner', recipient: { locale: 'zh-CN' } });
    expect(late.params.summary).toBe('内圈故障');
  });

  it('sends the best technician and keeps the reasons of each candidate', async () => {
    await bed.technician('Busy', { maxLoad: 1 });
    const expert = await bed.technician('Expert', { skills: { bearings: 5 } });
    await bed.technician('Welder', { skills: { welding: 5 } });
    await bed.take(bed.anomaly(), bed.anomaly(), bed.anomaly());
    const orders = await bed.orders();
    expect(orders.every((o) => o.state === 'assigned')).toBe(true);
    expect(await bed.loads()).toEqual({ Busy: 1, Expert: 2, Welder: 0 });
    const first = orders.find((o) => o.number === 'WO-000001')!;
    expect(first.assigneeId).toBe(expert);
    const rows = await bed.pg.asOwner<{ choice: { ranking: { name: string; total: number }[]; excluded: object } }>(
      'select choice from assignment where order_id = $1',
      [first.id],
    );
    const { choice } = rows[0]!;
    expect(choice.ranking.map((s) => s.name)).toEqual(['Expert', 'Busy']);
    expect(choice.ranking[0]!.total).toBeGreaterThan(choice.ranking[1]!.total);
    expect(choice.excluded).toEqual({ skill: 1 });
    expect(bed.messages.filter((m) => m.template === 'assignment-technician')).toHaveLength(3);
    expect(await bed.events('WorkOrderAssigned')).toHaveLength(3);
  });

  it('never loads a technician beyond the limit, however many batches deal at once', async () => {
    await bed.technician('Ada', { maxLoad: 5 });
    await bed.technician('Ben', { maxLoad: 8 });
    await Promise.all(Array.from({ length: 6 }, () => bed.take(...[1, 2, 3, 4].map(() => bed.anomaly()))));
    expect(await bed.loads()).toEqual({ Ada: 5, Ben: 8 });
    const states = Map.groupBy(await bed.orders(), (order) => order.state);
    expect([states.get('assigned')!.length, states.get('new')!.length]).toEqual([13, 11]);
  });

  it('serves the most pressing of a batch first when capacity is short', async () => {
    const assetId = newId();
    bed.assets.set(assetId, { context: NOWHERE, services: [service('Vital', { criticality: 1 })] });
    await bed.technician('Ada', { maxLoad: 1 });
    await bed.take(bed.anomaly(), bed.anomaly({ assetId }), bed.anomaly());
    const assigned = (await bed.orders()).filter((o) => o.state === 'assigned');
    expect(assigned.map((o) => o.assetId)).toEqual([assetId]);
    const waiting = (await bed.orders()).filter((o) => o.state === 'new');
    expect(waiting.map((o) => o.queueReason)).toEqual(
      Array(2).fill('Waiting for a dispatcher: of 1 technicians 1 fully loaded'),
    );
  });
});

it('keeps tenants apart: the same fault key, another order, own numbers, no row seen', async () => {
  const other = newId();
  const anomaly = bed.anomaly();
  await bed.take(anomaly);
  await bed.pg.db.tenant(other, (tx) => takeAnomalies(bed.deps, tx, [{ ...anomaly, anomalyId: newId() }]));
  const seen = await bed.pg.db.tenant(other, async (tx) => (await tx.query('select number from work_order')).rows);
  expect(seen).toEqual([{ number: 1n }]);
  expect(await bed.orders()).toHaveLength(1);
  const total = await bed.pg.asOwner<{ n: number }>('select count(*)::int as n from work_order');
  expect(total[0]!.n).toBe(2);
});

it('the application cannot rewrite the log', async () => {
  await bed.take(bed.anomaly());
  for (const sql of ["update work_order_event set kind = 'opened'", 'delete from work_order_event']) {
    await expect(bed.pg.db.tenant(bed.pg.tenantId, (tx) => tx.query(sql))).rejects.toThrow('permission denied');
  }
});

describe('sensor faults', () => {
  const cleared = (anomalyId: string) =>
    bed.unit((unit) => takeCleared(unit, [{ anomalyId, clearedAtMs: bed.clock.nowMs() }]));
  const sensorFault = () => bed.anomaly({ fault: 'sensor', severityZone: null, assetId: newId(), confidence: 0.9 });

  it('become instrumentation orders of the lowest priority, for somebody with that skill', async () => {
    const anomaly = sensorFault();
    bed.assets.set(anomaly.assetId!, { context: NOWHERE, services: [] });
    await bed.technician('Mia', { skills: { mechanics: 5 } });
    await bed.technician('Ines', { skills: { instrumentation: 2 } });
    await bed.take(anomaly);
    expect(await bed.orders()).toMatchObject([
      { kind: 'instrumentation', priority: 'P4', assigneeName: 'Ines', fault: 'sensor', assetId: anomaly.assetId },
    ]);
    expect(bed.messages.filter(({ template }) => template === 'impact-owner')).toEqual([]);
  });

  it('withdraw an order that nobody has taken when good data is back, and free the technician', async () => {
    const anomaly = sensorFault();
    await bed.technician('Ines', { skills: { instrumentation: 2 } });
    await bed.take(anomaly);
    expect(await bed.loads()).toEqual({ Ines: 1 });
    await cleared(anomaly.anomalyId);
    await cleared(anomaly.anomalyId);
    const [order] = await bed.orders();
    expect(order).toMatchObject({ state: 'cancelled', version: 2 });
    expect((await logOf(order!.id)).map((e) => e.kind)).toEqual(['opened', 'assigned', 'recovered', 'moved']);
    expect(await bed.loads()).toEqual({ Ines: 0 });
  });

  it('leave an order to whoever works on it, and propose to close it', async () => {
    const anomaly = sensorFault();
    await bed.technician('Ines', { skills: { instrumentation: 2 } });
    await bed.take(anomaly);
    const [order] = await bed.orders();
    await bed.move(order!.id, { move: 'accept' });
    await cleared(anomaly.anomalyId);
    expect(await bed.orders()).toMatchObject([{ state: 'accepted' }]);
    expect((await logOf(order!.id)).at(-1)).toMatchObject({ kind: 'recovered', data: { proposes: 'close' } });
  });

  it('open nothing when the news of their end comes first', async () => {
    const anomaly = sensorFault();
    await cleared(anomaly.anomalyId);
    await bed.take(anomaly);
    expect(await bed.orders()).toEqual([]);
  });
});
