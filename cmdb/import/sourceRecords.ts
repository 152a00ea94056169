import type { Tx } from '../../platform/index.ts';
import { textArray } from '../graph/postgres/arrayText.ts';

/** What a source calls a CI, and the key that the CI has here. */
export interface Alias {
  readonly foreignKey: string;
  readonly key: string;
  readonly type: string;
  readonly missing: boolean;
}

/** CIs that a source has listed before, by the keys under which it did. */
export async function aliasesOf(tx: Tx, source: string, foreignKeys: readonly string[]): Promise<Map<string, Alias>> {
  const { rows } = await tx.query<Alias>(
    `select r.foreign_key as "foreignKey", c.key, c.type, r.missing_since is not null as missing
     from cmdb_source_record r join cmdb_ci c on c.tenant_id = r.tenant_id and c.id = r.ci_id
     where r.tenant_id = $1 and r.source = $2 and r.foreign_key = any ($3::text[])`,
    [tx.tenantId, source, textArray(foreignKeys)],
  );
  return new Map(rows.map((row) => [row.foreignKey, row]));
}

/** Notes that a source lists CIs, under its own keys and with the keys that they have here. */
export async function recordListed(
  tx: Tx,
  source: string,
  listed: readonly { readonly foreignKey: string; readonly key: string }[],
  at: Date,
): Promise<void> {
  await tx.query('insert into cmdb_source (tenant_id, name) values ($1, $2) on conflict do nothing', [
    tx.tenantId,
    source,
  ]);
  await tx.query(
    `insert into cmdb_source_record (tenant_id, source, foreign_key, ci_id, first_seen_at, last_seen_at)
     select $1, $2, i.foreign_key, c.id, $5, $5
     from unnest($3::text[], $4::text[]) as i (foreign_key, key)
     join cmdb_ci c on c.tenant_id = $1 and c.key = i.key
     on conflict (tenant_id, source, foreign_key) do update
       set ci_id = excluded.ci_id, last_seen_at = excluded.last_seen_at, missing_since = null`,
    [tx.tenantId, source, textArray(listed.map((one) => one.foreignKey)), textArray(listed.map((one) => one.key)), at],
  );
}

export interface Policy {
  readonly absentCis: 'keep' | 'mark_stale' | 'retire';
  readonly absentRelations: 'keep' | 'remove';
}

/** What becomes of what a source no longer lists. */
export async function policyOf(tx: Tx, source: string): Promise<Policy> {
  const { rows } = await tx.query<Policy>(
    `select absent_cis as "absentCis", absent_relations as "absentRelations" from cmdb_source
     where tenant_id = $1 and name = $2`,
    [tx.tenantId, source],
  );
  return rows[0] ?? { absentCis: 'mark_stale', absentRelations: 'keep' };
}

export interface AbsentCi {
  readonly foreignKey: string;
  readonly key: string;
  readonly type: string;
  readonly status: string;
  /** Another source lists it still. */
  readonly listedElsewhere: boolean;
}

/** Marks what a source listed before and leaves out now. @returns CIs that are marked for the first time */
export async function markAbsent(
  tx: Tx,
  source: string,
  foreignKeys: readonly string[],
  at: Date,
): Promise<AbsentCi[]> {
  const { rows } = await tx.query<AbsentCi>(
    `with absent as (
       update cmdb_source_record r set missing_since = $4
       where r.tenant_id = $1 and r.source = $2 and r.missing_since is null
         and not exists (select from unnest($3::text[]) as i (foreign_key) where i.foreign_key = r.foreign_key)
       returning r.foreign_key, r.ci_id)
     select a.foreign_key as "foreignKey", c.key, c.type, c.status,
            exists (select from cmdb_source_record o
                    where o.tenant_id = $1 and o.ci_id = a.ci_id and o.missing_since is null
                      and (o.source <> $2
                        or not exists (select from absent b where b.foreign_key = o.foreign_key))
                   ) as "listedElsewhere"
     from absent a join cmdb_ci c on c.tenant_id = $1 and c.id = a.ci_id
     order by c.key`,
    [tx.tenantId, source, textArray(foreignKeys), at],
  );
  return rows;
}

/** Relations that a source told last, by the keys of their ends. */
export async function relationsOf(tx: Tx, source: string): Promise<{ from: string; type: string; to: string }[]> {
  const { rows } = await tx.query<{ from: string; type: string; to: string }>(
    `select f.key as "from", r.type, t.key as "to" from cmdb_relation r
     join cmdb_ci f on f.tenant_id = $1 and f.id = r.from_id
     join cmdb_ci t on t.tenant_id = $1 and t.id = r.to_id
     where r.tenant_id = $1 and r.source = $2`,
    [tx.tenantId, source],
  );
  return rows;
}
