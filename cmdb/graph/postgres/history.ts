import type { Tx } from '../../../platform/index.ts';
import type { HistoryEntry } from '../assetGraph.ts';

/** Changes of a CI and of its relations, newest first. */
export async function historyOf(
  tx: Tx,
  ciId: string,
  page: { limit: number; before?: { version: bigint; seq: number } | undefined },
): Promise<HistoryEntry[]> {
  const { rows } = await tx.query<HistoryEntry>(
    `select version, seq, kind, ci_id as "ciId", other_id as "otherId", before, after, author, reason, source, at
     from cmdb_change
     where tenant_id = $1 and (ci_id = $2 or other_id = $2)
       and ($3::bigint is null or (version, seq) < ($3, $4::int))
     order by version desc, seq desc limit $5`,
    [tx.tenantId, ciId, page.before?.version ?? null, page.before?.seq ?? null, page.limit],
  );
  return rows;
}
