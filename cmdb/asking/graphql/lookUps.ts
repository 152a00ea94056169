import type { Tx } from '../../../platform/index.ts';
import type { HistoryEntry } from '../../graph/assetGraph.ts';
import { CI_COLUMNS, type Ci, type Neighbour } from '../../lookups/ci.ts';
import type { CmdbModel } from '../../model/cmdbModel.ts';
import type { Reader } from '../../model/redaction.ts';
import { CiFilter, type CiWhere } from './filterSql.ts';

/** CIs by their ids. */
export async function cisByIds(tx: Tx, ids: readonly string[]): Promise<Map<string, Ci>> {
  const { rows } = await tx.query<Ci>(
    `select ${CI_COLUMNS} from cmdb_ci c where c.tenant_id = $1 and c.id = any($2::uuid[])`,
    [tx.tenantId, ids],
  );
  return new Map(rows.map((ci) => [ci.id, ci]));
}

/** CIs by what each is called: its id, or else its key. */
export async function cisCalled(tx: Tx, names: readonly string[]): Promise<Map<string, Ci>> {
  const { rows } = await tx.query<Ci>(
    `select ${CI_COLUMNS} from cmdb_ci c where c.tenant_id = $1 and (c.key = any($2::text[]) or c.id::text = any($2))`,
    [tx.tenantId, names],
  );
  return new Map([...rows.map((ci) => [ci.key, ci] as const), ...rows.map((ci) => [ci.id, ci] as const)]);
}

/** CIs that fit a filter, in the order of their keys. */
export async function cisWhere(
  tx: Tx,
  { model, reader }: { model: CmdbModel; reader: Reader },
  where: CiWhere,
  page: { after: string | null; limit: number },
): Promise<Ci[]> {
  const values: unknown[] = [tx.tenantId, page.after, page.limit];
  const filter = new CiFilter(model, reader, (value) => `$${values.push(value)}`);
  const { rows } = await tx.query<Ci>(
    `select ${CI_COLUMNS} from cmdb_ci c
     where c.tenant_id = $1 and ($2::text is null or c.key > $2) and ${filter.sql(where)}
     order by c.key limit $3`,
    values,
  );
  return rows;
}

export interface RelationQuestion {
  readonly direction: 'in' | 'out' | null;
  readonly types: readonly string[] | null;
  readonly after: string | null;
  readonly limit: number;
}

/** A relation of a CI, with the id of the CI at its other end. */
export type RelationOf = Omit<Neighbour, 'ci'> & { readonly at: string; readonly otherId: string };

/** The relations of several CIs, so many of each, in the order of their ids. */
export async function relationsOf(
  tx: Tx,
  ids: readonly string[],
  { direction, types, after, limit }: RelationQuestion,
): Promise<Map<string, RelationOf[]>> {
  const { rows } = await tx.query<RelationOf>(
    `select s.id as at, r.id as "relationId", case when r.from_id = s.id then 'out' else 'in' end as direction, r.type,
            r.redundancy_group as "redundancyGroup", r.min_up as "minUp", r.min_up_percent::float8 as "minUpPercent",
            r.weight, r.attributes, r.source, r.confidence, r.first_seen_at as "firstSeenAt",
            r.last_seen_at as "lastSeenAt", case when r.from_id = s.id then r.to_id else r.from_id end as "otherId"
     from unnest($2::uuid[]) s (id)
     cross join lateral (
       select * from (
         select * from cmdb_relation where tenant_id = $1 and from_id = s.id and $3::text is distinct from 'in'
         union all
         select * from cmdb_relation where tenant_id = $1 and to_id = s.id and $3::text is distinct from 'out') both_ends
       where ($4::text[] is null or type = any($4)) and ($5::uuid is null or id > $5)
       order by id limit $6) r`,
    [tx.tenantId, ids, direction, types, after, limit],
  );
  return grouped(rows, ({ at }) => at);
}

/** Changes of several CIs and of their relations, so many of each, newest first. */
export async function historiesOf(
  tx: Tx,
  ids: readonly string[],
  page: { before: { version: bigint; seq: number } | null; limit: number },
): Promise<Map<string, (HistoryEntry & { at_ci: string })[]>> {
  const { rows } = await tx.query<HistoryEntry & { at_ci: string }>(
    `select s.id as at_ci, h.version, h.seq, h.kind, h.ci_id as "ciId", h.other_id as "otherId", h.before, h.after,
            h.author, h.reason, h.source, h.at
     from unnest($2::uuid[]) s (id)
     cross join lateral (
       select * from cmdb_change where tenant_id = $1 and (ci_id = s.id or other_id = s.id)
         and ($3::bigint is null or (version, seq) < ($3, $4::int))
       order by version desc, seq desc limit $5) h
     order by h.version desc, h.seq desc`,
    [tx.tenantId, ids, page.before?.version ?? null, page.before?.seq ?? null, page.limit],
  );
  return grouped(rows, (row) => row.at_ci);
}

function grouped<Row>(rows: readonly Row[], by: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(by(row));
    if (group === undefined) groups.set(by(row), [row]);
    else group.push(row);
  }
  return groups;
}
