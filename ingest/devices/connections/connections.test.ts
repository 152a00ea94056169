import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Rig, startRig } from '../../../test/fixtures/intakeRig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

const reasons = async (name: string) =>
  (
    await rig.pg.asOwner<{ reason: string | null }>(
      `select c.reason from device_connection c join device d on d.id = c.device_id where d.name = $1 order by c.id`,
      [name],
    )
  ).map(({ reason }) => reason);

test('each time a device was connected is kept with why it ended', async () => {
  const credential = await rig.register({ name: 'comes' });
  const known = (wanted: (string | null)[]) => expect.poll(() => reasons('comes'), { timeout: 10_000 }).toEqual(wanted);
  const clean = await rig.client(credential);
  await known([null]);
  await clean.endAsync();
  await known(['clean']);
  const lost = await rig.rawClient(credential);
  lost.socket.destroy();
  await known(['clean', 'lost']);
  const bad = await rig.rawClient(credential);
  bad.socket.write(Buffer.from([0x36, 0x05, 0, 1, 0x61, 0, 1])); // QoS 3
  await known(['clean', 'lost', 'protocol']);
  await rig.client(credential);
  await rig.intake.registry.revoke(rig.pg.tenantId, 'comes');
  await known(['clean', 'lost', 'protocol', 'revoked']);
});

test('a client that takes its own connection over begins a new time; of several the last one ends it', async () => {
  const credential = await rig.register({ name: 'twice' });
  const first = await rig.rawClient(credential, { clientId: 'one' });
  const second = await rig.rawClient(credential, { clientId: 'one' });
  await first.closed;
  const known = (wanted: (string | null)[]) => expect.poll(() => reasons('twice'), { timeout: 10_000 }).toEqual(wanted);
  await known(['taken-over', null]);
  const third = await rig.rawClient(credential, { clientId: 'two' });
  second.socket.destroy();
  await second.closed;
  await known(['taken-over', null]);
  third.socket.destroy();
  await known(['taken-over', 'lost']);
});
