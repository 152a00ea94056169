import type { Tx } from '../../platform/index.ts';

export interface StaleQuery {
  /** What was last seen before this is stale. */
  readonly before: Date;
  /** Only what this source lists or told. */
  readonly source?: string | undefined;
  readonly after?: { readonly at: Date; readonly id: string } | undefined;
  readonly limit: number;
}

export interface StaleCi {
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly name: string;
  readonly status: string;
  readonly lastSeenAt: Date;
  readonly sources: readonly { source: string; lastSeenAt: string; missingSince: string | null }[];
}

/** CIs that nobody has seen since, or that the source in question no longer lists; the longest unseen first. */
export async function staleCis(tx: Tx, { before, source, after, limit }: StaleQuery): Promise<StaleCi[]> {
  const { rows } = await tx.query<StaleCi>(
    `select c.id, c.key, c.type, c.name, c.status, c.last_seen_at as "lastSeenAt",
            coalesce((select jsonb_agg(jsonb_build_object('source', r.source, 'lastSeenAt', r.last_seen_at,
                        'missingSince', r.missing_since) order by r.source)
                      from cmdb_source_record r where r.tenant_id = $1 and r.ci_id = c.id), '[]') as sources
     from cmdb_ci c
     where c.tenant_id = $1
       and case when $3::text is null then c.last_seen_at < $2
                else exists (select from cmdb_source_record r where r.tenant_id = $1 and r.ci_id = c.id and r.source = $3
                               and (r.last_seen_at < $2 or r.missing_since is not null)) end
       and ($4::timestamptz is null or (date_trunc('milliseconds', c.last_seen_at), c.id) > ($4, $5::uuid))
     order by date_trunc('milliseconds', c.last_seen_at), c.id limit $6`,
    [tx.tenantId, before, source ?? null, after?.at ?? null, after?.id ?? null, limit],
  );
  return rows;
}

export interface StaleRelation {
  readonly id: string;
  readonly from: string;
  readonly type: string;
  readonly to: string;
  readonly source: string | null;
  readonly confidence: number;
  readonly lastSeenAt: Date;
}

/** Relations that nobody has seen since; the longest unseen first. */
export async function staleRelations(tx: Tx, { before, source, after, limit }: StaleQuery): Promise<StaleRelation[]> {
  const { rows } = await tx.query<StaleRelation>(
    `select r.id, f.key as "from", r.type, t.key as "to", r.source, r.confidence, r.last_seen_at as "lastSeenAt"
     from cmdb_relation r
     join cmdb_ci f on f.tenant_id = $1 and f.id = r.from_id
     join cmdb_ci t on t.tenant_id = $1 and t.id = r.to_id
     where r.tenant_id = $1 and r.last_seen_at < $2 and ($3::text is null or r.source = $3)
       and ($4::timestamptz is null or (date_trunc('milliseconds', r.last_seen_at), r.id) > ($4, $5::uuid))
     order by date_trunc('milliseconds', r.last_seen_at), r.id limit $6`,
    [tx.tenantId, before, source ?? null, after?.at ?? null, after?.id ?? null, limit],
  );
  return rows;
}

export interface SourceState {
  readonly name: string;
  readonly absentCis: 'keep' | 'mark_stale' | 'retire';
  readonly absentRelations: 'keep' | 'remove';
  readonly cis: number;
  /** Of them, listed no longer. */
  readonly missing: number;
  /** Of them, not listed since. */
  readonly unseen: number;
  readonly relations: number;
  readonly unseenRelations: number;
  readonly lastSeenAt: Date | null;
}

/** Each source with how much of what it told was not seen since. */
export async function sourceStates(tx: Tx, before: Date): Promise<SourceState[]> {
  const { rows } = await tx.query<SourceState>(
    `select s.name, s.absent_cis as "absentCis", s.absent_relations as "absentRelations",
            coalesce(r.cis, 0) as cis, coalesce(r.missing, 0) as missing, coalesce(r.unseen, 0) as unseen,
            coalesce(e.relations, 0) as relations, coalesce(e.unseen, 0) as "unseenRelations", r.last as "lastSeenAt"
     from cmdb_source s
     left join (select r.source, count(*)::int as cis, max(r.last_seen_at) as last,
                       count(*) filter (where r.missing_since is not null)::int as missing,
                       count(*) filter (where r.last_seen_at < $2)::int as unseen
                from cmdb_source_record r join cmdb_ci c on c.tenant_id = $1 and c.id = r.ci_id
                where r.tenant_id = $1 group by r.source) r on r.source = s.name
     left join (select source, count(*)::int as relations, count(*) filter (where last_seen_at < $2)::int as unseen
                from cmdb_relation where tenant_id = $1 group by source) e on e.source = s.name
     where s.tenant_id = $1 order by s.name`,
    [tx.tenantId, before],
  );
  return rows;
}

/** Sets what becomes of what a source no longer lists. @returns whether the source is known */
export async function putPolicy(
  tx: Tx,
  name: string,
  policy: Pick<SourceState, 'absentCis' | 'absentRelations'>,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update cmdb_source set absent_cis = $3, absent_relations = $4 where tenant_id = $1 and name = $2',
    [tx.tenantId, name, policy.absentCis, policy.absentRelations],
  );
  return rowCount === 1;
}

export interface ProposalRow {
  readonly ciId: string;
  readonly key: string;
  readonly type: string;
  readonly field: string;
  readonly source: string;
  readonly value: unknown;
  readonly heldBy: string;
  readonly proposedAt: Date;
}

/** Values that were told and not taken, by CI. */
export async function listProposals(
  tx: Tx,
  page: {
    ciId?: string | undefined;
    after?: readonly [ci: string, field: string, source: string] | undefined;
    limit: number;
  },
): Promise<ProposalRow[]> {
  const [ci, field, source] = page.after ?? [null, null, null];
  const { rows } = await tx.query<ProposalRow>(
    `select p.ci_id as "ciId", c.key, c.type, p.field, p.source, p.value, p.held_by as "heldBy", p.proposed_at as "proposedAt"
     from cmdb_proposal p join cmdb_ci c on c.tenant_id = $1 and c.id = p.ci_id
     where p.tenant_id = $1 and ($2::uuid is null or p.ci_id = $2)
       and ($3::uuid is null or (p.ci_id, p.field, p.source) > ($3, $4, $5))
     order by p.ci_id, p.field, p.source limit $6`,
    [tx.tenantId, page.ciId ?? null, ci, field, source, page.limit],
  );
  return rows;
}
