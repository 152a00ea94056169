import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectPacket, publishPacket, type Rig, startRig } from '../../test/fixtures/intakeRig.ts';

const SAMPLE = '{"point":"p","value":1}';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

async function allow(tenantId: string, quota: { connections?: number; messages?: number }): Promise<void> {
  await rig.pg.asOwner(
    `insert into tenant_quota (tenant_id, max_connections, messages_per_second, updated_by, updated_at)
     values ($1, $2, $3, 'test', now())
     on conflict (tenant_id) do update set max_connections = $2, messages_per_second = $3`,
    [tenantId, quota.connections ?? null, quota.messages ?? null],
  );
}

const problemOf = async (id: string) =>
  (
    await rig.pg.asOwner<{ problem_code: string }>('select problem_code from device_presence where device_id = $1', [
      id,
    ])
  )[0]?.problem_code;

describe('connections', () => {
  test('beyond the quota: CONNACK 3, counted, shown at the device; those that are open go on', async () => {
    const device = await rig.register({ name: 'crowded' });
    const first = await rig.rawClient(device, { clientId: 'first' });
    await allow(rig.pg.tenantId, { connections: 1 });
    const connect = async (clientId: string): Promise<number> => {
      const raw = await rig.rawSocket();
      raw.socket.write(connectPacket(device, { clientId }));
      const code = (await raw.bytes(4))[3]!;
      raw.socket.destroy();
      return code;
    };
    await expect.poll(() => connect('second'), { timeout: 5_000 }).toBe(3);
    expect(rig.intake.counts().refusals.quota).toBeGreaterThan(0);
    await expect.poll(() => problemOf(device.id), { timeout: 5_000 }).toBe('QUOTA_CONNECTIONS');
    expect(await rig.metrics.metrics()).toMatch(/tenant_refused_connections_total\{tenant="acme"\} [1-9]/);
    first.socket.write(publishPacket('fl/1/acme/crowded/telemetry', SAMPLE, 1, 1));
    await first.bytes(8);
    // The client that comes back before its old socket is known to be dead adds no connection.
    const again = await rig.rawClient(device, { clientId: 'first' });
    await first.closed;
    again.socket.destroy();
    await expect.poll(() => connect('third')).toBe(0);
    await allow(rig.pg.tenantId, {});
  });

  test('those of another intake count too', async () => {
    const device = await rig.register({ name: 'elsewhere' });
    await allow(rig.pg.tenantId, { connections: 2 });
    await rig.pg.asOwner(
      `insert into tenant_usage values ($1, 'another intake', now() + interval '20 s', 2, 0, 0, 0, 0)`,
      [rig.pg.tenantId],
    );
    const connect = async (): Promise<number> => {
      const raw = await rig.rawSocket();
      raw.socket.write(connectPacket(device));
      const code = (await raw.bytes(4))[3]!;
      // Whoever takes over its own connection is let in: it has to be gone before the next.
      raw.socket.destroy();
      return code;
    };
    await expect.poll(connect, { timeout: 5_000 }).toBe(3);
    await rig.pg.asOwner(`delete from tenant_usage where intake = 'another intake'`);
    await expect.poll(connect, { timeout: 5_000 }).toBe(0);
    await allow(rig.pg.tenantId, {});
  });
});

describe('rates', () => {
  test('a tenant at its limit is slowed, loses nothing, and does not slow another', async () => {
    const LIMIT = 200;
    const eager = await rig.rawClient(await rig.register({ name: 'eager' }));
    await allow(rig.pg.tenantId, { messages: LIMIT });
    await new Promise((resolve) => setTimeout(resolve, 1_200)); // the quota is in force
    const MESSAGES = 800;
    const started = performance.now();
    for (let id = 1; id <= MESSAGES; id++)
      eager.socket.write(publishPacket('fl/1/acme/eager/telemetry', SAMPLE, 1, id));

    const calm = await rig.rawClient(await rig.register({ name: 'calm' }, rig.other.tenantId));
    const delaysMs: number[] = [];
    for (let id = 1; id <= 100; id++) {
      const sentMs = performance.now();
      calm.socket.write(publishPacket('fl/1/globex/calm/telemetry', SAMPLE, 1, id));
      await calm.bytes(4 + 4 * id);
      delaysMs.push(performance.now() - sentMs);
    }
    delaysMs.sort((a, b) => a - b);
    expect(delaysMs[95]).toBeLessThan(100);

    await eager.bytes(4 + 4 * MESSAGES);
    const elapsedS = (performance.now() - started) / 1000;
    // One second's burst, then the rate.
    expect(elapsedS).toBeGreaterThan((MESSAGES - LIMIT) / LIMIT - 0.3);
    expect(elapsedS).toBeLessThan((MESSAGES - LIMIT) / LIMIT + 4);
    const records = await rig.records();
    expect(records.filter(({ deviceName }) => deviceName === 'eager')).toHaveLength(MESSAGES);
    expect(await rig.metrics.metrics()).toMatch(/tenant_slowed_total\{tenant="acme"\} [1-9]/);
    expect(await rig.metrics.metrics()).toMatch(/tenant_slowed_total\{tenant="globex"\} 0/);
    const reported = () =>
      rig.pg.asOwner<{ messages_per_second: number }>('select * from tenant_usage where tenant_id = $1', [
        rig.pg.tenantId,
      ]);
    expect((await reported())[0]!.messages_per_second).toBeLessThan(LIMIT * 1.5);
    await allow(rig.pg.tenantId, {});
  });

  test('who waits for its rate is not ended for silence', async () => {
    const device = await rig.register({ name: 'patient' });
    const raw = await rig.rawClient(device, { keepalive: 1 });
    await allow(rig.pg.tenantId, { messages: 2 });
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    for (let id = 1; id <= 12; id++) raw.socket.write(publishPacket('fl/1/acme/patient/telemetry', SAMPLE, 1, id));
    await raw.bytes(4 + 4 * 12);
    await allow(rig.pg.tenantId, {});
  });
});
