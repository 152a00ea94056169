import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../../platform/index.ts';
import { readingBackContract } from '../../../test/contracts/readingBack.ts';
import { block, NOON_NS, reading } from '../../../test/contracts/readings.ts';
import { telemetryStoreContract } from '../../../test/contracts/telemetryStore.ts';
import { waveformStoreContract } from '../../../test/contracts/waveformStore.ts';
import { type TestDatabase, testDatabase } from '../../../test/engines/postgres.ts';
import { storingMigrations } from '../../migrations.ts';
import { dayOf, partitionsOf } from './partitions.ts';
import { postgresTelemetryStore } from './telemetryStore.ts';
import { postgresWaveformStore } from './waveformStore.ts';

const telemetryOnPostgres = async () => {
  const pg = await testDatabase(storingMigrations);
  return { store: postgresTelemetryStore(pg.db, partitionsOf(pg.db)), db: pg.db, stop: pg.stop };
};
telemetryStoreContract('PostgreSQL', telemetryOnPostgres);
readingBackContract('PostgreSQL', telemetryOnPostgres);

waveformStoreContract('PostgreSQL', async () => {
  const pg = await testDatabase(storingMigrations);
  return { store: postgresWaveformStore(pg.db, partitionsOf(pg.db)), db: pg.db, stop: pg.stop };
});

let pg: TestDatabase;
beforeAll(async () => {
  pg = await testDatabase(storingMigrations);
  const store = postgresTelemetryStore(pg.db, partitionsOf(pg.db));
  const waveforms = postgresWaveformStore(pg.db, partitionsOf(pg.db));
  await pg.db.as('shipper', async (tx) => {
    await store.write(tx, [reading(pg.tenantId)]);
    await waveforms.put(tx, [block(pg.tenantId)]);
  });
});
afterAll(() => pg.stop());

const partitionsIn = () =>
  pg.asOwner<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
     where p.relkind = 'p' and p.relname in ('telemetry', 'waveform')`,
  );

test.each(['app', 'shipper', 'relay', 'auth'])(
  'faultline_%s has no right on any partition, and cannot make one its own way',
  async (role) => {
    const partitions = await partitionsIn();
    expect(partitions.map((p) => p.name).sort()).toEqual(['telemetry_20260301', 'waveform_20260301']);
    for (const { name } of partitions) {
      const work = (tx: { query(text: string): Promise<unknown> }) => tx.query(`select * from ${name}`);
      const attempt = role === 'app' ? pg.db.tenant(pg.tenantId, work) : pg.db.as(role as 'shipper', work);
      await expect(attempt).rejects.toThrow(/permission denied for table/);
    }
  },
);

test('the application cannot call what makes and drops partitions', async () => {
  for (const call of [`ingest_expire_partition('telemetry', 0)`, `ingest_create_partition('telemetry', 0)`]) {
    await expect(pg.db.tenant(pg.tenantId, (tx) => tx.query(`select ${call}`))).rejects.toThrow(/permission denied/);
  }
});

test('the functions take no other table and no time inside a day', async () => {
  const call = (parent: string, fromNs: bigint) =>
    pg.db.as('shipper', (tx) => tx.query('select * from ingest_expire_partition($1, $2)', [parent, fromNs]));
  await expect(call('ingest_ledger', 0n)).rejects.toThrow(/not a table of readings/);
  await expect(call('telemetry', 1n)).rejects.toThrow(/not the start of a day/);
});

test('without a tenant, no table of ours shows a row to the application', async () => {
  for (const table of ['telemetry', 'telemetry_latest', 'waveform']) {
    const stranger = await pg.db.tenant(newId(), (tx) => tx.query(`select * from ${table}`));
    expect(stranger.rows).toEqual([]);
    const unset = await pg.db.tenant(pg.tenantId, async (tx) => {
      await tx.query(`set local faultline.tenant_id = ''`);
      return tx.query(`select * from ${table}`);
    });
    expect(unset.rows).toEqual([]);
    const own = await pg.db.tenant(pg.tenantId, (tx) => tx.query(`select * from ${table}`));
    expect(own.rows).toHaveLength(1);
  }
});

test('the application cannot write readings at all', async () => {
  await expect(pg.db.tenant(pg.tenantId, (tx) => tx.query('update telemetry_latest set value = 0'))).rejects.toThrow(
    /permission denied/,
  );
  await expect(pg.db.tenant(pg.tenantId, (tx) => tx.query('delete from telemetry'))).rejects.toThrow(
    /permission denied/,
  );
});

test('a partition that retention took between two batches is made again', async () => {
  const partitions = partitionsOf(pg.db);
  const store = postgresTelemetryStore(pg.db, partitions);
  const write = () => pg.db.as('shipper', (tx) => store.write(tx, [reading(pg.tenantId, { timeNs: day + 5n })]));
  const day = dayOf(NOON_NS) - 400n * 86_400_000_000_000n;
  await write();
  await write(); // by now its partition is remembered
  await pg.asOwner('select * from ingest_expire_partition($1, $2)', ['telemetry', day]);
  await expect(write()).rejects.toThrow(/no partition/);
  expect([...(await write())]).toEqual([1]);
});
