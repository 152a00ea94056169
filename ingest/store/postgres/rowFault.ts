import type { Sql } from '../../../platform/index.ts';
import { reasonOf } from '../../../platform/index.ts';
import { storeErrors } from '../errors.ts';

/** SQLSTATE classes that blame the data: 22 data exception, 23 integrity constraint violation. */
const DATA_CLASSES = new Set(['22', '23']);

/** `no partition of relation … found for row` shares 23514 with check constraints; it is ours to mend, not the row's. */
export function lacksPartition(error: unknown): boolean {
  return codeOf(error) === '23514' && reasonOf(error).startsWith('no partition of relation');
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? '');
}

/**
 * Runs `work` under a savepoint. A fault of the data is undone, the transaction stays usable, and STORE_ROW_REFUSED is
 * thrown; everything else passes through and ends the transaction.
 */
export async function guarded<T>(tx: Sql, work: () => Promise<T>): Promise<T> {
  await tx.query('savepoint store_write');
  try {
    const result = await work();
    await tx.query('release savepoint store_write');
    return result;
  } catch (error) {
    if (!DATA_CLASSES.has(codeOf(error).slice(0, 2)) || lacksPartition(error)) throw error;
    await tx.query('rollback to savepoint store_write');
    throw storeErrors.STORE_ROW_REFUSED({ reason: reasonOf(error) }, { cause: error });
  }
}
