import type { Tx } from '../../../../platform/index.ts';
import type { TieKind } from '../../tie.ts';

/** Something whose state in Neo4j may be of the past. */
export interface DueTie {
  readonly kind: TieKind;
  readonly id: string;
  /** Changes with every mark: what is marked again while it is written stays due. */
  readonly mark: bigint;
}

/** Marks that these have changed, whatever they have become. */
export async function markDue(tx: Tx, kind: TieKind, ids: readonly string[], at: Date): Promise<void> {
  // In the order of their ids, so that two who mark the same wait for one another and never in a circle.
  await tx.query(
    `insert into cmdb_tie_due as d (tenant_id, kind, id, marked_at)
     select $1, $2, id, $4 from (select distinct id from unnest($3::uuid[]) as i (id) order by id) i
     on conflict (tenant_id, kind, id) do update set mark = nextval('cmdb_tie_mark')`,
    [tx.tenantId, kind, ids, at],
  );
}

/** The first of what is due, and whether that is all of it. */
export async function readDue(tx: Tx, most: number): Promise<{ due: DueTie[]; whole: boolean }> {
  const { rows } = await tx.query<DueTie>(
    'select kind, id, mark from cmdb_tie_due where tenant_id = $1 order by mark limit $2',
    [tx.tenantId, most + 1],
  );
  return { due: rows.slice(0, most), whole: rows.length <= most };
}

/** Forgets what has been written, unless it was marked again since. */
export async function forgetDue(tx: Tx, due: readonly DueTie[]): Promise<void> {
  await tx.query(
    `delete from cmdb_tie_due d using unnest($2::text[], $3::uuid[], $4::int8[]) as w (kind, id, mark)
     where d.tenant_id = $1 and d.kind = w.kind and d.id = w.id and d.mark = w.mark`,
    [tx.tenantId, due.map(({ kind }) => kind), due.map(({ id }) => id), due.map(({ mark }) => String(mark))],
  );
}

/** How much is due, and since when. */
export async function dueState(tx: Tx): Promise<{ tiesBehind: number; tiesSince: Date | null }> {
  const { rows } = await tx.query<{ tiesBehind: number; tiesSince: Date | null }>(
    'select count(*)::int as "tiesBehind", min(marked_at) as "tiesSince" from cmdb_tie_due where tenant_id = $1',
    [tx.tenantId],
  );
  return rows[0]!;
}
