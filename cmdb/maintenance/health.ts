import { createHash } from 'node:crypto';
import type { Clock, Database, Tx } from '../../platform/index.ts';
import type { Failure, Health, HealthSource } from '../impact/health.ts';

/** Tenants whose windows are remembered. */
const MOST_TENANTS = 64;

/** Says of CIs that are worked on that they are not available. */
export interface Maintenance extends HealthSource {
  /** What is not available while these are worked on: they themselves, and all that is part of them. Takes ids. */
  workedOn(tenantId: string, ciIds: readonly string[]): Promise<Failure[]>;
}

interface Remembered {
  readonly key: string;
  readonly notOk: readonly Failure[];
}

/**
 * Maintenance windows as health: in its window a CI, and all that is part of it, is down as planned. What is part of
 * what is looked up again only when the windows or the graph have changed.
 */
export function maintenanceHealth({ db, clock }: { db: Database; clock: Clock }): Maintenance {
  const remembered = new Map<string, Remembered>();
  return {
    health: (tenantId) =>
      db.tenant(tenantId, async (tx): Promise<Health> => {
        const { windows, graphVersion } = await openWindows(tx, clock.nowMs());
        if (windows.length === 0) return { version: '0', notOk: [] };
        const ids = windows.map((window) => window.id);
        const version = createHash('sha256').update(ids.join()).digest('hex').slice(0, 12);
        const key = `${version} ${graphVersion}`;
        const known = remembered.get(tenantId);
        if (known?.key === key) return { version, notOk: known.notOk };
        const notOk = await withParts(tx, windows);
        remembered.delete(tenantId);
        remembered.set(tenantId, { key, notOk });
        if (remembered.size > MOST_TENANTS) remembered.delete(remembered.keys().next().value!);
        return { version, notOk };
      }),
    workedOn: (tenantId, ciIds) => {
      const sinceMs = clock.nowMs();
      const work = ciIds.map((ciId) => ({ ciId, sinceMs }));
      return db.tenant(tenantId, (tx) => withParts(tx, work));
    },
  };
}

interface Work {
  readonly ciId: string;
  readonly sinceMs: number;
}

async function openWindows(
  tx: Tx,
  nowMs: number,
): Promise<{ windows: (Work & { id: string })[]; graphVersion: bigint }> {
  const { rows } = await tx.query<{ id: string | null; ciId: string; from: Date; graph: bigint | null }>(
    `select w.id, w.ci_id as "ciId", w.from_at as "from", g.version as graph
     from (select version from cmdb_graph where tenant_id = $1) g
     left join cmdb_maintenance_window w on w.tenant_id = $1 and w.from_at <= $2 and w.to_at > $2
     order by w.id`,
    [tx.tenantId, new Date(nowMs)],
  );
  const windows = rows.flatMap(({ id, ciId, from }) => (id === null ? [] : [{ id, ciId, sinceMs: from.getTime() }]));
  return { windows, graphVersion: rows[0]?.graph ?? 0n };
}

async function withParts(tx: Tx, work: readonly Work[]): Promise<Failure[]> {
  const { rows } = await tx.query<{ ciId: string; sinceMs: number }>(
    `with recursive worked (id, since) as (
       select * from unnest($2::uuid[], $3::float8[])
       union
       select r.from_id, w.since from worked w
       join cmdb_relation r on r.tenant_id = $1 and r.to_id = w.id and r.type = 'PART_OF')
     select id as "ciId", min(since) as "sinceMs" from worked group by id order by id`,
    [tx.tenantId, work.map(({ ciId }) => ciId), work.map(({ sinceMs }) => sinceMs)],
  );
  return rows.map(({ ciId, sinceMs }) => ({ ciId, state: 'down', planned: true, sinceMs }));
}
