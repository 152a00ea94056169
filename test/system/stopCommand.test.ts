import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDeviceCommands } from '../../ingest/index.ts';
import { migrations } from '../../main.ts';
import { createLog, createOutbox, manualClock, newId } from '../../platform/index.ts';
import { stopCommands } from '../../stopCommands.ts';
import { type TestDatabase, testDatabase } from '../engines/postgres.ts';

let pg: TestDatabase;
beforeAll(async () => {
  pg = await testDatabase(migrations);
  await pg.asOwner(`insert into tenant (id, slug, name, created_at) values ($1, 'acme', 'acme', now())`, [pg.tenantId]);
  await pg.asOwner(
    `insert into device (tenant_id, id, name, kind, secret_hash, created_at) values ($1, $2, 'plc-1', 'device', '', now())`,
    [pg.tenantId, newId()],
  );
});
afterAll(() => pg.stop());

test('a confirmed stop becomes a command of its device; of a device that is not there it fails at once, and the others go on', async () => {
  const clock = manualClock();
  const outbox = createOutbox(clock, [], () => undefined);
  const commands = createDeviceCommands({ db: pg.db, clock, outbox, log: createLog('silent') });
  const failed: [string, string][] = [];
  const consumer = stopCommands(commands, { stopFailed: async (_tx, id, reason) => void failed.push([id, reason]) });
  const stopOf = (device: string) => ({
    ...{ orderId: newId(), number: 'WO-000001', commandId: newId(), lineId: null, lineName: 'Line 1', device },
    ...{ because: 'bearing', confirmedById: null, confirmedBy: 'Lena', confirmedAtMs: clock.nowMs() },
  });
  const stops = [stopOf('no-such-plc'), stopOf('plc-1')];
  const events = stops.map((payload) => ({ id: newId(), payload }));
  await pg.db.tenant(pg.tenantId, (tx) => consumer.handle(tx, events as never));
  expect(failed).toEqual([[stops[0]!.commandId, expect.stringContaining('no device no-such-plc')]]);
  expect(await pg.asOwner('select id, state from device_command')).toEqual([
    { id: stops[1]!.commandId, state: 'confirmed' },
  ]);
});
