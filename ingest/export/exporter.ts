import { z } from 'zod';
import {
  type Clock,
  type Database,
  defineJob,
  type Jobs,
  type Logger,
  loopService,
  newId,
  reasonOf,
  type Service,
  type Sql,
} from '../../platform/index.ts';
import { splitPointKey } from '../store/readings.ts';
import type { StoredReading, TelemetryStore } from '../store/telemetryStore.ts';
import { csvWriter } from './csv.ts';
import { claimExport, settleExport, type TelemetryExport, touchExport } from './exports.ts';
import { parquetWriter } from './parquet.ts';
import { type Attempt, partSink } from './parts.ts';

/** A nudge: the row is the truth. */
export const exportJob = defineJob('telemetry.export', z.object({ tenantId: z.uuid(), exportId: z.uuid() }));

const PAGE = 5_000;
const TOUCH_EVERY_MS = 1_000;
/** An attempt that has said nothing for so long has died with its process. */
const ABANDONED_MS = 60_000;
const MAX_ATTEMPTS = 5;
const SWEEP_EVERY_MS = 15_000;
/** How long what an export made, or what became of it, is kept. */
export const EXPORT_LIFE_MS = 24 * 3_600_000;
/** Larger exports are refused on the way: they lie in the database until they expire. */
const MAX_BYTES = 4 * 1024 ** 3;

export interface ExporterDeps {
  db: Database;
  jobs: Pick<Jobs, 'enqueue' | 'work'>;
  telemetry: TelemetryStore;
  clock: Clock;
  log: Logger;
  maxBytes?: number;
}

/** Works on exports, and looks after those that nobody works on. */
export interface Exporter extends Service {
  /** One look: removes what has expired, takes up what was left. */
  sweep(): Promise<void>;
}

/** The attempt is no longer ours: the export was cancelled, or another process took it up. */
class NotOurs extends Error {}
class TooLarge extends Error {}

/** Makes exports in this process; `start` begins to look for those left behind. */
export function createExporter(deps: ExporterDeps): Exporter {
  const { db, jobs, clock, log } = deps;
  jobs.work(exportJob, ({ tenantId, exportId }, signal) => work(deps, tenantId, exportId, signal));

  const sweep = async (): Promise<void> => {
    const nowMs = clock.nowMs();
    const left = await db.as('shipper', async (tx) => {
      await removeExpired(tx, new Date(nowMs));
      const { rows } = await tx.query<{ tenant_id: string; id: string }>(
        `select tenant_id, id from telemetry_export
         where (status = 'waiting' and created_at < $1) or (status = 'running' and touched_at < $2) limit 100`,
        [new Date(nowMs - SWEEP_EVERY_MS), new Date(nowMs - ABANDONED_MS)],
      );
      return rows;
    });
    for (const { tenant_id: tenantId, id } of left)
      await jobs.enqueue(exportJob, { tenantId, exportId: id }, { id: `export-${id}` });
  };
  const run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await sweep().catch((error: unknown) =>
        log.warn({ reason: reasonOf(error) }, 'exports could not be looked after; it is tried again'),
      );
      await clock.sleep(SWEEP_EVERY_MS, signal);
    }
  };
  return { sweep, ...loopService(run) };
}

async function removeExpired(tx: Sql, now: Date): Promise<void> {
  await tx.query(
    `delete from telemetry_export_part p using telemetry_export e
     where e.expires_at < $1 and p.tenant_id = e.tenant_id and p.export_id = e.id`,
    [now],
  );
  await tx.query('delete from telemetry_export where expires_at < $1', [now]);
}

async function work(deps: ExporterDeps, tenantId: string, exportId: string, signal: AbortSignal): Promise<void> {
  const { db, clock, log } = deps;
  const of: Attempt = { tenantId, exportId, attempt: newId() };
  const nowMs = clock.nowMs();
  const claimed = await db.tenant(tenantId, (tx) =>
    claimExport(tx, exportId, of.attempt, new Date(nowMs), new Date(nowMs - ABANDONED_MS)),
  );
  if (!claimed) return;
  const settle = (status: 'finished' | 'failed' | 'waiting', reason: string | null) => {
    const now = clock.nowMs();
    const end = { status, reason, now: new Date(now), expiresAt: new Date(now + EXPORT_LIFE_MS) };
    return db.tenant(tenantId, (tx) => settleExport(tx, exportId, of.attempt, end));
  };
  try {
    await write(deps, claimed, of, signal);
    await settle('finished', null);
  } catch (error) {
    if (error instanceof NotOurs) {
      // Whoever cancelled it removed the parts of then; what was written since goes now.
      await db.tenant(tenantId, (tx) =>
        tx.query(
          'delete from telemetry_export_part where tenant_id = current_tenant() and export_id = $1 and attempt = $2',
          [exportId, of.attempt],
        ),
      );
      return;
    }
    if (error instanceof TooLarge) return settle('failed', error.message);
    log.warn({ exportId, reason: reasonOf(error) }, 'an export was interrupted');
    const { rows } = await db.tenant(tenantId, (tx) =>
      tx.query<{ attempts: number }>(
        'select attempts from telemetry_export where tenant_id = current_tenant() and id = $1',
        [exportId],
      ),
    );
    const last = !signal.aborted && (rows[0]?.attempts ?? 0) >= MAX_ATTEMPTS;
    await settle(last ? 'failed' : 'waiting', last ? 'it was interrupted too often; the log says why' : null);
  }
}

/** Reads page by page and writes as it goes: a page, a row group and a part are in memory, whatever the span. */
async function write(deps: ExporterDeps, made: TelemetryExport, of: Attempt, signal: AbortSignal): Promise<void> {
  const { db, clock, telemetry, maxBytes = MAX_BYTES } = deps;
  const parts = partSink(db, of);
  const writer = made.format === 'csv' ? csvWriter(parts.sink) : parquetWriter(parts.sink);
  let rows = 0;
  let touchedMs = clock.nowMs();
  const touch = async (percent: number): Promise<void> => {
    touchedMs = clock.nowMs();
    const progress = { percent, rows, bytes: parts.bytes() };
    const ours = await db.tenant(of.tenantId, (tx) =>
      touchExport(tx, of.exportId, of.attempt, new Date(touchedMs), progress),
    );
    if (!ours) throw new NotOurs();
  };
  for (const [i, text] of made.series.entries()) {
    const series = splitPointKey(text)!; // checked when the export was asked for
    let after: StoredReading | undefined;
    for (;;) {
      if (signal.aborted) throw new Error('the process is stopping');
      const options = { limit: PAGE, ...(after ? { after } : {}) };
      const page = await telemetry.range(of.tenantId, series, made.fromNs, made.toNs, options);
      if (page.length > 0) await writer.add(series, page);
      rows += page.length;
      if (parts.bytes() > maxBytes)
        throw new TooLarge(
          `it would be larger than ${maxBytes} bytes: export a shorter span or fewer series at a time`,
        );
      after = page.at(-1);
      if (clock.nowMs() - touchedMs >= TOUCH_EVERY_MS)
        await touch((100 * (i + shareOf(made, page.length < PAGE ? made.toNs : after!.timeNs))) / made.series.length);
      if (page.length < PAGE) break;
    }
  }
  await writer.finish();
  await parts.close();
  await touch(100);
}

function shareOf({ fromNs, toNs }: TelemetryExport, reachedNs: bigint): number {
  return Number(reachedNs - fromNs) / Number(toNs - fromNs);
}
