import type { Clock, Database, Logger, Sql, Tx } from '../../../platform/index.ts';
import { reasonOf } from '../../../platform/index.ts';
import type { ModelContract } from '../contract.ts';
import { addRows, type DriftReport, type DriftSketch, driftOf, newSketch } from './sketch.ts';

/** Rows of a model held back until they are worth a transaction. */
const FLUSH_ROWS = 64;
const FLUSH_AFTER_MS = 10_000;
/** Rows held back at most, when the database cannot take them. */
const MOST_HELD = 256;

export interface DriftMonitor {
  /** Notes what a model was asked and what it answered. Never throws, never waits. */
  note(tenantId: string, modelId: string, contract: ModelContract, rows: readonly (readonly number[])[]): void;
  /** Writes what is held back. */
  flush(): Promise<void>;
  /** The greatest index of the inputs, and that of the output, of every model that this process has reported on. */
  known(): Iterable<{ tenantId: string; contract: ModelContract; report: DriftReport }>;
}

interface Held {
  readonly tenantId: string;
  readonly modelId: string;
  readonly contract: ModelContract;
  rows: (readonly number[])[];
  sinceMs: number;
  report: DriftReport | null;
  writing: Promise<void> | null;
}

/**
 * Watches what models are fed. The sketch of a model lies in one row that all processes share, so rows are added some
 * dozens at a time in transactions of their own: a round of analysis never waits for it. What a killed process held back
 * is lost, which a distribution of hundreds of rows does not notice.
 */
export function createDriftMonitor(deps: { db: Database; clock: Clock; log: Logger }): DriftMonitor {
  const { db, clock, log } = deps;
  const byModel = new Map<string, Held>();

  const write = async (held: Held) => {
    const rows = held.rows;
    held.rows = [];
    try {
      held.report = await db.tenant(held.tenantId, (tx) =>
        foldIn(tx, held.modelId, held.contract, rows, clock.nowMs()),
      );
    } catch (error) {
      held.rows = [...rows, ...held.rows].slice(-MOST_HELD);
      log.warn({ tenantId: held.tenantId, modelId: held.modelId, reason: reasonOf(error) }, 'drift not written');
    }
    held.sinceMs = clock.nowMs();
  };
  const writeOnce = (held: Held): Promise<void> => {
    held.writing ??= write(held).finally(() => {
      held.writing = null;
    });
    return held.writing;
  };

  return {
    note: (tenantId, modelId, contract, rows) => {
      const key = `${tenantId} ${modelId}`;
      let held = byModel.get(key);
      if (!held) {
        held = { tenantId, modelId, contract, rows: [], sinceMs: clock.nowMs(), report: null, writing: null };
        byModel.set(key, held);
      }
      held.rows = [...held.rows, ...rows].slice(-MOST_HELD);
      const isDue = held.rows.length >= FLUSH_ROWS || clock.nowMs() - held.sinceMs >= FLUSH_AFTER_MS;
      if (isDue) void writeOnce(held);
    },
    flush: async () => {
      for (const held of byModel.values()) {
        await held.writing;
        if (held.rows.length > 0) await writeOnce(held);
      }
    },
    known: () =>
      [...byModel.values()].flatMap(({ tenantId, contract, report }) =>
        report ? [{ tenantId, contract, report }] : [],
      ),
  };
}

async function foldIn(
  tx: Tx,
  modelId: string,
  contract: ModelContract,
  rows: readonly (readonly number[])[],
  atMs: number,
): Promise<DriftReport> {
  const { deciles, outputDeciles } = contract.training;
  // Made first and locked then, so that two processes that see a model first do not overwrite each other.
  await tx.query(
    `insert into analytics_model_drift (tenant_id, model_id, sketch, updated_at) values (current_tenant(), $1, $2, $3)
     on conflict do nothing`,
    [modelId, JSON.stringify(newSketch(deciles, outputDeciles)), new Date(atMs)],
  );
  const { rows: stored } = await tx.query<{ sketch: DriftSketch }>(
    'select sketch from analytics_model_drift where tenant_id = current_tenant() and model_id = $1 for update',
    [modelId],
  );
  const { sketch } = stored[0]!;
  addRows(sketch, rows);
  await tx.query(
    'update analytics_model_drift set sketch = $2, updated_at = $3 where tenant_id = current_tenant() and model_id = $1',
    [modelId, JSON.stringify(sketch), new Date(atMs)],
  );
  return driftOf(sketch);
}

/** How a model's inputs and output have moved; null when it was never run in this tenant. */
export async function readDrift(tx: Sql, modelId: string): Promise<(DriftReport & { updatedAt: Date }) | null> {
  const { rows } = await tx.query<{ sketch: DriftSketch; updated_at: Date }>(
    'select sketch, updated_at from analytics_model_drift where tenant_id = current_tenant() and model_id = $1',
    [modelId],
  );
  return rows[0] ? { ...driftOf(rows[0].sketch), updatedAt: rows[0].updated_at } : null;
}
