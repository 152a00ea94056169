import type { Tx } from '../../platform/index.ts';
import type { FailedState } from '../model/state.ts';

/** A CI that monitoring says is not well. */
export interface IllCi {
  readonly ciId: string;
  readonly key: string;
  readonly name: string;
  readonly type: string;
  readonly state: FailedState;
  readonly failureId: string;
  readonly since: Date;
}

/** All CIs that are not well, the longest ill first, and the version of this list. */
export async function readHealth(tx: Tx): Promise<{ version: bigint; ill: IllCi[] }> {
  const { rows: versions } = await tx.query<{ version: bigint }>(
    'select version from cmdb_health where tenant_id = $1',
    [tx.tenantId],
  );
  const { rows } = await tx.query<IllCi>(
    `select s.ci_id as "ciId", c.key, c.name, c.type, s.state, s.failure_id as "failureId", s.since
     from cmdb_ci_state s join cmdb_ci c on c.tenant_id = s.tenant_id and c.id = s.ci_id
     where s.tenant_id = $1 and s.state <> 'ok' order by s.since, s.ci_id`,
    [tx.tenantId],
  );
  return { version: versions[0]?.version ?? 0n, ill: rows };
}
