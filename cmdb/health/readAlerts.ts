import type { Tx } from '../../platform/index.ts';
import type { AlertSource } from './alert.ts';
import type { AlertState } from './mapping.ts';

/** An alert as it is kept. */
export interface KeptAlert {
  readonly id: string;
  readonly source: AlertSource;
  readonly fingerprint: string;
  readonly firing: boolean;
  readonly state: AlertState;
  readonly severity: string;
  readonly title: string;
  readonly labels: Record<string, string>;
  readonly url: string | null;
  readonly ciId: string | null;
  readonly match: string;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

export interface AlertFilter {
  readonly ciId?: string | undefined;
  readonly source?: AlertSource | undefined;
  readonly firing?: boolean | undefined;
  /** Whether its CI is known. */
  readonly matched?: boolean | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Alerts in the order in which they were first told. */
export async function listAlerts(tx: Tx, filter: AlertFilter): Promise<KeptAlert[]> {
  const { rows } = await tx.query<KeptAlert>(
    `select id, source, fingerprint, firing, state, severity, title, labels, url, ci_id as "ciId", match,
            started_at as "startedAt", ended_at as "endedAt"
     from cmdb_alert
     where tenant_id = $1 and ($2::uuid is null or ci_id = $2) and ($3::bool is null or firing = $3)
       and ($4::bool is null or (ci_id is not null) = $4) and ($5::uuid is null or id > $5)
       and ($6::text is null or source = $6)
     order by id limit $7`,
    [
      tx.tenantId,
      filter.ciId ?? null,
      filter.firing ?? null,
      filter.matched ?? null,
      filter.after ?? null,
      filter.source ?? null,
      filter.limit,
    ],
  );
  return rows;
}
