import type { Tx } from '../../../platform/index.ts';
import { batches } from '../../graph/batches.ts';
import { plainArray, textArray } from '../../graph/postgres/arrayText.ts';
import type { CmdbModel } from '../../model/cmdbModel.ts';
import { ciVector, type SearchableCi } from './searchable.ts';

const BATCH_ROWS = 20_000;
/** Rows of a change from which on the list of new words is let grow, and emptied at the end. */
const MANY_ROWS = 5_000;
/** New words of one change: names that are all different are no vocabulary. */
const MOST_NEW_WORDS = 20_000;

/** A CI that is stored. */
export interface StoredCi extends SearchableCi {
  readonly id: string;
}

/** Writes by which words CIs are found, in the transaction of their change. O(words). */
export async function indexCis(tx: Tx, model: CmdbModel, cis: readonly StoredCi[]): Promise<void> {
  const vocabulary = new Set<string>();
  const many = cis.length >= MANY_ROWS;
  if (many) await tx.query("select set_config('gin_pending_list_limit', '32MB', true)");
  for (const batch of batches(cis, BATCH_ROWS)) {
    await tx.query(
      `insert into cmdb_search (tenant_id, ci_id, words)
       select $1, id, words::tsvector from unnest($2::uuid[], $3::text[]) as i (id, words)
       on conflict (tenant_id, ci_id) do update set words = excluded.words`,
      [
        tx.tenantId,
        plainArray(batch.map((ci) => ci.id)),
        textArray(batch.map((ci) => ciVector(model, ci, vocabulary))),
      ],
    );
  }
  if (many) await tx.query('select cmdb_search_settle()');
  if (vocabulary.size === 0) return;
  // In one order everywhere: changes of other tenants never wait for each other's words, and this tenant's queue anyway.
  const words = [...vocabulary].sort().slice(0, MOST_NEW_WORDS);
  await tx.query(
    `insert into cmdb_search_word (tenant_id, word) select $1, unnest($2::text[]) on conflict do nothing`,
    [tx.tenantId, textArray(words)],
  );
}
