import { dropOldestBatch } from '../../ingest/index.ts';
import { type Logger, reasonOf } from '../../platform/index.ts';
import { readConsumed, saveConsumed, saveSkipped } from '../store/consumed.ts';
import type { AnalyticsMetrics } from './metrics.ts';
import { type RoundDeps, type RoundResult, runRound } from './round.ts';

export interface PartitionDeps extends RoundDeps {
  readonly log: Logger;
  readonly metrics: AnalyticsMetrics;
}

/** Bounds the memory of a round: a batch is bounded by the feed's writer. */
const BATCHES_A_ROUND = 8;
/** A batch on its own is tried this often before it is given up. */
const ATTEMPTS = 3;
const PAUSE_MS = 100;
/** PostgreSQL's classes for "no connection", "out of resources", "operator intervention": never the batch's fault. */
const NOT_THE_BATCH = /^(08|53|57|58)/;
/** What the driver says, without a code, of a connection that was lost or never had. */
const NO_CONNECTION = /connection terminated|connection error|trying to connect/i;

/**
 * Works on one tenant's partition until nothing waits. When a round fails it goes on batch by batch and block by
 * block, so that what is broken is found and set aside with its reason, and the rest of the partition goes on.
 *
 * @throws when the database cannot be reached: the batches stay, and the feed's sweep asks again
 */
export async function workPartition(
  deps: PartitionDeps,
  tenantId: string,
  partition: number,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    const started = performance.now();
    try {
      const careful = failures > 0;
      const result = await runRound(deps, tenantId, partition, {
        atMost: careful ? 1 : BATCHES_A_ROUND,
        isolate: careful,
      });
      if (result.batches === 0) return;
      report(deps, tenantId, result, performance.now() - started);
      failures = 0;
    } catch (error) {
      if (isInfrastructure(error)) throw error;
      failures += 1;
      deps.log.warn({ tenantId, partition, failures, reason: reasonOf(error) }, 'analysis round failed');
      if (failures > ATTEMPTS) {
        await giveUpBatch(deps, tenantId, partition, reasonOf(error));
        failures = 0;
      }
      await deps.clock.sleep(PAUSE_MS, signal);
    }
  }
}

function report({ metrics, log }: PartitionDeps, tenantId: string, result: RoundResult, elapsedMs: number): void {
  metrics.blocks.inc(result.blocks);
  metrics.readings.inc(result.readings);
  metrics.repeated.inc(result.repeated);
  metrics.skipped.inc(result.skipped.length);
  metrics.roundSeconds.observe(elapsedMs / 1000);
  for (const skipped of result.skipped) log.error({ tenantId, ...skipped }, 'unit skipped by analysis');
}

function isInfrastructure(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return NO_CONNECTION.test(reasonOf(error));
  return NOT_THE_BATCH.test(code) || code.startsWith('ECONN') || code === 'EPIPE' || code === 'ETIMEDOUT';
}

/** Sets the oldest batch aside with its reason, so that it cannot block the partition for ever. */
async function giveUpBatch(deps: PartitionDeps, tenantId: string, partition: number, reason: string): Promise<void> {
  await deps.db.tenant(tenantId, async (tx) => {
    const batch = await dropOldestBatch(tx, partition);
    if (!batch) return;
    const { spoolId, fromOffset, toOffset } = batch;
    const skipped = { partition, spoolId, fromOffset, toOffset, pointKey: null, reason };
    const positions = await readConsumed(tx, partition);
    positions.set(spoolId, Math.max(toOffset, positions.get(spoolId) ?? 0));
    await saveSkipped(tx, [skipped], deps.clock.nowMs());
    await saveConsumed(tx, partition, positions, deps.clock.nowMs());
    deps.log.error({ tenantId, ...skipped }, 'batch skipped by analysis');
    deps.metrics.skipped.inc();
  });
}
