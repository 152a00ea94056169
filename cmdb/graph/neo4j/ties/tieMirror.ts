import { type Database, newId, type Tx } from '../../../../platform/index.ts';
import type { DrawnTie } from '../../graphSum.ts';
import type { Tie, TieKind, TieSource } from '../../tie.ts';
import { type DueTie, forgetDue, readDue } from './due.ts';
import type { Neo4jTies, TieChange } from './neo4jTies.ts';

/** Due ones that one transaction writes. */
const MOST_AT_ONCE = 5_000;

/** Keeps the orders and anomalies in Neo4j what their own parts say. */
export interface TieMirror {
  /** Writes what is due; everything where Neo4j does not stand where we left it. The tenant's graph must be there. */
  follow(tenantId: string): Promise<void>;
  /** Writes everything anew. */
  rebuild(tenantId: string): Promise<void>;
  /** Both sides, to be compared. */
  both(tenantId: string): Promise<{ recorded: readonly DrawnTie[]; mirrored: readonly DrawnTie[] }>;
}

/**
 * Writers of a tenant queue on its row of cmdb_mirror, and read the state only when it is theirs: what is written later was
 * read later, so news that comes late or twice takes nothing back.
 */
export function tieMirror(deps: { db: Database; ties: Neo4jTies; sources: readonly TieSource[] }): TieMirror {
  const { db, ties, sources } = deps;

  const write = (tenantId: string, anew: boolean): Promise<boolean> =>
    db.tenant(tenantId, async (tx) => {
      const left = await lockStamp(tx);
      const there = await ties.stamp(tenantId);
      const { due, whole } = await readDue(tx, MOST_AT_ONCE);
      const everything = anew || there === null || there !== left;
      if (!everything && due.length === 0) return true;
      const change = everything ? await allOf(tx, sources) : await changeOf(tx, sources, due);
      const stamp = newId();
      if (!(await ties.write(tenantId, there, stamp, change))) {
        throw new Error('orders and anomalies were written by another process at the same time');
      }
      await forgetDue(tx, due);
      await tx.query('update cmdb_mirror set ties_stamp = $2 where tenant_id = $1', [tenantId, stamp]);
      return whole;
    });

  return {
    follow: async (tenantId) => {
      while (!(await write(tenantId, false)));
    },
    rebuild: async (tenantId) => void (await write(tenantId, true)),
    both: async (tenantId) => ({
      recorded: await db.tenant(tenantId, (tx) => recordedTies(tx, sources)),
      mirrored: await ties.read(tenantId),
    }),
  };
}

async function lockStamp(tx: Tx): Promise<string | null> {
  await tx.query('insert into cmdb_mirror (tenant_id) values ($1) on conflict do nothing', [tx.tenantId]);
  const { rows } = await tx.query<{ stamp: string | null }>(
    'select ties_stamp as stamp from cmdb_mirror where tenant_id = $1 for update',
    [tx.tenantId],
  );
  return rows[0]!.stamp;
}

async function allOf(tx: Tx, sources: readonly TieSource[]): Promise<TieChange> {
  const puts = new Map<TieKind, readonly Tie[]>();
  for (const source of sources) puts.set(source.kind, await source.open(tx));
  return { puts, gone: 'all' };
}

async function changeOf(tx: Tx, sources: readonly TieSource[], due: readonly DueTie[]): Promise<TieChange> {
  const puts = new Map<TieKind, readonly Tie[]>();
  const gone = new Map<TieKind, readonly string[]>();
  for (const source of sources) {
    const ids = due.filter(({ kind }) => kind === source.kind).map(({ id }) => id);
    if (ids.length === 0) continue;
    const open = await source.open(tx, ids);
    const still = new Set(open.map(({ id }) => id));
    puts.set(source.kind, open);
    gone.set(
      source.kind,
      ids.filter((id) => !still.has(id)),
    );
  }
  return { puts, gone };
}

/** What should stand in Neo4j: each at its CI, if the graph holds that. */
async function recordedTies(tx: Tx, sources: readonly TieSource[]): Promise<DrawnTie[]> {
  const open: (Tie & { kind: TieKind })[] = [];
  for (const { kind, open: read } of sources) for (const tie of await read(tx)) open.push({ ...tie, kind });
  const { rows } = await tx.query<{ id: string }>(
    'select id from cmdb_ci where tenant_id = $1 and id = any ($2::uuid[])',
    [tx.tenantId, [...new Set(open.map(({ ciId }) => ciId))]],
  );
  const cis = new Set(rows.map(({ id }) => id));
  return open.map((tie) => ({ ...tie, drawn: cis.has(tie.ciId) ? [tie.ciId] : [] }));
}
