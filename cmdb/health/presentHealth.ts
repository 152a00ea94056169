import { createHash } from 'node:crypto';
import type { Clock, Database, Tx } from '../../platform/index.ts';
import { type Health, type HealthSource, worstOf } from '../impact/health.ts';
import { type Work, workedOn } from '../maintenance/workedOn.ts';
import { readHealth } from './illCis.ts';

/** Tenants whose health is remembered. */
const MOST_TENANTS = 64;

interface Remembered {
  readonly key: string;
  readonly health: Health;
}

/**
 * The present health of CIs: what alerts say, and what is down as planned in maintenance windows that are open. One small
 * query tells whether anything can have changed since it was last read; only then all of it is read anew.
 */
export function presentHealth({ db, clock }: { db: Database; clock: Clock }): HealthSource {
  const remembered = new Map<string, Remembered>();
  return {
    health: (tenantId) =>
      db.tenant(tenantId, async (tx) => {
        const { alerts, graph, windows } = await standing(tx, clock.nowMs());
        const ids = windows.map((window) => window.id).join();
        // What was worked on before the graph changed may be part of something else by now.
        const key = `${alerts} ${graph} ${ids}`;
        const known = remembered.get(tenantId);
        if (known?.key === key) return known.health;
        const { version, ill } = await readHealth(tx);
        const byAlerts = ill.map(({ ciId, state, since }) => ({ ciId, state, sinceMs: since.getTime() }));
        const byWork = ids === '' ? '0' : createHash('sha256').update(ids).digest('hex').slice(0, 12);
        const notOk = worstOf([await workedOn(tx, windows), byAlerts]);
        const health = { version: `${byWork}.${version}`, notOk };
        remembered.delete(tenantId);
        // Alerts that came between the two queries are read again next time.
        remembered.set(tenantId, { key, health });
        if (remembered.size > MOST_TENANTS) remembered.delete(remembered.keys().next().value!);
        return health;
      }),
  };
}

interface Standing {
  readonly alerts: bigint;
  readonly graph: bigint;
  readonly windows: readonly (Work & { readonly id: string })[];
}

/** The versions on which the health stands, and the windows that are open. */
async function standing(tx: Tx, nowMs: number): Promise<Standing> {
  const { rows } = await tx.query<Standing>(
    `select coalesce((select version from cmdb_health where tenant_id = $1), 0) as alerts,
            coalesce((select version from cmdb_graph where tenant_id = $1), 0) as graph,
            coalesce((select jsonb_agg(jsonb_build_object('id', id, 'ciId', ci_id,
                               'sinceMs', extract(epoch from from_at) * 1000) order by id)
                      from cmdb_maintenance_window
                      where tenant_id = $1 and from_at <= $2 and to_at > $2), '[]') as windows`,
    [tx.tenantId, new Date(nowMs)],
  );
  return rows[0]!;
}
