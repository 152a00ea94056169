import { isId, newId, type Principal, type Tx } from '../../../platform/index.ts';
import { askingErrors } from '../errors.ts';

/** What somebody writes of a query that they keep. */
export interface QueryText {
  readonly name: string;
  readonly description: string;
  readonly query: string;
  /** Values of its variables, where the one who runs it tells no other. */
  readonly variables: Record<string, unknown>;
  /** Whether everybody of the tenant sees it, and may run it with their own rights. */
  readonly shared: boolean;
}

export interface SavedQuery extends QueryText {
  readonly id: string;
  readonly owner: string;
  readonly revision: number;
  readonly changedBy: string;
  readonly createdAt: Date;
  readonly changedAt: Date;
}

export interface QueryRevision extends QueryText {
  readonly revision: number;
  readonly by: string;
  readonly at: Date;
}

/** Queries that a tenant keeps at most. */
const MOST_SAVED = 2_000;
/** PostgreSQL: a unique index has the value already. */
const NOT_UNIQUE = '23505';

const COLUMNS = `id, owner, name, description, query, variables, shared, revision, changed_by as "changedBy",
  created_at as "createdAt", changed_at as "changedAt"`;

/** To whom a query belongs: a person, or a program without one. */
function ownerKey({ userId, name }: Principal): string {
  return userId ?? `@${name}`;
}

/** One's own queries and those that are shared, by name. @param page.after name and id of the last of the page before */
export async function listQueries(
  tx: Tx,
  reader: Principal,
  page: { after: { name: string; id: string } | null; limit: number },
): Promise<SavedQuery[]> {
  const { rows } = await tx.query<SavedQuery>(
    `select ${COLUMNS} from cmdb_saved_query
     where tenant_id = $1 and (shared or owner_key = $2) and ($3::text is null or (name, id) > ($3, $4::uuid))
     order by name, id limit $5`,
    [tx.tenantId, ownerKey(reader), page.after?.name ?? null, page.after?.id ?? null, page.limit],
  );
  return rows;
}

/** A query by its id, or by its name: one's own before the shared one. @throws {FaultlineError} CMDB_SAVED_QUERY_UNKNOWN */
export async function requireQuery(tx: Tx, reader: Principal, idOrName: string): Promise<SavedQuery> {
  const { rows } = await tx.query<SavedQuery>(
    `select ${COLUMNS} from cmdb_saved_query
     where tenant_id = $1 and (shared or owner_key = $2) and (id = $3 or lower(name) = lower($4))
     order by id = $3 desc nulls last, owner_key = $2 desc limit 1`,
    [tx.tenantId, ownerKey(reader), isId(idOrName) ? idOrName : null, idOrName],
  );
  if (rows[0] === undefined) throw askingErrors.CMDB_SAVED_QUERY_UNKNOWN({ query: idOrName });
  return rows[0];
}

/** Keeps a query. @throws {FaultlineError} CMDB_SAVED_QUERY_TAKEN, CMDB_SAVED_QUERY_MANY */
export async function saveQuery(tx: Tx, author: Principal, text: QueryText, at: Date): Promise<SavedQuery> {
  const { rows: counted } = await tx.query<{ count: number }>(
    'select count(*)::int as count from cmdb_saved_query where tenant_id = $1',
    [tx.tenantId],
  );
  if (counted[0]!.count >= MOST_SAVED) throw askingErrors.CMDB_SAVED_QUERY_MANY({ most: MOST_SAVED });
  const { rows } = await named(text, () =>
    tx.query<SavedQuery>(
      `insert into cmdb_saved_query
         (tenant_id, id, owner_key, owner, name, description, query, variables, shared, revision, changed_by, created_at,
          changed_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $4, $10, $10) returning ${COLUMNS}`,
      [tx.tenantId, newId(), ownerKey(author), author.name, ...columnsOf(text), at],
    ),
  );
  await keepRevision(tx, rows[0]!);
  return rows[0]!;
}

/**
 * Changes a query; what it was before stays among its revisions.
 * @throws {FaultlineError} CMDB_SAVED_QUERY_UNKNOWN, CMDB_SAVED_QUERY_FOREIGN, CMDB_SAVED_QUERY_TAKEN
 */
export async function changeQuery(
  tx: Tx,
  author: Principal,
  idOrName: string,
  text: QueryText,
  at: Date,
): Promise<SavedQuery> {
  const { id } = await requireOwn(tx, author, idOrName);
  const { rows } = await named(text, () =>
    tx.query<SavedQuery>(
      `update cmdb_saved_query set name = $3, description = $4, query = $5, variables = $6, shared = $7,
         revision = revision + 1, changed_by = $8, changed_at = $9
       where tenant_id = $1 and id = $2 returning ${COLUMNS}`,
      [tx.tenantId, id, ...columnsOf(text), author.name, at],
    ),
  );
  await keepRevision(tx, rows[0]!);
  return rows[0]!;
}

/** Removes a query and its revisions. @throws {FaultlineError} CMDB_SAVED_QUERY_UNKNOWN, CMDB_SAVED_QUERY_FOREIGN */
export async function removeQuery(tx: Tx, author: Principal, idOrName: string): Promise<void> {
  const { id } = await requireOwn(tx, author, idOrName);
  await tx.query('delete from cmdb_saved_query where tenant_id = $1 and id = $2', [tx.tenantId, id]);
}

/** What a query was, newest first. */
export async function revisionsOf(tx: Tx, id: string): Promise<QueryRevision[]> {
  const { rows } = await tx.query<QueryRevision>(
    `select revision, name, description, query, variables, shared, by, at from cmdb_saved_query_revision
     where tenant_id = $1 and query_id = $2 order by revision desc limit 200`,
    [tx.tenantId, id],
  );
  return rows;
}

/** A query that is one's own; a shared one may be put right by those who write the CMDB's model, too. */
async function requireOwn(tx: Tx, author: Principal, idOrName: string): Promise<SavedQuery> {
  const query = await requireQuery(tx, author, idOrName);
  const { rows } = await tx.query(
    'select from cmdb_saved_query where tenant_id = $1 and id = $2 and owner_key = $3 for update',
    [tx.tenantId, query.id, ownerKey(author)],
  );
  if (rows.length === 0 && !author.permissions.has('cmdb:model')) {
    throw askingErrors.CMDB_SAVED_QUERY_FOREIGN({ owner: query.owner });
  }
  return query;
}

function columnsOf({ name, description, query, variables, shared }: QueryText): unknown[] {
  return [name, description, query, JSON.stringify(variables), shared];
}

async function keepRevision(tx: Tx, saved: SavedQuery): Promise<void> {
  await tx.query(
    `insert into cmdb_saved_query_revision
       (tenant_id, query_id, revision, name, description, query, variables, shared, by, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [tx.tenantId, saved.id, saved.revision, ...columnsOf(saved), saved.changedBy, saved.changedAt],
  );
}

async function named<T>({ name }: QueryText, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as { code?: string }).code !== NOT_UNIQUE) throw error;
    throw askingErrors.CMDB_SAVED_QUERY_TAKEN({ name }, { field: 'name' });
  }
}
