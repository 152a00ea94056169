import type { ManagedTransaction } from 'neo4j-driver';
import neo4j from 'neo4j-driver';
import { batches } from '../../batches.ts';
import type { DrawnTie } from '../../graphSum.ts';
import { TIE_KINDS, type Tie, type TieKind } from '../../tie.ts';
import { inSession, type Neo4jDatabase } from '../session.ts';
import { drawTiesOf } from './draw.ts';

/** What one writing changes: everything of a tenant, or what is named. */
export interface TieChange {
  readonly puts: ReadonlyMap<TieKind, readonly Tie[]>;
  /** Ids that are open no longer; `all`: whatever is not put. */
  readonly gone: ReadonlyMap<TieKind, readonly string[]> | 'all';
}

const BATCH_ROWS = 10_000;

/**
 * Nodes `:WorkOrder` and `:Anomaly` at the CIs of a tenant. The tenant's node `:GraphVersion` carries a stamp that every
 * writing replaces, and that it must have found: a writer that was overtaken while it wrote changes nothing.
 */
export class Neo4jTies {
  readonly #at: Neo4jDatabase;

  constructor(at: Neo4jDatabase) {
    this.#at = at;
  }

  /** The stamp of the last writing; null before the first. @throws when the server cannot be reached */
  async stamp(tenantId: string): Promise<string | null> {
    return inSession(this.#at, 'READ', async (session) => {
      const { records } = await session.executeRead((tx) =>
        tx.run('MATCH (v:GraphVersion {tenant: $tenantId}) RETURN v.ties AS stamp', { tenantId }),
      );
      return (records[0]?.get('stamp') as string | null | undefined) ?? null;
    });
  }

  /** Writes in one transaction. @returns false when another stamp stands there: nothing was written then */
  async write(tenantId: string, before: string | null, stamp: string, { puts, gone }: TieChange): Promise<boolean> {
    return inSession(this.#at, 'WRITE', (session) =>
      session.executeWrite(async (tx) => {
        // Setting a property takes the node's lock, so that two writers come one after the other.
        const { records } = await tx.run(
          `MATCH (v:GraphVersion {tenant: $tenantId}) SET v.tied = $stamp
           WITH v WHERE coalesce(v.ties, '') = coalesce($before, '') SET v.ties = $stamp RETURN v.tenant`,
          { tenantId, before, stamp },
        );
        if (records.length === 0) return false;
        if (gone === 'all') await removeAll(tx, tenantId);
        else for (const [kind, ids] of gone) await remove(tx, kind, ids);
        for (const [kind, ties] of puts) {
          for (const rows of batches(ties, BATCH_ROWS)) await put(tx, tenantId, kind, rows);
        }
        return true;
      }),
    );
  }

  /** All that stands there, with the CIs that it is tied to. */
  async read(tenantId: string): Promise<DrawnTie[]> {
    const read = Object.entries(TIE_KINDS).map(([kind, { label, relation }]) =>
      inSession(this.#at, 'READ', async (session) => {
        const { records } = await session.executeRead((tx) =>
          tx.run(
            `MATCH (t:${label}&!CI {tenant: $tenantId}) OPTIONAL MATCH (t)-[:${relation}]->(n:CI)
             RETURN t.id AS id, t.ciId AS ciId, properties(t) AS properties, collect(n.id) AS cis`,
            { tenantId },
          ),
        );
        return records.map((record): DrawnTie => {
          const { id: _id, tenant: _tenant, ciId: _ciId, ...rest } = record.get('properties');
          const properties = Object.entries(rest as Record<string, unknown>).map(([name, value]) => [
            name,
            told(value),
          ]);
          return {
            kind: kind as TieKind,
            ...{ id: record.get('id') as string, ciId: record.get('ciId') as string },
            properties: Object.fromEntries(properties),
            drawn: (record.get('cis') as string[]).sort(),
          };
        });
      }),
    );
    return (await Promise.all(read)).flat();
  }
}

function told(value: unknown): Tie['properties'][string] {
  if (neo4j.isDateTime(value)) return value.toStandardDate();
  return typeof value === 'bigint' ? Number(value) : (value as string | number | boolean);
}

async function removeAll(tx: ManagedTransaction, tenantId: string): Promise<void> {
  for (const { label } of Object.values(TIE_KINDS)) {
    await tx.run(`MATCH (t:${label}&!CI {tenant: $tenantId}) DETACH DELETE t`, { tenantId });
  }
}

async function remove(tx: ManagedTransaction, kind: TieKind, ids: readonly string[]): Promise<void> {
  await tx.run(`UNWIND $ids AS id MATCH (t:${TIE_KINDS[kind].label}&!CI {id: id}) DETACH DELETE t`, { ids });
}

async function put(tx: ManagedTransaction, tenantId: string, kind: TieKind, ties: readonly Tie[]): Promise<void> {
  const { label, relation } = TIE_KINDS[kind];
  const rows = ties.map(({ id, ciId, properties }) => ({
    ...{ id, ciId },
    props: { ...mapped(properties), id, ciId, tenant: tenantId },
  }));
  await tx.run(`UNWIND $rows AS row MERGE (t:${label} {id: row.id}) SET t = row.props`, { rows });
  await tx.run(
    `UNWIND $rows AS row MATCH (:${label} {id: row.id})-[r:${relation}]->(n:CI) WHERE n.id <> row.ciId DELETE r`,
    { rows },
  );
  await drawTiesOf(tx, [...new Set(ties.map(({ ciId }) => ciId))]);
}

/** Times as Neo4j's own and whole numbers as integers, so that people ask by them. */
function mapped(properties: Tie['properties']): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => {
      if (value instanceof Date) return [name, dateTime(value)];
      return [name, typeof value === 'number' && Number.isInteger(value) ? neo4j.int(value) : value];
    }),
  );
}

/** In UTC, wherever we run. */
function dateTime(at: Date) {
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
  const [hour, minute, second] = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()];
  return new neo4j.types.DateTime(year, month, day, hour, minute, second, at.getUTCMilliseconds() * 1e6, 0);
}
