import type { Database, Tx } from '../../../platform/index.ts';
import { lockVersion } from '../../graph/postgres/lockVersion.ts';
import type { CmdbModel } from '../../model/cmdbModel.ts';
import { modelAt } from '../../model/store.ts';
import { indexCis, type StoredCi } from './indexCis.ts';
import { SEARCH_FORMAT } from './searchable.ts';

const PAGE_ROWS = 10_000;
/** Tenants remembered as findable; a graph that is stays so while this program runs. */
const MOST_TENANTS = 10_000;

/**
 * Makes graphs findable that stood before they could be searched, or whose words were made by an older program: when they
 * are first asked, once. Changes wait meanwhile (about 5 s at 100k CIs); whatever is written later is found by itself.
 */
export class SearchFilling {
  readonly #db: Database;
  readonly #filled = new Set<string>();

  constructor(db: Database) {
    this.#db = db;
  }

  async fill(tenantId: string): Promise<void> {
    if (this.#filled.has(tenantId)) return;
    const behind = await this.#db.tenant(tenantId, isBehind);
    if (behind) await this.#db.tenant(tenantId, refill);
    if (this.#filled.size >= MOST_TENANTS) this.#filled.clear();
    this.#filled.add(tenantId);
  }
}

async function isBehind(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query(
    'select from cmdb_graph where tenant_id = $1 and search_format <> $2 and version > 0',
    [tx.tenantId, SEARCH_FORMAT],
  );
  return rows.length > 0;
}

async function refill(tx: Tx): Promise<void> {
  const { modelVersion } = await lockVersion(tx);
  if (!(await isBehind(tx))) return; // another process was first
  await tx.query('delete from cmdb_search where tenant_id = $1', [tx.tenantId]);
  await tx.query('delete from cmdb_search_word where tenant_id = $1', [tx.tenantId]);
  await reindex(tx, await modelAt(tx, modelVersion), null);
  await tx.query('update cmdb_graph set search_format = $2 where tenant_id = $1', [tx.tenantId, SEARCH_FORMAT]);
}

/** Writes the words of CIs anew as they stand, in pages. @param types of these types; null: all */
export async function reindex(tx: Tx, model: CmdbModel, types: readonly string[] | null): Promise<void> {
  for (let after = ''; ; ) {
    const { rows } = await tx.query<StoredCi>(
      `select id, key, type, name, attributes from cmdb_ci
       where tenant_id = $1 and key > $2 and ($3::text[] is null or type = any($3)) order by key limit ${PAGE_ROWS}`,
      [tx.tenantId, after, types],
    );
    if (rows.length === 0) return;
    await indexCis(tx, model, rows);
    after = rows.at(-1)!.key;
  }
}
