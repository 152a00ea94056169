import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FaultlineError, newId } from '../../platform/index.ts';
import { type Bed, testBed } from '../../test/fixtures/ticketing.ts';
import { readAssignments } from '../dispatch/assignments.ts';
import { readLog } from './log.ts';
import type { MoveRequest } from './move.ts';
import type { Order } from './order.ts';
import { allowedMoves, isOpen, MOVES, type Move, nextState, type OrderState, occupies, STATES } from './state.ts';

let bed: Bed;
beforeAll(async () => {
  bed = await testBed();
});
afterAll(() => bed.pg.stop());
beforeEach(async () => {
  await bed.pg.asOwner(
    `truncate work_order, work_order_anomaly, work_order_event, assignment, stop_command, technician,
       technician_experience, user_role, user_account, event, event_delivery cascade`,
  );
  bed.labels.length = 0;
  bed.messages.length = 0;
});

const closure = { outcome: 'confirmed', failureMode: 'VIB', failureMechanism: '2.6', failureCause: '3.4' } as const;
const requestOf = (move: Move): MoveRequest => {
  switch (move) {
    case 'assign':
      return { move, technicianId: null };
    case 'accept':
    case 'start':
    case 'resume':
      return { move };
    case 'decline':
    case 'hold':
    case 'reopen':
      return { move, reason: 'because' };
    case 'complete':
      return { move, note: null };
    case 'close':
      return { move, closure };
    case 'cancel':
      return { move, reason: 'because', outcome: 'false_alarm' };
  }
};
const PATHS: Record<OrderState, Move[]> = {
  new: [],
  assigned: ['assign'],
  accepted: ['assign', 'accept'],
  in_progress: ['assign', 'accept', 'start'],
  on_hold: ['assign', 'accept', 'start', 'hold'],
  completed: ['assign', 'accept', 'start', 'complete'],
  closed: ['assign', 'accept', 'start', 'complete', 'close'],
  cancelled: ['cancel'],
};
/** A new order that waits for a dispatcher, because its technicians come later. */
async function waiting(): Promise<Order> {
  await bed.take(bed.anomaly());
  return (await bed.orders()).at(-1)!;
}
async function orderIn(state: OrderState): Promise<Order> {
  let order = await waiting();
  await bed.technician(`Tech-${newId()}`);
  for (const move of PATHS[state]) order = await bed.move(order.id, requestOf(move));
  expect(order.state).toBe(state);
  return order;
}
const errorOf = (promise: Promise<unknown>): Promise<FaultlineError> =>
  promise.then(
    () => expect.unreachable('was not refused'),
    (error) => error,
  );

function inTenant<T>(work: Parameters<typeof bed.pg.db.tenant<T>>[1]): Promise<T> {
  return bed.pg.db.tenant(bed.pg.tenantId, work);
}

describe('illegal moves', () => {
  it.each(STATES)('from %s are refused with 409, name what is allowed and change nothing', async (state) => {
    const order = await orderIn(state);
    const illegal = MOVES.filter((move) => nextState(state, move) === null);
    expect(illegal.length).toBeGreaterThan(0);
    for (const move of illegal) {
      const error = await errorOf(bed.move(order.id, requestOf(move)));
      expect(error).toBeInstanceOf(FaultlineError);
      expect(error).toMatchObject({ status: 409, code: 'ORDER_MOVE_ILLEGAL', detail: { state } });
      for (const allowed of allowedMoves(state)) expect(error.message).toContain(allowed);
    }
    const [after] = await bed.orders();
    expect(after).toEqual(order);
  });
});

describe('two at once', () => {
  it('of 100 concurrent closes one wins and the others get 409', async () => {
    const order = await orderIn('completed');
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, () => bed.move(order.id, requestOf('close'), { version: order.version })),
    );
    const lost = results.filter((r) => r.status === 'rejected').map((r) => r.reason as FaultlineError);
    expect(lost).toHaveLength(99);
    expect(new Set(lost.map((error) => error.status))).toEqual(new Set([409]));
    expect(bed.labels).toHaveLength(1);
    const log = await inTenant((tx) => readLog(tx, order.id));
    expect(log.filter((e) => e.data.move === 'close')).toHaveLength(1);
  });

  it('also without a version: the later sees the closed order', async () => {
    const order = await orderIn('completed');
    const results = await Promise.allSettled([1, 2, 3].map(() => bed.move(order.id, requestOf('close'))));
    expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(1);
  });

  it('a caller who has read an older version is refused', async () => {
    const order = await orderIn('assigned');
    await bed.move(order.id, requestOf('accept'), { version: order.version });
    const error = await errorOf(bed.move(order.id, requestOf('start'), { version: order.version }));
    expect(error).toMatchObject({ status: 409, code: 'ORDER_CHANGED', field: 'version' });
    expect(error.message).toContain(String(order.version + 1));
  });
});

describe('dispatch', () => {
  it('passes a declined order on from candidate to candidate, then to the dispatcher, with the reasons', async () => {
    const names = ['Ada', 'Ben', 'Cyd'];
    for (const [i, name] of names.entries()) await bed.technician(name, { skills: { bearings: 5 - i } });
    await bed.take(bed.anomaly());
    let [order] = await bed.orders();
    for (const [i, name] of names.entries()) {
      expect(order).toMatchObject({ state: 'assigned', assigneeName: name });
      expect(await bed.loads()).toEqual(Object.fromEntries(names.map((n) => [n, n === name ? 1 : 0])));
      order = await bed.move(order!.id, { move: 'decline', reason: `reason ${i}` }, { by: { id: null, name } });
    }
    expect(order).toMatchObject({
      state: 'new',
      assigneeId: null,
      queueReason: 'Waiting for a dispatcher: of 3 technicians 3 declined or did not answer',
    });
    const offers = await inTenant((tx) => readAssignments(tx, order!.id));
    expect(offers.map((o) => [o.technicianName, o.state, o.note])).toEqual([
      ['Ada', 'declined', 'reason 0'],
      ['Ben', 'declined', 'reason 1'],
      ['Cyd', 'declined', 'reason 2'],
    ]);
    expect(offers[1]!.choice.excluded).toEqual({ refused: 1 });
    expect(await bed.loads()).toEqual({ Ada: 0, Ben: 0, Cyd: 0 });
    const told = bed.messages.filter((m) => m.template === 'assignment-technician');
    expect(told.map((m) => m.recipient.name)).toEqual(names);
    expect(new Set(told.map((m) => m.dedupeKey)).size).toBe(3);
  });

  it('lets a dispatcher overrule the system, even past a full load, and says so', async () => {
    const ada = await bed.technician('Ada', { maxLoad: 1, skills: {} });
    const order = await waiting();
    const second = await waiting();
    await bed.move(order.id, { move: 'assign', technicianId: ada });
    const { assigneeName } = await bed.move(second.id, { move: 'assign', technicianId: ada });
    expect(assigneeName).toBe('Ada');
    expect(await bed.loads()).toEqual({ Ada: 2 });
    const [offer] = await inTenant((tx) => readAssignments(tx, second.id));
    expect(offer!.choice.because).toContain('chosen by Dana');
  });

  it('refuses to assign to somebody who is no technician or not on duty', async () => {
    const order = await waiting();
    const off = await bed.technician('Off', { active: false });
    expect(await errorOf(bed.move(order.id, { move: 'assign', technicianId: newId() }))).toMatchObject({ status: 404 });
    expect(await errorOf(bed.move(order.id, { move: 'assign', technicianId: off }))).toMatchObject({ status: 422 });
    expect((await bed.orders())[0]).toEqual(order);
  });

  it('prefers who has fixed the like before', async () => {
    await bed.technician('Aaron');
    const fixer = await bed.technician('Fixer');
    await bed.take(bed.anomaly());
    let [order] = await bed.orders();
    expect(order!.assigneeName).toBe('Aaron');
    await bed.move(order!.id, { move: 'assign', technicianId: fixer });
    for (const move of ['accept', 'start', 'complete', 'close'] as const)
      order = await bed.move(order!.id, requestOf(move));
    expect(bed.labels).toMatchObject([{ label: 'confirmed', by: 'Dana' }]);
    await bed.take(bed.anomaly());
    const next = (await bed.orders()).at(-1)!;
    expect(next.assigneeId).toBe(fixer);
    const [offer] = await inTenant((tx) => readAssignments(tx, next.id));
    expect(offer!.choice.because).toContain('has fixed the like before');
    expect(offer!.choice.ranking.map((s) => [s.name, s.history])).toEqual([
      ['Fixer', 0.33],
      ['Aaron', 0],
    ]);
  });
});

describe('the end of an order', () => {
  it('labels every anomaly of the order in the same transaction', async () => {
    const order = await orderIn('completed');
    await bed.take(bed.anomaly({ faultKey: order.faultKey! }));
    await bed.move(order.id, { move: 'close', closure: { ...closure, outcome: 'false_alarm' } });
    expect(bed.labels.map((l) => l.label)).toEqual(['false_alarm', 'false_alarm']);
    expect(new Set(bed.labels.map((l) => l.anomalyId)).size).toBe(2);
    const experience = await bed.pg.asOwner('select 1 from technician_experience');
    expect(experience).toEqual([]);
  });

  it('demands an outcome to cancel an order that came from an anomaly', async () => {
    const order = await waiting();
    const error = await errorOf(bed.move(order.id, { move: 'cancel', reason: 'twice', outcome: null }));
    expect(error).toMatchObject({ status: 422, field: 'outcome' });
    expect(bed.labels).toEqual([]);
  });
});

it('whatever is tried in whatever order, the log, the loads, the offers and the open key agree with the state', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...MOVES), { minLength: 1, maxLength: 14 }), async (moves) => {
      await bed.pg.asOwner('truncate work_order, technician, user_role, user_account cascade');
      const anomaly = bed.anomaly();
      await bed.take(anomaly);
      await bed.technician('Ada');
      await bed.technician('Ben');
      let [order] = await bed.orders();
      for (const move of moves) {
        const expected = nextState(order!.state, move);
        const attempt = bed.move(order!.id, requestOf(move), { version: order!.version });
        if (expected === null) {
          expect(await errorOf(attempt)).toMatchObject({ status: 409 });
          continue;
        }
        const before = order!;
        order = await attempt;
        expect(order.version).toBe(before.version + 1);
        const passedOn = move === 'decline' || move === 'assign';
        expect(passedOn ? ['new', 'assigned'] : [expected]).toContain(order.state);
        expect(order.state === 'new').toBe(order.queueReason !== null);
        expect(order.state === 'assigned').toBe(order.acceptDueAt !== null);
      }
      const busy = Object.values(await bed.loads()).reduce((sum, load) => sum + load, 0);
      expect(busy).toBe(occupies(order!.state) ? 1 : 0);
      const log = await inTenant((tx) => readLog(tx, order!.id));
      expect(log.map((e) => e.sequence)).toEqual(Array.from({ length: order!.logLength }, (_, i) => i + 1));
      const offers = await inTenant((tx) => readAssignments(tx, order!.id));
      const live = offers.filter((o) => o.state === 'offered' || o.state === 'accepted');
      expect(live.length).toBe(
        occupies(order!.state) || order!.state === 'completed' || order!.state === 'closed' ? 1 : 0,
      );
      await bed.take(bed.anomaly({ faultKey: anomaly.faultKey }));
      expect(await bed.orders()).toHaveLength(isOpen(order!.state) ? 1 : 2);
    }),
    { numRuns: 40 },
  );
}, 120_000);
