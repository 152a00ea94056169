import { createHash } from 'node:crypto';
import { type Database, reasonOf, type Sql } from '../../../platform/index.ts';
import { packSamples, unpackSamples } from '../compress/samples.ts';
import { storeErrors } from '../errors.ts';
import { dayOf, type Partitions } from '../postgres/partitions.ts';
import { insertBlocks, readBlock, type StoredObject, waveformRows } from '../postgres/waveformStore.ts';
import type { WaveformBlock } from '../readings.ts';
import type { PutOutcome, WaveformHeader, WaveformStore } from '../waveformStore.ts';
import type { Objects } from './objects.ts';

/** Uploads under way at once: enough to hide the round trips, few enough to bound memory and sockets. */
const UPLOADS = 8;
const SWEPT_AT_ONCE = 1000;

/**
 * Waveform blocks as objects in S3, packed (`compress/`), their headers as rows in PostgreSQL. An object is written before
 * its row is committed, under a name that holds the block's identity and its content's hash: offered again, the same
 * object is written again. What retention removes is noted in the removing transaction and deleted after it, so that
 * no row ever points at an object that we deleted. Blocks that were stored in PostgreSQL before stay readable there.
 */
export function s3WaveformStore(db: Database, partitions: Partitions, objects: Objects): WaveformStore {
  const rows = waveformRows(db, partitions);
  return {
    ...rows,
    put: async (tx, blocks) => {
      const packed = await inTurns(blocks, UPLOADS, (block) => upload(objects, block));
      const outcomes = await insertBlocks(tx, partitions, blocks, (_block, index) => ({ object: packed[index]! }));
      await noteOrphans(tx, blocks, packed, outcomes);
      return outcomes;
    },
    get: async (tenantId, ref) => {
      const row = await db.tenant(tenantId, (tx) => readBlock(tx, ref));
      if (!row) return null;
      const raw = row.samples ?? (await download(objects, row.header, row.object!));
      return { ...row.header, raw };
    },
    expire: async (beforeNs, settle) => {
      await sweep(db, objects); // what an earlier round could not delete
      await rows.expire(beforeNs, settle);
      await sweep(db, objects);
    },
  };
}

async function upload(objects: Objects, block: WaveformBlock): Promise<StoredObject> {
  const { packing, bytes } = await packSamples(block.raw, block.encoding);
  const sha256 = createHash('sha256').update(bytes).digest();
  const day = new Date(Number(dayOf(block.timeNs) / 1_000_000n)).toISOString().slice(0, 10);
  const key = `${block.tenantId}/${day}/${block.identity}-${sha256.toString('hex', 0, 8)}`;
  await objects.put(key, bytes);
  return { key, packing, bytes: bytes.length, sha256 };
}

async function download(objects: Objects, header: WaveformHeader, object: StoredObject): Promise<Uint8Array> {
  const { ref } = header;
  const bytes = await objects.get(object.key).catch((error: unknown) => {
    throw storeErrors.BLOCKS_UNAVAILABLE({ reason: reasonOf(error) }, { cause: error });
  });
  if (!bytes) throw storeErrors.WAVEFORM_LOST({ ref });
  if (!createHash('sha256').update(bytes).digest().equals(object.sha256))
    throw storeErrors.WAVEFORM_DAMAGED({ ref, why: `${bytes.length} bytes with another checksum` });
  try {
    return await unpackSamples({ packing: object.packing, bytes }, header.encoding, header.sampleCount);
  } catch (error) {
    throw storeErrors.WAVEFORM_DAMAGED({ ref, why: reasonOf(error) }, { cause: error });
  }
}

/** A block that was there already has its object from the first time; another written for it now is nobody's. */
async function noteOrphans(
  tx: Sql,
  blocks: readonly WaveformBlock[],
  packed: readonly StoredObject[],
  outcomes: readonly PutOutcome[],
): Promise<void> {
  const orphans = blocks.flatMap(({ tenantId }, i) => {
    const outcome = outcomes[i]!;
    return 'stored' in outcome && outcome.stored ? [] : [{ tenantId, key: packed[i]!.key }];
  });
  if (orphans.length === 0) return;
  await tx.query(
    `insert into waveform_garbage (tenant_id, object_key)
     select o.tenant_id, o.key from unnest($1::uuid[], $2::text[]) o (tenant_id, key)
     where not exists (select from waveform w where w.tenant_id = o.tenant_id and w.object_key = o.key)
     on conflict do nothing`,
    [orphans.map(({ tenantId }) => tenantId), orphans.map(({ key }) => key)],
  );
}

/** Deletes objects whose rows are gone. A row that came back meanwhile, with the same block, keeps its object. */
async function sweep(db: Database, objects: Objects): Promise<void> {
  for (let more = true; more; ) {
    more = await db.as('shipper', async (tx) => {
      const { rows } = await tx.query<{ object_key: string; used: boolean }>(
        `select g.object_key, exists (select from waveform w where w.tenant_id = g.tenant_id and w.object_key = g.object_key) as used
         from waveform_garbage g order by since limit $1 for update skip locked`,
        [SWEPT_AT_ONCE],
      );
      if (rows.length === 0) return false;
      await objects.delete(rows.filter((row) => !row.used).map((row) => row.object_key));
      await tx.query('delete from waveform_garbage where object_key = any($1::text[])', [
        rows.map((row) => row.object_key),
      ]);
      return rows.length === SWEPT_AT_ONCE;
    });
  }
}

/** Works on all of them, so many at a time; gives the results in their order. Waits for those under way before it fails. */
async function inTurns<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!);
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
  return results;
}
