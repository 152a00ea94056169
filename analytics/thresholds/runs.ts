import { z } from 'zod';
import { defineJob, FaultlineError, type Jobs, type Logger, newId, reasonOf } from '../../platform/index.ts';
import type { ThresholdDeps } from './deps.ts';
import { type LabelsRequest, proposeFromLabels } from './labels/propose.ts';
import type { SimulationRequest } from './simulate/request.ts';
import { type ReplayRunner, replayInThread } from './simulate/runner.ts';
import { type Progress, simulate } from './simulate/simulate.ts';
import { claimRun, type Run, settleRun, touchRun } from './store/runs.ts';

/** A nudge: the row is the truth. */
export const thresholdRunJob = defineJob('thresholds.run', z.object({ tenantId: z.uuid(), runId: z.uuid() }));

/** An attempt that has said nothing for so long has died with its process. */
export const ABANDONED_MS = 60_000;
const TOUCH_EVERY_MS = 1_000;
const MAX_ATTEMPTS = 3;

/** The run is no longer this attempt's. */
class NotOurs extends Error {}

/** Works on runs in this process, each in a thread of its own, one at a time. */
export function serveRuns(deps: ThresholdDeps & { jobs: Jobs; log: Logger }): void {
  deps.jobs.work(thresholdRunJob, ({ tenantId, runId }, signal) => workRun(deps, tenantId, runId, signal), {
    concurrency: 1,
  });
}

/** Takes a run up and ends it; does nothing when another process works on it. */
export async function workRun(
  deps: ThresholdDeps & { log: Logger },
  tenantId: string,
  runId: string,
  signal: AbortSignal,
  runnerOf: () => ReplayRunner = replayInThread,
): Promise<void> {
  const { db, clock, log } = deps;
  const attempt = newId();
  const at = (ms: number) => new Date(ms);
  const run = await db.tenant(tenantId, (tx) =>
    claimRun(tx, runId, attempt, at(clock.nowMs()), at(clock.nowMs() - ABANDONED_MS)),
  );
  if (!run) return;
  const settle = (status: 'finished' | 'failed' | 'waiting', result: unknown, reason: string | null) =>
    db.tenant(tenantId, (tx) => settleRun(tx, runId, attempt, { status, result, reason, now: at(clock.nowMs()) }));
  let touchedMs = Number.NEGATIVE_INFINITY;
  const progress: Progress = async (done, total) => {
    if (signal.aborted) throw new Error('the process is stopping');
    if (clock.nowMs() - touchedMs < TOUCH_EVERY_MS) return;
    touchedMs = clock.nowMs();
    const isOurs = await db.tenant(tenantId, (tx) => touchRun(tx, runId, attempt, { now: at(touchedMs), done, total }));
    if (!isOurs) throw new NotOurs();
  };
  const runner = runnerOf();
  try {
    await settle('finished', await resultOf(deps, tenantId, run, runner, progress), null);
  } catch (error) {
    if (error instanceof NotOurs) return;
    // What the request itself is to blame for is told at once; anything else may be gone the next time.
    if (error instanceof FaultlineError && error.status < 500) return await settle('failed', null, error.message);
    log.warn({ runId, reason: reasonOf(error) }, 'a replay was interrupted');
    const isLast = !signal.aborted && run.attempts >= MAX_ATTEMPTS;
    await settle(isLast ? 'failed' : 'waiting', null, isLast ? reasonOf(error) : null);
    if (!isLast) throw error; // the job comes again
  } finally {
    await runner.close();
  }
}

function resultOf(
  deps: ThresholdDeps,
  tenantId: string,
  run: Run,
  runner: ReplayRunner,
  progress: Progress,
): Promise<unknown> {
  switch (run.kind) {
    case 'simulation':
      return simulate(deps, tenantId, run.request as SimulationRequest, runner, progress);
    case 'labels':
      return proposeFromLabels(deps, tenantId, run.request as LabelsRequest, runner, progress);
    default:
      return run.kind satisfies never;
  }
}
