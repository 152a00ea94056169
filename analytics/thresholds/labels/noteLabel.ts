import { type Clock, type Jobs, type Logger, newId, reasonOf, type Tx } from '../../../platform/index.ts';
import { thresholdRunJob } from '../runs.ts';
import { readPolicy } from '../store/policies.ts';
import { insertRun } from '../store/runs.ts';
import { BY_LABELS, type LabelsRequest } from './propose.ts';

const REQUEST: LabelsRequest = { closeAfterHours: 72 };
/** A shift's closures are worked on together. */
const GATHER_MS = 60_000;

/**
 * A new label: where the tenant lets labels change thresholds, the history is looked at again soon, once for all labels
 * that come meanwhile. Elsewhere nothing happens by itself.
 */
export async function noteLabel(deps: { clock: Clock; jobs: Jobs; log: Logger }, tx: Tx): Promise<void> {
  if (!(await readPolicy(tx)).autoApply) return;
  const { rows } = await tx.query<{ id: string }>(
    `select id from threshold_run where tenant_id = current_tenant() and kind = 'labels' and status = 'waiting' limit 1`,
  );
  const id = rows[0]?.id ?? newId();
  if (rows.length === 0) {
    const run = { id, kind: 'labels' as const, author: BY_LABELS.name, request: REQUEST, editsKey: null };
    await insertRun(tx, run, deps.clock.nowMs());
  }
  const { tenantId } = tx;
  // Also for a run that waits already: its job may have been lost.
  tx.afterCommit(() => {
    deps.jobs
      .enqueue(thresholdRunJob, { tenantId, runId: id }, { id: `thresholds-${id}`, delayMs: GATHER_MS })
      .catch((error: unknown) => deps.log.warn({ reason: reasonOf(error) }, 'the next label asks again for proposals'));
  });
}
