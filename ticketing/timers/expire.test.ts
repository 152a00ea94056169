import { afterEach, beforeEach, expect, it } from 'vitest';
import { newId } from '../../platform/index.ts';
import { type Bed, NOWHERE, testBed } from '../../test/fixtures/ticketing.ts';
import { readLog } from '../orders/log.ts';

const MINUTE = 60_000;
let bed: Bed;
beforeEach(async () => {
  bed = await testBed();
});
afterEach(() => bed.pg.stop());

const kinds = async (id: string) =>
  (await bed.pg.db.tenant(bed.pg.tenantId, (tx) => readLog(tx, id))).map((entry) => entry.kind);
/** Minutes from the start at which timer events are due, as the outbox holds them. */
const order = async () => (await bed.orders())[0]!;
const timerInMinutes = async (startMs: number) => ((await order()).timerDueAt!.getTime() - startMs) / MINUTE;

it('passes an unanswered order on when the accept time is over, then to the dispatcher', async () => {
  const startMs = bed.clock.nowMs();
  await bed.technician('Ada', { skills: { bearings: 5 } });
  await bed.technician('Ben');
  await bed.take(bed.anomaly());
  const { id, priority, assigneeName } = await order();
  expect([priority, assigneeName]).toEqual(['P4', 'Ada']);
  expect(await timerInMinutes(startMs)).toBe(240);

  await bed.expire(id);
  expect(await order()).toMatchObject({ assigneeName: 'Ada' });

  await bed.clock.advance(240 * MINUTE);
  await bed.expire(id);
  expect(await order()).toMatchObject({ assigneeName: 'Ben', state: 'assigned' });
  expect(await timerInMinutes(startMs)).toBe(480);
  await bed.clock.advance(240 * MINUTE);
  await bed.expire(id, id);
  expect(await order()).toMatchObject({ state: 'new', assigneeName: null });
  expect(await bed.loads()).toEqual({ Ada: 0, Ben: 0 });
  expect(await kinds(id)).toEqual(['opened', 'assigned', 'accept_expired', 'assigned', 'accept_expired', 'queued']);
  expect(await timerInMinutes(startMs)).toBe(1_440);
});

it('marks response and resolution as overdue once each and tells the leader', async () => {
  const assetId = newId();
  const leader = { ciId: newId(), name: 'Lena', email: 'lena@plant.example', phone: null, locale: 'en' as const };
  bed.assets.set(assetId, { context: { ...NOWHERE, leaders: [leader] }, services: [] });
  await bed.take(bed.anomaly({ assetId }));
  const { id } = await order();
  await bed.clock.advance(1_440 * MINUTE);
  await bed.expire(id);
  await bed.expire(id);
  expect(await order()).toMatchObject({ responseOverdue: true, resolutionOverdue: false });
  await bed.clock.advance(10_080 * MINUTE);
  await bed.expire(id);
  await bed.expire(id);
  expect(await order()).toMatchObject({ responseOverdue: true, resolutionOverdue: true });
  expect(await kinds(id)).toEqual(['opened', 'queued', 'response_overdue', 'resolution_overdue']);
  const overdue = bed.messages.filter((m) => m.template === 'order-overdue');
  expect(overdue.map((m) => [m.recipient.name, m.params.clock])).toEqual([
    ['Lena', 'response'],
    ['Lena', 'resolution'],
  ]);
});

it('does not touch an order that was accepted in time, and goes on to its next clock', async () => {
  const startMs = bed.clock.nowMs();
  await bed.technician('Ada');
  await bed.take(bed.anomaly());
  const { id } = await order();
  const accepted = await bed.move(id, { move: 'accept' });
  await bed.clock.advance(240 * MINUTE);
  await bed.expire(id);
  const after = await order();
  expect(after.version).toBe(accepted.version);
  expect(await kinds(id)).toEqual(['opened', 'assigned', 'moved']);
  expect(await timerInMinutes(startMs)).toBe(10_080);
  expect(await bed.events('WorkOrderTimer')).toHaveLength(2);
});

it('does not count time on hold', async () => {
  await bed.technician('Ada');
  await bed.take(bed.anomaly());
  const { id, resolutionDueAt } = await order();
  for (const move of ['accept', 'start'] as const) await bed.move(id, { move });
  await bed.move(id, { move: 'hold', reason: 'waiting for parts' });
  await bed.clock.advance(20_000 * MINUTE);
  await bed.expire(id);
  expect((await order()).resolutionOverdue).toBe(false);
  const resumed = await bed.move(id, { move: 'resume' });
  expect(resumed.resolutionDueAt.getTime() - resolutionDueAt.getTime()).toBe(20_000 * MINUTE);
  expect(resumed.timerDueAt).toEqual(resumed.resolutionDueAt);
});
