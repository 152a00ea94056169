import { afterAll, beforeAll, expect, test } from 'vitest';
import { authMigrations } from '../../platform/index.ts';
import { type TestDatabase, testDatabase } from '../../test/engines/postgres.ts';
import { devicesChangedSince } from './changes.ts';
import { deviceMigrations } from './migrations.ts';

const DEVICES = 100_000;

let pg: TestDatabase;
beforeAll(async () => {
  pg = await testDatabase([...authMigrations, ...deviceMigrations]);
  await pg.asOwner(`insert into tenant (id, slug, name, created_at) values ($1, 'acme', 'acme', now())`, [pg.tenantId]);
  await pg.asOwner(
    `insert into device (tenant_id, id, name, kind, secret_hash, created_at)
     select $1, gen_random_uuid(), 'd' || n, 'device', '\\x00', now() from generate_series(1, $2::int) n`,
    [pg.tenantId, DEVICES],
  );
  await pg.asOwner('analyze device');
});
afterAll(() => pg.stop());

const since = (position: bigint) => pg.db.as('auth', (sql) => devicesChangedSince(sql, position));
const revoke = `update device set revoked_at = now(), version = version + 1 where name = $1 returning id`;

test('a change that commits after a later one is not missed', async () => {
  const { position } = await since(2n ** 63n - 1n);
  let commitEarly: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    commitEarly = resolve;
  });
  let started: () => void = () => undefined;
  const isUnderWay = new Promise<void>((resolve) => {
    started = resolve;
  });
  const early = pg.db.tenant(pg.tenantId, async (tx) => {
    await tx.query(revoke, ['d1']);
    started();
    await held;
  });
  await isUnderWay;
  const [late] = await pg.asOwner<{ id: string }>(revoke, ['d2']);
  const first = await since(position);
  expect(first.changed.map(({ id }) => id)).toEqual([late!.id]);
  commitEarly();
  await early;
  const second = await since(first.position);
  expect(second.changed).toHaveLength(2);
  expect((await since(second.position)).changed).toEqual([]);
});

test('a change that entitles to nothing else is not told', async () => {
  const { position } = await since(2n ** 63n - 1n);
  await pg.asOwner(`update device set description = 'moved' where name = 'd3'`);
  expect((await since(position)).changed).toEqual([]);
});

test(`asking costs the same with ${DEVICES} devices: an index range`, async () => {
  const { position } = await since(2n ** 63n - 1n);
  const started = performance.now();
  for (let index = 0; index < 50; index++) await since(position);
  const eachMs = (performance.now() - started) / 50;
  expect(eachMs).toBeLessThan(20);
});
