import { isId, type Tx } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';

export interface Ci {
  id: string;
  key: string;
  type: string;
  name: string;
  status: string;
  attributes: Record<string, unknown>;
  /** Version of the graph in which it last changed. */
  version: bigint;
  /** Source of each attribute that differs from `*`, the source of all others; `.name`, `.status`, `.type` likewise. */
  sources: Record<string, string | null>;
  /** Version of the model that it was last checked with. */
  modelVersion: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
}

/** Columns of a `Ci`, of a table `c`. */
export const CI_COLUMNS = `c.id, c.key, c.type, c.name, c.status, c.attributes, c.version, c.sources,
  c.model_version as "modelVersion",
  c.first_seen_at as "firstSeenAt", c.last_seen_at as "lastSeenAt"`;

/** A CI by its id or its key; null when there is none. */
export async function findCi(tx: Tx, keyOrId: string): Promise<Ci | null> {
  const { rows } = await tx.query<Ci>(
    `select ${CI_COLUMNS} from cmdb_ci c where c.tenant_id = $1 and (c.key = $2 or c.id = $3)
     order by c.id = $3 desc nulls last limit 1`,
    [tx.tenantId, keyOrId, isId(keyOrId) ? keyOrId : null],
  );
  return rows[0] ?? null;
}

/** A CI that must be there. @throws {FaultlineError} CMDB_CI_UNKNOWN */
export async function requireCi(tx: Tx, keyOrId: string): Promise<Ci> {
  const ci = await findCi(tx, keyOrId);
  if (ci === null) throw cmdbErrors.CMDB_CI_UNKNOWN({ ci: keyOrId });
  return ci;
}

export interface CiFilter {
  type?: string | undefined;
  key?: string | undefined;
  /** Part of a key or name, in any case. */
  q?: string | undefined;
  /** Key of the last CI of the page before. */
  after?: string | undefined;
  limit: number;
}

/** CIs in the order of their keys. */
export async function listCis(tx: Tx, filter: CiFilter): Promise<Ci[]> {
  const { rows } = await tx.query<Ci>(
    `select ${CI_COLUMNS} from cmdb_ci c
     where c.tenant_id = $1 and ($2::text is null or c.type = $2) and ($3::text is null or c.key = $3)
       and ($4::text is null or c.key ilike $4 or c.name ilike $4) and ($5::text is null or c.key > $5)
     order by c.key limit $6`,
    [
      tx.tenantId,
      filter.type ?? null,
      filter.key ?? null,
      filter.q === undefined ? null : `%${filter.q.replace(/[\\%_]/g, '\\$&')}%`,
      filter.after ?? null,
      filter.limit,
    ],
  );
  return rows;
}

export interface Neighbour {
  relationId: string;
  /** `out`: the CI asked about is `from` of the relation. */
  direction: 'out' | 'in';
  type: string;
  redundancyGroup: string | null;
  minUp: number | null;
  minUpPercent: number | null;
  weight: number | null;
  attributes: Record<string, unknown>;
  source: string | null;
  confidence: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
  ci: { id: string; key: string; type: string; name: string; status: string };
}

/** The relations of a CI with the CI at the other end, in the order of their ids. */
export async function neighboursOf(
  tx: Tx,
  ciId: string,
  filter: {
    direction?: 'out' | 'in' | undefined;
    type?: string | undefined;
    after?: string | undefined;
    limit: number;
  },
): Promise<Neighbour[]> {
  const { rows } = await tx.query<Neighbour>(
    `select r.id as "relationId", case when r.from_id = $2 then 'out' else 'in' end as direction, r.type,
            r.redundancy_group as "redundancyGroup", r.min_up as "minUp", r.min_up_percent as "minUpPercent",
            r.weight, r.attributes,
            r.source, r.confidence, r.first_seen_at as "firstSeenAt", r.last_seen_at as "lastSeenAt",
            jsonb_build_object('id', c.id, 'key', c.key, 'type', c.type, 'name', c.name, 'status', c.status) as ci
     from (select * from cmdb_relation where tenant_id = $1 and from_id = $2 and $3::text is distinct from 'in'
           union all
           select * from cmdb_relation where tenant_id = $1 and to_id = $2 and $3::text is distinct from 'out') r
     join cmdb_ci c on c.tenant_id = $1 and c.id = case when r.from_id = $2 then r.to_id else r.from_id end
     where ($4::text is null or r.type = $4) and ($5::uuid is null or r.id > $5)
     order by r.id limit $6`,
    [tx.tenantId, ciId, filter.direction ?? null, filter.type ?? null, filter.after ?? null, filter.limit],
  );
  return rows;
}
