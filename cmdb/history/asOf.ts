import { isId, type Tx } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import { ciState, relationState } from '../graph/postgres/states.ts';

/** A CI as it stood. */
export interface PastCi {
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly name: string;
  readonly status: string;
  readonly attributes: Record<string, unknown>;
}

/** A relation as it stood; what more the state holds (certainty, weights) is kept as the history has it. */
export interface PastRelation {
  readonly fromId: string;
  readonly toId: string;
  readonly type: string;
  readonly redundancyGroup: string | null;
  readonly minUp: number | null;
  readonly attributes: Record<string, unknown>;
}

/** A part of the graph as it stood. */
export interface PastPart {
  readonly cis: PastCi[];
  readonly relations: PastRelation[];
  /** There was more than was asked for. */
  readonly truncated: boolean;
}

/**
 * CIs as they stood in a version. What stood then is what the first change after it says was there before; what was not
 * changed since stands still. O(CIs · log of their history); those that were not there are left out.
 */
export async function cisAsOf(tx: Tx, version: bigint, ids: readonly string[]): Promise<PastCi[]> {
  const { rows } = await tx.query<{ id: string; state: Omit<PastCi, 'id'> | null }>(
    `select i.id, case when later.version is not null then later.before when c.id is not null then ${ciState('c')} end as state
     from unnest($2::uuid[]) as i (id)
     left join cmdb_ci c on c.tenant_id = $1 and c.id = i.id
     left join lateral (
       select h.version, h.before from cmdb_change h
       where h.tenant_id = $1 and h.ci_id = i.id and h.kind = 'ci' and h.version > $3
       order by h.version, h.seq limit 1) later on true`,
    [tx.tenantId, [...new Set(ids)], version],
  );
  return rows.flatMap(({ id, state }) => (state === null ? [] : [{ id, ...state }]));
}

/** Relations are known by their ends and type. */
const TYPE = "coalesce(h.after, h.before)->>'type'";

/**
 * SQL of the relations of tenant $1 as they stood in version $2: what was not changed since, and of the rest what its
 * first change since says was there before.
 * @param among condition on the columns of the two ends
 */
export function pastRelations(among: (from: string, to: string) => string = () => 'true'): string {
  return `
    with later as (
      select distinct on (h.ci_id, h.other_id, ${TYPE}) h.ci_id, h.other_id, ${TYPE} as type, h.before
      from cmdb_change h
      where h.tenant_id = $1 and h.kind = 'relation' and h.version > $2 and ${among('h.ci_id', 'h.other_id')}
      order by h.ci_id, h.other_id, ${TYPE}, h.version, h.seq)
    select ci_id as "fromId", other_id as "toId", before as state from later where before is not null
    union all
    select r.from_id, r.to_id, ${relationState('r')}
    from cmdb_relation r
    where r.tenant_id = $1 and ${among('r.from_id', 'r.to_id')} and not exists (
      select 1 from later where later.ci_id = r.from_id and later.other_id = r.to_id and later.type = r.type)`;
}

/** A row of `pastRelations`. */
export interface PastRelationRow {
  readonly fromId: string;
  readonly toId: string;
  readonly state: Omit<PastRelation, 'fromId' | 'toId'>;
}

/** Relations at these CIs as they stood in a version. O(their relations and their changes since). */
export async function relationsAsOf(tx: Tx, version: bigint, ciIds: readonly string[]): Promise<PastRelation[]> {
  const { rows } = await tx.query<PastRelationRow>(
    pastRelations((from, to) => `(${from} = any($3::uuid[]) or ${to} = any($3::uuid[]))`),
    [tx.tenantId, version, [...new Set(ciIds)]],
  );
  return rows.map(({ fromId, toId, state }) => ({ fromId, toId, ...state }));
}

/**
 * The CI that had a key, or has an id, in a version.
 * @throws {FaultlineError} CMDB_CI_UNKNOWN_THEN
 */
export async function requireCiAsOf(tx: Tx, version: bigint, keyOrId: string): Promise<PastCi> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from cmdb_ci where tenant_id = $1 and (key = $2 or id = $3)
     union
     select ci_id from cmdb_change
     where tenant_id = $1 and kind = 'ci' and after is null and before->>'key' = $2 and version > $4
     union
     select $3 where $3::uuid is not null`,
    [tx.tenantId, keyOrId, isId(keyOrId) ? keyOrId : null, version],
  );
  const stood = await cisAsOf(
    tx,
    version,
    rows.map((row) => row.id),
  );
  const ci = stood.find((one) => one.id === keyOrId) ?? stood.find((one) => one.key === keyOrId);
  if (ci === undefined) throw cmdbErrors.CMDB_CI_UNKNOWN_THEN({ ci: keyOrId, version: String(version) });
  return ci;
}

/**
 * A CI and all within some steps of it, whatever the direction, as they stood. O(what is within, and its changes since).
 * @param most CIs that are told at most; the nearest are
 */
export async function neighbourhoodAsOf(
  tx: Tx,
  version: bigint,
  root: PastCi,
  options: { depth: number; most: number },
): Promise<PastPart> {
  const known = new Map([[root.id, root]]);
  const relations = new Map<string, PastRelation>();
  let truncated = false;
  let frontier = [root.id];
  for (let step = 0; step < options.depth && frontier.length > 0 && !truncated; step++) {
    const found = await relationsAsOf(tx, version, frontier);
    for (const relation of found) relations.set(`${relation.fromId} ${relation.type} ${relation.toId}`, relation);
    const ends = new Set(found.flatMap((relation) => [relation.fromId, relation.toId]).filter((id) => !known.has(id)));
    truncated = known.size + ends.size > options.most;
    const next = [...ends].slice(0, options.most - known.size);
    for (const ci of await cisAsOf(tx, version, next)) known.set(ci.id, ci);
    frontier = next;
  }
  const inside = [...relations.values()].filter(({ fromId, toId }) => known.has(fromId) && known.has(toId));
  return { cis: [...known.values()], relations: inside, truncated };
}
