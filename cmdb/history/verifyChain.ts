import type { Tx } from '../../platform/index.ts';
import { ciState, relationState } from '../graph/postgres/states.ts';

/** The newest link, to be kept where whoever can write to the database cannot. */
export interface ChainHead {
  readonly version: bigint;
  /** Hexadecimal, sha-256. */
  readonly hash: string;
}

/** The first place at which the history is not what was written. */
export interface BrokenLink {
  readonly version: bigint;
  readonly at: Date | null;
  readonly author: string | null;
  /**
   * `content`: the version's link does not fit its changes, its author, its time or the link before it. `link`: it has
   * none. `known`: it is not the link that was kept elsewhere. `state`: a CI or relation is not what its last change made.
   */
  readonly problem: 'content' | 'link' | 'known' | 'state';
}

export interface ChainPart {
  readonly broken: BrokenLink | null;
  /** Links looked at. */
  readonly links: number;
  /** The last link looked at, to go on after; null when there is none. */
  readonly last: ChainHead | null;
  /** Whether the chain ends here. */
  readonly whole: boolean;
}

interface LinkRow {
  version: bigint;
  at: Date;
  author: string;
  hash: string;
  fits: boolean;
}

/**
 * Verifies the next links of a tenant's history. O(rows of their versions).
 *
 * @param after version of the last link verified already; null to begin
 * @param known a link that was kept elsewhere
 */
export async function verifyChain(
  tx: Tx,
  options: { after: bigint | null; links: number; known?: ChainHead | undefined },
): Promise<ChainPart> {
  const { after, links: most, known } = options;
  const { rows } = await tx.query<LinkRow>(
    `select l.version, l.at, l.author, encode(l.hash, 'hex') as hash,
            l.hash = cmdb_link_hash(
              (select b.hash from cmdb_chain b where b.tenant_id = $1 and b.version < l.version
               order by b.version desc limit 1),
              l.tenant_id, l.version, l.at, l.author, l.reason, l.source) as fits
     from (select * from cmdb_chain where tenant_id = $1 and version > $2 order by version limit $3) l
     order by l.version`,
    [tx.tenantId, after ?? -1n, most],
  );
  const links = rows.slice(0, most);
  const last = links.at(-1) ?? null;
  const whole = links.length < most;
  const unfit = links.find((link) => !link.fits || (link.version === known?.version && link.hash !== known.hash));
  const unlinked = await firstUnlinked(tx, after ?? -1n, whole ? null : last!.version);
  const broken =
    unfit !== undefined && (unlinked === null || unfit.version <= unlinked)
      ? { ...unfit, problem: unfit.fits ? ('known' as const) : ('content' as const) }
      : unlinked !== null && { version: unlinked, at: null, author: null, problem: 'link' as const };
  const gone = broken === false && whole && known !== undefined ? await knownIsGone(tx, known) : false;
  return {
    broken: gone
      ? { version: known!.version, at: null, author: null, problem: 'known' }
      : broken
        ? placeOf(broken)
        : null,
    links: links.length,
    last: last && { version: last.version, hash: last.hash },
    whole,
  };
}

function placeOf({ version, at, author, problem }: BrokenLink): BrokenLink {
  return { version, at, author, problem };
}

/** The first version that was changed, or stands, without a link. */
async function firstUnlinked(tx: Tx, after: bigint, until: bigint | null): Promise<bigint | null> {
  const { rows } = await tx.query<{ version: bigint | null }>(
    `select min(version) as version
     from (select distinct version from cmdb_change where tenant_id = $1
           union select graph_version from cmdb_model_version where tenant_id = $1
           union select version from cmdb_graph where tenant_id = $1 and version > 0) told
     where version > $2 and ($3::bigint is null or version <= $3)
       and not exists (select 1 from cmdb_chain l where l.tenant_id = $1 and l.version = told.version)`,
    [tx.tenantId, after, until],
  );
  return rows[0]?.version ?? null;
}

async function knownIsGone(tx: Tx, known: ChainHead): Promise<boolean> {
  const { rowCount } = await tx.query('select 1 from cmdb_chain where tenant_id = $1 and version = $2', [
    tx.tenantId,
    known.version,
  ]);
  return rowCount === 0;
}

/**
 * A CI or relation that is not what its last change made of it: written past the CMDB. O(graph · log of its history).
 */
export async function unexplainedState(tx: Tx): Promise<BrokenLink | null> {
  const { rows } = await tx.query<{ version: bigint }>(
    `select version from (
       select c.version from cmdb_ci c
       left join lateral (select after from cmdb_change h where h.tenant_id = $1 and h.ci_id = c.id and h.kind = 'ci'
                          order by h.version desc, h.seq desc limit 1) last on true
       where c.tenant_id = $1
         and last.after is distinct from ${ciState('c')}
       union all
       select r.version from cmdb_relation r
       left join lateral (select after from cmdb_change h
                          where h.tenant_id = $1 and h.ci_id = r.from_id and h.kind = 'relation' and h.other_id = r.to_id
                            and coalesce(h.after, h.before)->>'type' = r.type
                          order by h.version desc, h.seq desc limit 1) last on true
       where r.tenant_id = $1
         and last.after is distinct from ${relationState('r')}) off
     order by version limit 1`,
    [tx.tenantId],
  );
  return rows[0] === undefined ? null : { version: rows[0].version, at: null, author: null, problem: 'state' };
}
