import { type Database, FaultlineError, isId, type Sql } from '../../../platform/index.ts';
import type { Packing } from '../compress/samples.ts';
import { storeErrors } from '../errors.ts';
import type { WaveformBlock } from '../readings.ts';
import type { PutOutcome, WaveformHeader, WaveformQuery, WaveformStore } from '../waveformStore.ts';
import { expireBefore } from './expire.ts';
import { dayOf, type Partitions } from './partitions.ts';
import { guarded, lacksPartition } from './rowFault.ts';
import { seenBefore } from './seen.ts';

interface HeaderRow {
  device: string;
  point: string;
  time_ns: bigint;
  identity: string;
  arrival_ns: bigint;
  device_time_ns: bigint | null;
  sent_at_ns: bigint | null;
  sampling_rate_hz: number;
  unit: string;
  axis: string | null;
  speed_rpm: number | null;
  load_percent: number | null;
  scale: number;
  encoding: 'int16' | 'float32';
  sample_count: number;
  kept: boolean;
}

const HEADER = `w.device, w.point, w.time_ns, w.identity, w.arrival_ns, w.device_time_ns, w.sent_at_ns, w.sampling_rate_hz, w.unit, w.axis,
  w.speed_rpm, w.load_percent, w.scale, w.encoding, w.sample_count,
  exists (select from waveform_keep k where k.tenant_id = w.tenant_id and k.identity = w.identity) as kept`;

/** Waveform blocks in day partitions of the system of record, written in the shipper's own transaction. */
export function postgresWaveformStore(db: Database, partitions: Partitions): WaveformStore {
  return {
    put: (tx, blocks) => insertBlocks(tx, partitions, blocks, (block) => ({ samples: block.raw })),
    get: async (tenantId, ref) => {
      const row = await db.tenant(tenantId, (tx) => readBlock(tx, ref));
      if (!row) return null;
      if (!row.samples)
        throw storeErrors.BLOCKS_UNAVAILABLE({ reason: 'it lies in an object store; set S3_URL again' });
      return { ...row.header, raw: row.samples };
    },
    ...waveformRows(db, partitions),
  };
}

/** Where a block's samples are: in its row, or as an object of their own. */
export interface Samples {
  samples?: Uint8Array;
  object?: StoredObject;
}

/** Samples that lie in an object store. */
export interface StoredObject {
  key: string;
  packing: Packing;
  bytes: number;
  sha256: Buffer;
}

/** What every store of blocks does by their rows alone, wherever the samples are. */
export function waveformRows(
  db: Database,
  partitions: Partitions,
): Pick<WaveformStore, 'list' | 'keep' | 'release' | 'count' | 'expire'> {
  return {
    list: (tenantId, query) => db.tenant(tenantId, (tx) => listBlocks(tx, query)),
    keep: async (tx, tenantId, ref, reason) => {
      await tx.query(
        'insert into waveform_keep (tenant_id, identity, reason) values ($1, $2, $3) on conflict do nothing',
        [tenantId, ref, reason],
      );
    },
    release: async (tx, tenantId, ref, reason) => {
      await tx.query('delete from waveform_keep where tenant_id = $1 and identity = $2 and reason = $3', [
        tenantId,
        ref,
        reason,
      ]);
    },
    count: (tenantId, device, within) =>
      within ? countBlocks(within, device) : db.tenant(tenantId, (tx) => countBlocks(tx, device)),
    expire: (beforeNs, settle) => expireBefore(db, partitions, 'waveform', beforeNs, settle),
  };
}

/** Writes a row for each block; one that PostgreSQL cannot hold costs itself only. */
export async function insertBlocks(
  tx: Sql,
  partitions: Partitions,
  blocks: readonly WaveformBlock[],
  samplesOf: (block: WaveformBlock, index: number) => Samples,
): Promise<PutOutcome[]> {
  await partitions.ensure(
    tx,
    'waveform',
    blocks.map((block) => dayOf(block.timeNs)),
  );
  const outcomes: PutOutcome[] = [];
  for (const [index, block] of blocks.entries()) {
    const ref = block.identity;
    try {
      outcomes.push({ ref, stored: await guarded(tx, () => insertBlock(tx, block, samplesOf(block, index))) });
    } catch (error) {
      if (lacksPartition(error)) partitions.forget();
      if (!(error instanceof FaultlineError && error.code === 'STORE_ROW_REFUSED')) throw error;
      outcomes.push({ ref, refused: error.message });
    }
  }
  return outcomes;
}

async function insertBlock(tx: Sql, block: WaveformBlock, { samples, object }: Samples): Promise<boolean> {
  const seen = await seenBefore(tx, [block]);
  if (seen.size > 0) return false;
  const { rowCount } = await tx.query(
    `insert into waveform (tenant_id, device, point, time_ns, identity, arrival_ns, device_time_ns, sent_at_ns, future, corrected, arrival_timed,
       sampling_rate_hz, unit, axis, speed_rpm, load_percent, scale, encoding, sample_count, samples,
       object_key, object_packing, object_bytes, object_sha256)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24) on conflict do nothing`,
    [
      block.tenantId,
      block.device,
      block.point,
      block.timeNs,
      block.identity,
      block.arrivalNs,
      block.deviceTimeNs,
      block.sentAtNs,
      block.future,
      block.corrected,
      block.arrivalTimed,
      block.samplingRateHz,
      block.unit,
      block.axis,
      block.speedRpm,
      block.loadPercent,
      block.scale,
      block.encoding,
      block.sampleCount,
      samples ? Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength) : null,
      object?.key ?? null,
      object?.packing ?? null,
      object?.bytes ?? null,
      object?.sha256 ?? null,
    ],
  );
  return rowCount === 1;
}

/** A block as its row knows it; the samples, or where they are. */
export interface BlockRow {
  header: WaveformHeader;
  samples: Buffer | null;
  object: StoredObject | null;
}

export async function readBlock(tx: Sql, ref: string): Promise<BlockRow | null> {
  if (!isId(ref)) return null;
  const { rows } = await tx.query<HeaderRow & ObjectRow & { samples: Buffer | null }>(
    `select ${HEADER}, w.samples, w.object_key, w.object_packing, w.object_bytes, w.object_sha256
     from waveform w where w.tenant_id = current_tenant() and w.identity = $1 limit 1`,
    [ref],
  );
  const row = rows[0];
  if (!row) return null;
  const { object_key: key, object_packing: packing, object_bytes: bytes, object_sha256: sha256 } = row;
  return { header: headerOf(row), samples: row.samples, object: key === null ? null : { key, packing, bytes, sha256 } };
}

interface ObjectRow {
  object_key: string | null;
  object_packing: Packing;
  object_bytes: number;
  object_sha256: Buffer;
}

async function listBlocks(tx: Sql, query: WaveformQuery): Promise<WaveformHeader[]> {
  const { rows } = await tx.query<HeaderRow>(
    `select ${HEADER} from waveform w
     where w.tenant_id = current_tenant() and ($1::text is null or w.device = $1) and ($2::text is null or w.point = $2)
       and w.time_ns >= $3 and w.time_ns < $4
       and ($5::int8 is null or (w.time_ns, w.identity) < ($5::int8, $6::uuid))
     order by w.time_ns desc, w.identity desc limit $7`,
    [
      query.device ?? null,
      query.point ?? null,
      query.fromNs,
      query.toNs,
      query.before?.timeNs ?? null,
      query.before?.ref ?? null,
      query.limit,
    ],
  );
  return rows.map(headerOf);
}

async function countBlocks(tx: Sql, device: string | undefined): Promise<{ device: string; count: number }[]> {
  const { rows } = await tx.query<{ device: string; count: bigint }>(
    `select device, count(*) as count from waveform
     where tenant_id = current_tenant() and ($1::text is null or device = $1) group by device order by device`,
    [device ?? null],
  );
  return rows.map((row) => ({ device: row.device, count: Number(row.count) }));
}

function headerOf(row: HeaderRow): WaveformHeader {
  return {
    ref: row.identity,
    device: row.device,
    point: row.point,
    timeNs: row.time_ns,
    arrivalNs: row.arrival_ns,
    deviceTimeNs: row.device_time_ns,
    sentAtNs: row.sent_at_ns,
    samplingRateHz: row.sampling_rate_hz,
    unit: row.unit,
    axis: row.axis,
    speedRpm: row.speed_rpm,
    loadPercent: row.load_percent,
    scale: row.scale,
    encoding: row.encoding,
    sampleCount: row.sample_count,
    kept: row.kept,
  };
}
