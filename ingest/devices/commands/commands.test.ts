import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnyConsumer, createLog, createOutbox, newId, type Role } from '../../../platform/index.ts';
import { expectRoutesGuarded } from '../../../test/contracts/routes.ts';
import { DEVICES_NOW_MS, type DeviceBed, deviceBed } from '../../../test/fixtures/devices.ts';
import { createDeviceCommands, type DeviceCommands } from './index.ts';
import { markSent } from './store.ts';

let bed: DeviceBed;
let commands: DeviceCommands;
const consumers: AnyConsumer[] = [];

beforeAll(async () => {
  bed = await deviceBed({
    routes: ({ db, clock, http }) => {
      const outbox = createOutbox(clock, consumers, () => undefined);
      commands = createDeviceCommands({ db, clock, outbox, log: createLog('silent') });
      consumers.push(...commands.consumers);
      commands.routes(http.app);
    },
  });
  for (const name of ['press', 'other-press']) await bed.call('POST', '/devices', { name });
});
afterAll(() => bed.stop());

const propose = (body: object, role: Role = 'it-operator') =>
  bed.call('POST', '/devices/press/commands', body, undefined, role);
const decide = (id: string, verb: string, role: Role) =>
  bed.call('POST', `/device-commands/${id}/${verb}`, { note: 'seen' }, undefined, role);
const shown = async (id: string) => (await bed.call('GET', `/device-commands/${id}`)).body;
const answer = (id: string, status: string, device = 'press', more: object = {}) =>
  commands.answered({
    ...{ tenantId: bed.http.operator.id, deviceId: newId(), device, leaf: 'answer' },
    payload: Buffer.from(JSON.stringify({ id, status, ...more })),
  });
const send = (id: string, again = false) =>
  bed.db.tenant(bed.http.operator.id, (tx) => markSent(tx, id, again, bed.clock.nowMs()));
const steps = async (id: string) =>
  (await bed.call('GET', `/device-commands/${id}/history`)).body.items
    .map(({ action }: { action: string }) => action)
    .reverse();

test('every route is guarded', async () => {
  const { refused } = await expectRoutesGuarded({ app: bed.http.app, as: (role) => bed.http.operator.as(role) });
  expect(refused).toBeGreaterThan(60);
});

describe('the life of a command', () => {
  test('proposed, confirmed by another person, sent, received, answered: each step with who and from where', async () => {
    const { status, body } = await propose({ kind: 'set-speed', body: { rpm: 900 }, expiresInMs: 60_000 });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      ...{ device: 'press', kind: 'set-speed', body: { rpm: 900 }, state: 'proposed', confirmation: 'another' },
      expiresAt: new Date(DEVICES_NOW_MS + 60_000).toISOString(),
    });
    expect(await send(body.id)).toBeNull();
    expect((await decide(body.id, 'confirm', 'dispatcher')).body).toMatchObject({ state: 'confirmed', note: 'seen' });
    expect(await send(body.id)).toMatchObject({ state: 'sent', sends: 1 });
    expect(await send(body.id)).toBeNull();
    expect(await answer(body.id, 'received')).toEqual({ problem: null });
    expect(await send(body.id, true)).toBeNull();
    expect(await answer(body.id, 'done', 'press', { rpm: 898 })).toEqual({ problem: null });
    expect(await answer(body.id, 'failed')).toEqual({ problem: null });
    expect(await shown(body.id)).toMatchObject({ state: 'done', sends: 1, answer: { status: 'done', rpm: 898 } });
    expect(await steps(body.id)).toEqual(['proposed', 'confirmed', 'sent', 'received', 'answered']);
    const history = (await bed.call('GET', `/device-commands/${body.id}/history`)).body.items;
    expect(history.at(-1)).toMatchObject({ actor: expect.any(String), source: '127.0.0.1' });
    expect(history[0]).toMatchObject({ actor: 'device press' });
  });

  test('a rule lets a kind go without confirmation; only those who confirm may make it', async () => {
    const rule = { confirmation: 'none', expiresInMs: 5_000 };
    const by = (role: Role) => bed.call('PUT', '/command-rules/ping', rule, undefined, role);
    expect((await by('it-operator')).status).toBe(403);
    expect((await by('dispatcher')).status).toBe(200);
    expect((await propose({ kind: 'ping' })).body).toMatchObject({ state: 'confirmed', confirmation: 'none' });
  });

  test('whoever proposed does not confirm, unless the rule says that anyone may', async () => {
    const own = (await propose({ kind: 'open' }, 'admin')).body;
    const refused = await decide(own.id, 'confirm', 'admin');
    expect([refused.status, refused.body.code]).toEqual([403, 'COMMAND_OWN']);
    await bed.call('PUT', '/command-rules/open', { confirmation: 'anyone', expiresInMs: 5_000 });
    const next = (await propose({ kind: 'open' }, 'admin')).body;
    expect((await decide(next.id, 'confirm', 'admin')).body.state).toBe('confirmed');
  });

  test('of two who decide at once, one is told how it stands', async () => {
    const { id } = (await propose({ kind: 'race' })).body;
    const answers = await Promise.all([
      decide(id, 'confirm', 'dispatcher'),
      decide(id, 'reject', 'reliability-engineer'),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test('a command that is cancelled is not sent; one that is sent cannot be cancelled', async () => {
    const first = (await propose({ kind: 'ping' })).body;
    expect((await decide(first.id, 'cancel', 'it-operator')).body.state).toBe('cancelled');
    expect(await send(first.id)).toBeNull();
    const second = (await propose({ kind: 'ping' })).body;
    await send(second.id);
    expect((await decide(second.id, 'cancel', 'it-operator')).status).toBe(409);
  });

  test.each([{ kind: 'Stop' }, { kind: 'x', expiresInMs: 1 }, { kind: 'x', body: [] }, { kind: 'x', to: 'y' }])(
    'refuses %j',
    async (body) => expect((await propose(body)).status).toBe(400),
  );

  test('a body beyond 16 KiB is refused', async () => {
    const refused = await propose({ kind: 'x', body: { text: 'y'.repeat(17_000) } });
    expect([refused.status, refused.body.code]).toEqual([422, 'COMMAND_SIZE']);
  });
});

describe('expiry', () => {
  const due = async (id: string) => {
    const [row] = await bed.pg.asOwner<{ due_at: Date }>(
      `select due_at from event_delivery join event on id = event_id
        where consumer = 'ingest.device-command-due' and payload->>'commandId' = $1`,
      [id],
    );
    await bed.clock.advance(row!.due_at.getTime() - bed.clock.nowMs());
    const event = { id: newId(), tenantId: bed.http.operator.id, occurredAtMs: 0, payload: { commandId: id } };
    await bed.db.tenant(bed.http.operator.id, (tx) => consumers[0]!.handle(tx, [event]));
  };

  test('what was never sent expires and is not sent any more; its timer is a row from the proposal on', async () => {
    const { id } = (await propose({ kind: 'ping', expiresInMs: 30_000 })).body;
    await due(id);
    expect(await shown(id)).toMatchObject({ state: 'expired', sends: 0 });
    expect(await send(id)).toBeNull();
    expect((await decide(id, 'confirm', 'dispatcher')).status).toBe(409);
    expect(await steps(id)).toEqual(['proposed', 'confirmed', 'expired']);
  });

  test('what was sent and not answered times out; a late answer is kept with it', async () => {
    const { id } = (await propose({ kind: 'ping', expiresInMs: 30_000 })).body;
    await send(id);
    await due(id);
    expect((await shown(id)).state).toBe('timed_out');
    expect(await send(id, true)).toBeNull();
    expect(await answer(id, 'done')).toEqual({ problem: null });
    expect(await shown(id)).toMatchObject({ state: 'timed_out', answer: { status: 'done' } });
  });

  test('an answered command stays answered', async () => {
    const { id } = (await propose({ kind: 'ping', expiresInMs: 30_000 })).body;
    await send(id);
    await answer(id, 'failed');
    await due(id);
    expect((await shown(id)).state).toBe('failed');
  });
});

describe('answers', () => {
  test('another device cannot answer, nor can anyone to what was not sent', async () => {
    const { id } = (await propose({ kind: 'ping' })).body;
    expect((await answer(id, 'done')).problem).toMatch(/no command/);
    await send(id);
    expect((await answer(id, 'done', 'other-press')).problem).toMatch(/no command/);
    expect((await shown(id)).state).toBe('sent');
  });

  test.each(['', '{', '[]', '{"id":1,"status":"done"}', '{"status":"done"}'])('%j is a problem', async (text) => {
    const said = { tenantId: bed.http.operator.id, deviceId: newId(), device: 'press', leaf: 'answer' as const };
    const { problem } = await commands.answered({ ...said, payload: Buffer.from(text) });
    expect(problem).toMatch(/answer with/);
  });
});

test('another tenant sees and decides nothing of ours', async () => {
  const { id } = (await propose({ kind: 'ping' })).body;
  expect((await bed.call('GET', `/device-commands/${id}`, undefined, bed.http.other)).status).toBe(404);
  expect((await bed.call('POST', `/device-commands/${id}/cancel`, {}, bed.http.other)).status).toBe(404);
  expect((await bed.call('GET', '/device-commands', undefined, bed.http.other)).body.items).toEqual([]);
});
