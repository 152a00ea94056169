import { newId, type Sealer, type Tx } from '../../../platform/index.ts';
import { cmdbErrors } from '../../errors.ts';
import type { Mapping } from './mapping.ts';

/** What is said of a site's graph when it is set up; without a password the one that is kept stays. */
export interface GraphSourceSettings {
  readonly name: string;
  readonly url: string;
  readonly user: string;
  readonly password?: string | undefined;
  readonly database: string;
  readonly mapping: Mapping;
  /** How often it is read again; null: when somebody asks for it. */
  readonly everyMinutes: number | null;
}

/** A site's graph as it is kept. */
export interface GraphSource extends Omit<GraphSourceSettings, 'password'> {
  readonly id: string;
  readonly sealedPassword: Buffer;
  readonly revision: string;
  readonly createdAt: Date;
}

const COLUMNS = `id, name, url, user_name as "user", sealed_password as "sealedPassword", database, mapping,
  every_minutes as "everyMinutes", revision, created_at as "createdAt"`;

export async function listGraphSources(tx: Tx): Promise<GraphSource[]> {
  const { rows } = await tx.query<GraphSource>(
    `select ${COLUMNS} from cmdb_graph_source where tenant_id = $1 order by name`,
    [tx.tenantId],
  );
  return rows;
}

export async function findGraphSource(tx: Tx, id: string): Promise<GraphSource | null> {
  const { rows } = await tx.query<GraphSource>(
    `select ${COLUMNS} from cmdb_graph_source where tenant_id = $1 and id = $2`,
    [tx.tenantId, id],
  );
  return rows[0] ?? null;
}

/** @throws CMDB_GRAPH_SOURCE_UNKNOWN */
export async function requireGraphSource(tx: Tx, id: string): Promise<GraphSource> {
  const source = await findGraphSource(tx, id);
  if (source === null) throw cmdbErrors.CMDB_GRAPH_SOURCE_UNKNOWN({ id });
  return source;
}

/** Writes a source, new or known. @throws CMDB_GRAPH_SOURCE_TAKEN, CMDB_GRAPH_SOURCE_PASSWORD_AGAIN */
export async function putGraphSource(
  tx: Tx,
  sealer: Sealer,
  known: GraphSource | null,
  told: GraphSourceSettings,
  now: Date,
): Promise<GraphSource> {
  const id = known?.id ?? newId();
  const { name, url, user, password, database, mapping, everyMinutes } = told;
  const { rows: others } = await tx.query(
    'select from cmdb_graph_source where tenant_id = $1 and name = $2 and id <> $3',
    [tx.tenantId, name, id],
  );
  if (others.length > 0) throw cmdbErrors.CMDB_GRAPH_SOURCE_TAKEN({ name }, { field: 'name' });
  // Whoever changes where it goes must know it: else it could be had by sending it to a server of one's own.
  const elsewhere = known === null || known.url !== url || known.user !== user || known.database !== database;
  if (password === undefined && elsewhere) {
    throw cmdbErrors.CMDB_GRAPH_SOURCE_PASSWORD_AGAIN({}, { field: 'password' });
  }
  const sealed = password === undefined ? known!.sealedPassword : sealer.seal(password, sealContext(tx.tenantId, id));
  const { rows } = await tx.query<GraphSource>(
    `insert into cmdb_graph_source
       (tenant_id, id, name, url, user_name, sealed_password, database, mapping, every_minutes, revision, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (tenant_id, id) do update set
       name = excluded.name, url = excluded.url, user_name = excluded.user_name,
       sealed_password = excluded.sealed_password, database = excluded.database, mapping = excluded.mapping,
       every_minutes = excluded.every_minutes, revision = excluded.revision
     returning ${COLUMNS}`,
    [tx.tenantId, id, name, url, user, sealed, database, JSON.stringify(mapping), everyMinutes, newId(), now],
  );
  return rows[0]!;
}

/** @throws CMDB_GRAPH_SOURCE_UNKNOWN */
export async function removeGraphSource(tx: Tx, id: string): Promise<void> {
  const { rowCount } = await tx.query('delete from cmdb_graph_source where tenant_id = $1 and id = $2', [
    tx.tenantId,
    id,
  ]);
  if (rowCount === 0) throw cmdbErrors.CMDB_GRAPH_SOURCE_UNKNOWN({ id });
}

/** Binds a sealed password to its row. */
export function sealContext(tenantId: string, sourceId: string): string {
  return `${tenantId}/${sourceId}`;
}
