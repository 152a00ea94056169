import { newId, type Sql, type Tx } from '../../../platform/index.ts';
import type { Scope } from '../scope.ts';
import type { Score } from '../simulate/score.ts';

export interface StoredEdit {
  readonly setting: string;
  readonly scope: Scope;
  readonly from: number | null;
  readonly fromChangeId: string | null;
  readonly to: number | null;
}

/** A proposal, and what became of it. */
export interface Change {
  readonly id: string;
  readonly status: 'proposed' | 'applied' | 'withdrawn';
  readonly origin: 'person' | 'labels' | 'revert';
  readonly reason: string;
  readonly author: string;
  readonly proposedAt: Date;
  readonly settledBy: string | null;
  readonly settledAt: Date | null;
  readonly settledReason: string | null;
  readonly simulationId: string | null;
  readonly reverts: string | null;
  readonly version: number | null;
  readonly expected: { readonly current: Score; readonly proposed: Score } | null;
  readonly edits: StoredEdit[];
}

const SELECT = `select c.id, c.status, c.origin, c.reason, c.author, c.proposed_at as "proposedAt", c.settled_by as "settledBy",
    c.settled_at as "settledAt", c.settled_reason as "settledReason", c.simulation_id as "simulationId", c.reverts,
    c.version::float8 as version, c.expected,
    (select json_agg(json_build_object('setting', e.setting, 'from', e.from_value, 'fromChangeId', e.from_change_id,
       'to', e.to_value, 'scope', json_build_object('machineClass', e.machine_class, 'machineId', e.machine_id,
       'pointKey', e.point_key, 'feature', e.feature, 'regime', e.regime)) order by e.position)
     from threshold_edit e where e.tenant_id = c.tenant_id and e.change_id = c.id) as edits
  from threshold_change c where c.tenant_id = current_tenant()`;

export interface ChangeFilter {
  readonly status?: Change['status'] | undefined;
  readonly setting?: string | undefined;
  readonly pointKey?: string | undefined;
  readonly limit: number;
  readonly before?: string | undefined;
}

/** Newest first; one more than `limit`, so that the caller sees whether there is a next page. */
export async function listChanges(sql: Sql, filter: ChangeFilter): Promise<Change[]> {
  const { rows } = await sql.query<Change>(
    `${SELECT} and ($1::text is null or c.status = $1) and ($2::uuid is null or c.id < $2)
       and exists (select 1 from threshold_edit e where e.tenant_id = c.tenant_id and e.change_id = c.id
         and ($3::text is null or e.setting = $3) and ($4::text is null or e.point_key = $4))
     order by c.id desc limit $5`,
    [filter.status ?? null, filter.before ?? null, filter.setting ?? null, filter.pointKey ?? null, filter.limit + 1],
  );
  return rows;
}

export async function readChange(sql: Sql, id: string): Promise<Change | null> {
  const { rows } = await sql.query<Change>(`${SELECT} and c.id = $1`, [id]);
  return rows[0] ?? null;
}

/** Locks a change, so that it is settled once. */
export async function lockChange(tx: Tx, id: string): Promise<Change | null> {
  await tx.query('select 1 from threshold_change where tenant_id = current_tenant() and id = $1 for update', [id]);
  return readChange(tx, id);
}

export interface NewChange {
  readonly origin: Change['origin'];
  readonly reason: string;
  readonly author: string;
  readonly authorId: string | null;
  readonly atMs: number;
  readonly reverts?: string;
  readonly expected?: Change['expected'];
  readonly edits: StoredEdit[];
}

export async function insertChange(tx: Tx, change: NewChange): Promise<string> {
  const id = newId();
  await tx.query(
    `insert into threshold_change (tenant_id, id, status, origin, reason, author, author_id, proposed_at, reverts, expected)
     values ($1, $2, 'proposed', $3, $4, $5, $6, $7, $8, $9)`,
    [
      tx.tenantId,
      id,
      change.origin,
      change.reason,
      change.author,
      change.authorId,
      new Date(change.atMs),
      change.reverts ?? null,
      change.expected ? JSON.stringify(change.expected) : null,
    ],
  );
  const { edits } = change;
  await tx.query(
    `insert into threshold_edit (tenant_id, change_id, position, setting, machine_class, machine_id, point_key, feature,
       regime, from_value, from_change_id, to_value)
     select $1, $2, * from unnest($3::smallint[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::text[], $9::text[],
       $10::float8[], $11::uuid[], $12::float8[])`,
    [
      tx.tenantId,
      id,
      edits.map((_, i) => i),
      edits.map((edit) => edit.setting),
      edits.map((edit) => edit.scope.machineClass),
      edits.map((edit) => edit.scope.machineId),
      edits.map((edit) => edit.scope.pointKey),
      edits.map((edit) => edit.scope.feature),
      edits.map((edit) => edit.scope.regime),
      edits.map((edit) => edit.from),
      edits.map((edit) => edit.fromChangeId),
      edits.map((edit) => edit.to),
    ],
  );
  return id;
}

export async function settleChange(
  tx: Tx,
  id: string,
  end: {
    status: 'applied' | 'withdrawn';
    by: string;
    atMs: number;
    reason: string | null;
    simulationId: string | null;
    version: number | null;
  },
): Promise<void> {
  await tx.query(
    `update threshold_change set status = $2, settled_by = $3, settled_at = $4, settled_reason = $5,
       simulation_id = $6, version = $7 where tenant_id = current_tenant() and id = $1 and status = 'proposed'`,
    [id, end.status, end.by, new Date(end.atMs), end.reason, end.simulationId, end.version],
  );
}
