import type { Tx } from '../../../platform/index.ts';
import { readVersion } from './readVersion.ts';

/**
 * Declares cursors that all show one version of the graph, and tells which. A cursor shows the data as of its
 * declaration: when the version is the same before and after all are declared, all show that version.
 *
 * @param cursors the query of each with its values, by the cursor's name
 */
export async function declareAtOneVersion(
  tx: Tx,
  cursors: Readonly<Record<string, { readonly query: string; readonly values: readonly unknown[] }>>,
): Promise<bigint> {
  for (;;) {
    const version = await readVersion(tx);
    for (const [name, { query, values }] of Object.entries(cursors)) {
      await tx.query(`declare ${name} no scroll cursor for ${query}`, values);
    }
    if ((await readVersion(tx)) === version) return version;
    for (const name of Object.keys(cursors)) await tx.query(`close ${name}`);
  }
}

/** Hands the rows of a cursor on, so many at a time, and whether they are its first; reading waits for what `take` gives. */
export async function drain<Row>(
  tx: Tx,
  cursor: string,
  rowsAtOnce: number,
  take: (rows: Row[], first: boolean) => void | Promise<void>,
): Promise<void> {
  for (let first = true; ; first = false) {
    const { rows } = await tx.query<Row>(`fetch ${rowsAtOnce} from ${cursor}`);
    if (rows.length === 0) return;
    await take(rows, first);
  }
}
