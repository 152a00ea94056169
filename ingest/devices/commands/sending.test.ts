import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog, createOutbox, systemClock, type Tx } from '../../../platform/index.ts';
import { type Rig, startRig } from '../../../test/fixtures/intakeRig.ts';
import { SYSTEM } from '../audit/audit.ts';
import type { DeviceCommand } from './command.ts';
import { type CommandSender, createDeviceCommands, type DeviceCommands } from './index.ts';
import { getCommand } from './store.ts';

let rig: Rig;
let commands: DeviceCommands;
let sender: CommandSender;

beforeAll(async () => {
  rig = await startRig({ heard: (said) => commands.answered(said) });
  const clock = systemClock();
  const outbox = createOutbox(clock, [], () => undefined);
  commands = createDeviceCommands({ db: rig.pg.db, clock, outbox, log: createLog('silent') });
  sender = commands.sender(rig.intake.link);
  await sender.start();
});
afterAll(async () => {
  await sender.stop();
  await rig.stop();
});

const inTenant = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => rig.pg.db.tenant(rig.pg.tenantId, work);
/** As when a person has confirmed it elsewhere. */
const order = (device: string, n: number, expiresInMs = 60_000): Promise<DeviceCommand> =>
  inTenant((tx) =>
    commands.propose(tx, device, { kind: 'stop', body: { n }, expiresInMs }, SYSTEM, {
      ...{ id: crypto.randomUUID(), by: SYSTEM, atMs: Date.now() },
    }),
  );
const stateOf = async (id: string) => (await inTenant((tx) => getCommand(tx, id))).state;

async function listening(device: string, options: object = {}) {
  const credential = await rig.register({ name: device }).catch(() => null);
  const client = await rig.client(credential ?? known.get(device)!, options);
  if (credential) known.set(device, credential);
  const heard: { id: string; n: number; command: string }[] = [];
  client.on('message', (_topic, payload) => heard.push(JSON.parse(payload.toString())));
  await client.subscribeAsync(`fl/1/acme/${device}/command`, { qos: 1 });
  return { client, heard };
}
const known = new Map<string, Awaited<ReturnType<Rig['register']>>>();

test('a connected device gets a command at once and answers it; a repeated answer changes nothing', async () => {
  const { client, heard } = await listening('line-1');
  const { id } = await order('line-1', 1);
  await expect.poll(() => heard).toEqual([expect.objectContaining({ id, n: 1, command: 'stop' })]);
  expect(await stateOf(id)).toBe('sent');
  for (const status of ['received', 'done', 'done'])
    await client.publishAsync('fl/1/acme/line-1/answer', JSON.stringify({ id, status }), { qos: 1 });
  // The acknowledgement says that it is kept.
  expect(await stateOf(id)).toBe('done');
});

test('an absent device gets what has not expired when it connects, and never what has; also with a stored session', async () => {
  const session = { clean: false, clientId: 'kept' };
  const { client } = await listening('line-2', session);
  await client.endAsync();
  const short = await order('line-2', 1, 300);
  const long = await order('line-2', 2);
  await new Promise((resolve) => setTimeout(resolve, 400));
  const { heard } = await listening('line-2', session);
  await expect.poll(() => heard.map(({ n }) => n)).toEqual([2]);
  expect([await stateOf(short.id), await stateOf(long.id)]).toEqual(['confirmed', 'sent']);
});

test('what a device did not say it has is sent again after a reconnection; what it has is not', async () => {
  const first = await listening('line-3');
  const [missed, had] = [await order('line-3', 1), await order('line-3', 2)];
  await expect.poll(() => first.heard.length).toBe(2);
  const received = JSON.stringify({ id: had.id, status: 'received' });
  await first.client.publishAsync('fl/1/acme/line-3/answer', received, { qos: 1 });
  await first.client.endAsync();
  const second = await listening('line-3');
  await expect.poll(() => second.heard.map(({ id }) => id)).toEqual([missed.id]);
  expect((await inTenant((tx) => getCommand(tx, missed.id))).sends).toBe(2);
});

test('a malformed answer is acknowledged and becomes a problem of its device', async () => {
  const { client } = await listening('line-4');
  await client.publishAsync('fl/1/acme/line-4/answer', 'nonsense', { qos: 1 });
  await expect
    .poll(() => rig.pg.asOwner('select problem_code, problem from device_presence where problem_code is not null'), {
      timeout: 5_000,
    })
    .toContainEqual({ problem_code: 'ANSWER', problem: expect.stringMatching(/answer with/) });
});
