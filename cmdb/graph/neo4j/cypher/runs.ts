import type { Database, Tx } from '../../../../platform/index.ts';

/** Who asked Neo4j what, and what came of it. Parameters are not kept: they may hold what nobody else should read. */
export interface CypherRun {
  readonly id: string;
  readonly author: string;
  readonly query: string;
  readonly askedAt: Date;
  /** asked: it was not heard of again, as when the process ended meanwhile. */
  readonly outcome: 'asked' | 'answered' | 'refused' | 'failed';
  readonly rows: number | null;
  readonly tookMs: number | null;
  readonly problem: string | null;
}

/** Written before the question is put: what was asked is known whatever becomes of it. */
export async function noteAsked(
  db: Database,
  tenantId: string,
  run: Pick<CypherRun, 'id' | 'author' | 'query' | 'askedAt'>,
): Promise<void> {
  await db.tenant(tenantId, (tx) =>
    tx.query(
      `insert into cmdb_cypher_run (tenant_id, id, author, query, asked_at, outcome) values ($1, $2, $3, $4, $5, 'asked')`,
      [tenantId, run.id, run.author, run.query, run.askedAt],
    ),
  );
}

export async function noteOutcome(
  db: Database,
  tenantId: string,
  id: string,
  { outcome, rows, tookMs, problem }: Pick<CypherRun, 'outcome' | 'rows' | 'tookMs' | 'problem'>,
): Promise<void> {
  await db.tenant(tenantId, (tx) =>
    tx.query(
      `update cmdb_cypher_run set outcome = $3, rows = $4, took_ms = $5, problem = $6 where tenant_id = $1 and id = $2`,
      [tenantId, id, outcome, rows, tookMs, problem?.slice(0, 500) ?? null],
    ),
  );
}

/** The newest first, from before an id; ids are in the order of time. */
export async function listCypherRuns(
  tx: Tx,
  page: { before?: string | undefined; limit: number },
): Promise<CypherRun[]> {
  const { rows } = await tx.query<CypherRun>(
    `select id, author, query, asked_at as "askedAt", outcome, rows, took_ms as "tookMs", problem from cmdb_cypher_run
     where tenant_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
    [tx.tenantId, page.before ?? null, page.limit],
  );
  return rows;
}
