import type { Clock, Sql } from '../../platform/index.ts';
import type { Reading } from '../store/readings.ts';
import type { TelemetryStore } from '../store/telemetryStore.ts';
import { packLive } from './items.ts';

/** How soon a tenant's first watcher is noticed. */
const LOOK_EVERY_MS = 1_000;
/** How long a batch lies for its readers, who look five times a second. */
export const KEEP_S = 30;

/**
 * The same store, telling those who watch of each reading that it stored: in the same transaction, so that nothing is
 * shown that was not kept. Where nobody watches it costs one small query a second.
 */
export function announced(store: TelemetryStore, clock: Clock): TelemetryStore {
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let wanted: ReadonlySet<string> = new Set();

  const look = async (tx: Sql): Promise<void> => {
    if (clock.nowMs() - lookedAtMs < LOOK_EVERY_MS) return;
    const { rows } = await tx.query<{ tenant_id: string }>(
      'select distinct tenant_id from ingest_live_wanted where until > clock_timestamp()',
    );
    wanted = new Set(rows.map((row) => row.tenant_id));
    lookedAtMs = clock.nowMs();
    await tx.query('delete from ingest_live where written_at < clock_timestamp() - make_interval(secs => $1)', [
      KEEP_S,
    ]);
  };

  return {
    ...store,
    write: async (tx, batch) => {
      const outcome = await store.write(tx, batch);
      await look(tx);
      if (wanted.size === 0) return outcome;
      const stored = batch.filter((reading, i) => outcome[i] === 1 && wanted.has(reading.tenantId));
      for (const [tenantId, readings] of Map.groupBy(stored, (reading) => reading.tenantId))
        await announce(tx, tenantId, readings);
      return outcome;
    },
  };
}

async function announce(tx: Sql, tenantId: string, readings: readonly Reading[]): Promise<void> {
  await tx.query('insert into ingest_live (tenant_id, body) values ($1, $2)', [tenantId, packLive(readings)]);
}
