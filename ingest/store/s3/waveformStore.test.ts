import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../platform/index.ts';
import { block, DAY_NS, NOON_NS } from '../../../test/contracts/readings.ts';
import { waveformStoreContract } from '../../../test/contracts/waveformStore.ts';
import { absent } from '../../../test/engines/absent.ts';
import { type TestDatabase, testDatabase } from '../../../test/engines/postgres.ts';
import { HOW_TO_GET_S3, type S3Engine, s3IsHere, startS3 } from '../../../test/engines/versitygw.ts';
import { storingMigrations } from '../../migrations.ts';
import { partitionsOf } from '../postgres/partitions.ts';
import { postgresWaveformStore } from '../postgres/waveformStore.ts';
import type { WaveformBlock } from '../readings.ts';
import { s3Objects } from './objects.ts';
import { s3WaveformStore } from './waveformStore.ts';

const here = s3IsHere() || absent('S3', HOW_TO_GET_S3);

async function open() {
  const engine = await startS3();
  const pg = await testDatabase(storingMigrations);
  const objects = s3Objects(engine.settings);
  const stop = async () => {
    objects.close();
    await pg.stop();
    await engine.stop();
  };
  return { engine, pg, db: pg.db, objects, store: s3WaveformStore(pg.db, partitionsOf(pg.db), objects), stop };
}

if (here) waveformStoreContract('S3', open);

describe.runIf(here)('blocks in S3', () => {
  let engine: S3Engine;
  let pg: TestDatabase;
  let under: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    under = await open();
    ({ engine, pg } = under);
  });
  afterAll(() => under.stop());

  const put = (blocks: WaveformBlock[]) => pg.db.as('shipper', (tx) => under.store.put(tx, blocks));
  const files = () =>
    readdirSync(engine.folder!, { recursive: true, encoding: 'utf8' })
      .map((name) => join(engine.folder!, name))
      .filter((path) => statSync(path).isFile() && !path.includes('.sgwtmp'));
  const fileOf = (sent: WaveformBlock) => files().find((path) => path.includes(sent.identity))!;

  test('the bucket answers; wrong credentials and a missing bucket do not', async () => {
    await under.objects.ping();
    await expect(s3Objects({ ...engine.settings, secretKey: 'wrong' }).ping()).rejects.toThrow();
    await expect(s3Objects({ ...engine.settings, url: `${engine.settings.url}-none` }).ping()).rejects.toThrow();
    expect(() => s3Objects({ ...engine.settings, url: 'http://127.0.0.1:1' })).toThrow(/names no bucket/);
  });

  test('samples are objects, smaller than they were, and no longer rows', async () => {
    const sent = block(newId());
    await put([sent]);
    expect(statSync(fileOf(sent)).size).toBeLessThan(sent.raw.length);
    const rows = await pg.asOwner('select samples from waveform where identity = $1', [sent.identity]);
    expect(rows).toEqual([{ samples: null }]);
  });

  test('a lost object and a damaged one are told at the one block; the others are read', async () => {
    const tenant = newId();
    const [lost, damaged, well] = [
      block(tenant),
      block(tenant, { timeNs: NOON_NS + 1n }),
      block(tenant, { timeNs: NOON_NS + 2n }),
    ];
    await put([lost, damaged, well]);
    rmSync(fileOf(lost));
    const bytes = readFileSync(fileOf(damaged));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(fileOf(damaged), bytes);
    await expect(under.store.get(tenant, lost.identity)).rejects.toMatchObject({ code: 'WAVEFORM_LOST', status: 410 });
    await expect(under.store.get(tenant, damaged.identity)).rejects.toMatchObject({ code: 'WAVEFORM_DAMAGED' });
    expect((await under.store.get(tenant, well.identity))!.raw.length).toBe(well.raw.length);
  });

  test('while S3 is away nothing is taken, reading says so, and afterwards all goes on', async () => {
    const tenant = newId();
    const [before, during] = [block(tenant), block(tenant, { timeNs: NOON_NS + 1n })];
    await put([before]);
    await engine.kill();
    await expect(put([during])).rejects.not.toMatchObject({ code: 'STORE_ROW_REFUSED' });
    await expect(under.store.get(tenant, before.identity)).rejects.toMatchObject({
      code: 'BLOCKS_UNAVAILABLE',
      status: 503,
    });
    expect(await under.store.list(tenant, { fromNs: 0n, toNs: 2n ** 62n, limit: 9 })).toHaveLength(1);
    await engine.restart();
    expect(await put([during])).toEqual([{ ref: during.identity, stored: true }]);
    expect(await under.store.get(tenant, before.identity)).not.toBeNull();
  });

  test('a commit that fails leaves an object that the same block takes up again', async () => {
    const sent = block(newId());
    const failing = pg.db.as('shipper', async (tx) => {
      await under.store.put(tx, [sent]);
      throw new Error('the commit is lost');
    });
    await expect(failing).rejects.toThrow('the commit is lost');
    expect(await put([sent])).toEqual([{ ref: sent.identity, stored: true }]);
    expect(files().filter((path) => path.includes(sent.identity))).toHaveLength(1);
  });

  test('expiry deletes objects with their rows, proof stays, and what could not be deleted is deleted later', async () => {
    const tenant = newId();
    const old = NOON_NS - 500n * DAY_NS;
    const [plain, proof] = [block(tenant, { timeNs: old }), block(tenant, { timeNs: old + 1n })];
    await put([plain, proof]);
    await pg.db.tenant(tenant, (tx) => under.store.keep(tx, tenant, proof.identity, 'anomaly'));
    const expire = () => under.store.expire(old + 2n * DAY_NS, async () => undefined);
    await engine.kill();
    // The rows went although the objects could not: nothing points at them any more.
    await expect(expire()).rejects.toThrow();
    expect(await under.store.count(tenant)).toEqual([{ device: 'press-1', count: 1 }]);
    await engine.restart();
    expect(fileOf(plain)).toBeDefined();
    await expire();
    expect(fileOf(plain)).toBeUndefined();
    expect((await under.store.get(tenant, proof.identity))!.kept).toBe(true);
    expect(await pg.asOwner('select * from waveform_garbage')).toEqual([]);
  });

  test('the same identity with other samples changes nothing and leaves nothing behind', async () => {
    const sent = block(newId());
    await put([sent]);
    const other = { ...sent, raw: new Uint8Array(sent.raw).fill(3) };
    expect(await put([other])).toEqual([{ ref: sent.identity, stored: false }]);
    await under.store.expire(0n, async () => undefined);
    expect(files().filter((path) => path.includes(sent.identity))).toHaveLength(1);
    expect(Buffer.from((await under.store.get(sent.tenantId, sent.identity))!.raw).equals(Buffer.from(sent.raw))).toBe(
      true,
    );
  });

  test('blocks stored in PostgreSQL before stay readable; without S3 their successors say what is missing', async () => {
    const tenant = newId();
    const inside = postgresWaveformStore(pg.db, partitionsOf(pg.db));
    const [former, latter] = [block(tenant), block(tenant, { timeNs: NOON_NS + 1n })];
    await pg.db.as('shipper', (tx) => inside.put(tx, [former]));
    await put([latter]);
    expect((await under.store.get(tenant, former.identity))!.raw.length).toBe(former.raw.length);
    await expect(inside.get(tenant, latter.identity)).rejects.toMatchObject({ code: 'BLOCKS_UNAVAILABLE' });
  });
});
