import { z } from 'zod';
import type { Clock, Database, Jobs, Logger, Tx } from '../../platform/index.ts';
import { defineJob, FaultlineError, newId, reasonOf } from '../../platform/index.ts';
import type { ReplayResult } from '../quarantine/replay.ts';
import { storeErrors } from '../store/errors.ts';

/** Replays all of a kind that lies in quarantine: after a mapping was mended, a device registered, a bound widened. */
export const replayQuarantineJob = defineJob(
  'ingest.replay-quarantine',
  z.object({ tenantId: z.uuid(), replayId: z.uuid() }),
);

/** A replay and how far it has come. */
export interface BulkReplay {
  id: string;
  reasonCode: string | null;
  device: string | null;
  requestedBy: string;
  requestedAt: Date;
  finishedAt: Date | null;
  /** Entries that lay there when it was asked for. */
  entries: number;
  done: number;
  stored: number;
  duplicate: number;
  /** Units that could still not be stored. */
  remaining: number;
}

interface Row {
  id: string;
  reason_code: string | null;
  device: string | null;
  requested_by: string;
  requested_at: Date;
  finished_at: Date | null;
  entries: number;
  done: number;
  stored: number;
  duplicate: number;
  remaining: number;
}

const COLUMNS =
  'id, reason_code, device, requested_by, requested_at, finished_at, entries, done, stored, duplicate, remaining';
/** Entries of the replay: those older than it, so that what is put away while it runs does not keep it running. */
const ENTRIES = `tenant_id = current_tenant() and units > 0 and reason_code <> 'SPOOL_DAMAGED'
  and ($1::text is null or reason_code = $1) and ($2::text is null or device = $2) and id < $3`;

function replayOf(row: Row): BulkReplay {
  return {
    id: row.id,
    reasonCode: row.reason_code,
    device: row.device,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at,
    finishedAt: row.finished_at,
    entries: row.entries,
    done: row.done,
    stored: row.stored,
    duplicate: row.duplicate,
    remaining: row.remaining,
  };
}

/** Notes that a replay is wanted; the job that carries it out is enqueued by the caller after its commit. */
export async function requestReplay(
  tx: Tx,
  wanted: { reasonCode: string | null; device: string | null; requestedBy: string; nowMs: number },
): Promise<BulkReplay> {
  const { rows } = await tx.query<Row>(
    `insert into quarantine_replay (tenant_id, id, reason_code, device, requested_by, requested_at, entries)
     select current_tenant(), $3, $1, $2, $4, $5, (select count(*)::int from quarantine where ${ENTRIES})
     returning ${COLUMNS}`,
    [wanted.reasonCode, wanted.device, newId(), wanted.requestedBy, new Date(wanted.nowMs)],
  );
  return replayOf(rows[0]!);
}

export async function getReplay(tx: Tx, id: string): Promise<BulkReplay | null> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from quarantine_replay where tenant_id = current_tenant() and id = $1`,
    [id],
  );
  return rows[0] ? replayOf(rows[0]) : null;
}

export async function listReplays(tx: Tx, before: string | undefined, limit: number): Promise<BulkReplay[]> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from quarantine_replay
     where tenant_id = current_tenant() and ($1::uuid is null or id < $1) order by id desc limit $2`,
    [before ?? null, limit],
  );
  return rows.map(replayOf);
}

export interface ReplayWorkerDeps {
  db: Database;
  jobs: Pick<Jobs, 'work'>;
  clock: Clock;
  log: Logger;
  /** Replays one entry, in a transaction of its own. */
  replay(tenantId: string, quarantineId: string): Promise<ReplayResult>;
}

/** Carries out replays: entry by entry, oldest first, each noted as done, so that a crash costs no more than one. */
export function serveReplays({ db, jobs, clock, log, replay }: ReplayWorkerDeps): void {
  jobs.work(replayQuarantineJob, async ({ tenantId, replayId }, signal) => {
    for (;;) {
      if (signal.aborted) throw new Error('stopped while entries are left; the job is tried again');
      const next = await db.tenant(tenantId, async (tx) => {
        const wanted = await getReplay(tx, replayId);
        if (!wanted || wanted.finishedAt) return null;
        const { rows } = await tx.query<{ id: string }>(
          `select id from quarantine where ${ENTRIES} and id > coalesce(
             (select last_entry from quarantine_replay where tenant_id = current_tenant() and id = $3), $4::uuid)
           order by id limit 1`,
          [wanted.reasonCode, wanted.device, replayId, NO_ENTRY],
        );
        if (rows[0]) return rows[0].id;
        await tx.query('update quarantine_replay set finished_at = $2 where tenant_id = current_tenant() and id = $1', [
          replayId,
          new Date(clock.nowMs()),
        ]);
        return null;
      });
      if (next === null) return;
      const result = await replayOne(replay, tenantId, next);
      if (result.reason !== null) log.debug({ quarantineId: next, reason: result.reason }, 'still quarantined');
      await db.tenant(tenantId, (tx) =>
        tx.query(
          `update quarantine_replay set done = done + 1, last_entry = $2, stored = stored + $3,
             duplicate = duplicate + $4, remaining = remaining + $5
           where tenant_id = current_tenant() and id = $1 and last_entry is distinct from $2`,
          [replayId, next, result.stored, result.duplicate, result.remaining],
        ),
      );
    }
  });
}

const NO_ENTRY = '00000000-0000-0000-0000-000000000000';

/** An entry that cannot be replayed at all (cut, settled meanwhile) is passed over; a store that is down is not. */
async function replayOne(replay: ReplayWorkerDeps['replay'], tenantId: string, id: string): Promise<ReplayResult> {
  try {
    return await replay(tenantId, id);
  } catch (error) {
    if (error instanceof FaultlineError && error.code in storeErrors)
      return { stored: 0, duplicate: 0, remaining: 0, reason: reasonOf(error) };
    throw error;
  }
}
