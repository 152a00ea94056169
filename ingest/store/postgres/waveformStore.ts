import { type Database, isId, type Sql } from '../../../platform/index.ts';
import type { WaveformBlock } from '../readings.ts';
import type { StoredWaveform, WaveformHeader, WaveformQuery, WaveformStore } from '../waveformStore.ts';
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
    put: async (tx, block) => {
      await partitions.ensure(tx, 'waveform', [dayOf(block.timeNs)]);
      try {
        return { ref: block.identity, stored: await guarded(tx, () => insertBlock(tx, block)) };
      } catch (error) {
        if (lacksPartition(error)) partitions.forget();
        throw error;
      }
    },
    get: (tenantId, ref) => db.tenant(tenantId, (tx) => readBlock(tx, ref)),
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

async function insertBlock(tx: Sql, block: WaveformBlock): Promise<boolean> {
  const seen = await seenBefore(tx, [block]);
  if (seen.size > 0) return false;
  const { rowCount } = await tx.query(
    `insert into waveform (tenant_id, device, point, time_ns, identity, arrival_ns, device_time_ns, sent_at_ns, future, corrected, arrival_timed,
       sampling_rate_hz, unit, axis, speed_rpm, load_percent, scale, encoding, sample_count, samples)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) on conflict do nothing`,
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
      Buffer.from(block.raw.buffer, block.raw.byteOffset, block.raw.byteLength),
    ],
  );
  return rowCount === 1;
}

async function readBlock(tx: Sql, ref: string): Promise<StoredWaveform | null> {
  if (!isId(ref)) return null;
  const { rows } = await tx.query<HeaderRow & { samples: Buffer }>(
    `select ${HEADER}, w.samples from waveform w where w.tenant_id = current_tenant() and w.identity = $1 limit 1`,
    [ref],
  );
  const row = rows[0];
  return row ? { ...headerOf(row), raw: row.samples } : null;
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
