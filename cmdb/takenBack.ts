import type { Database, Tx } from '../platform/index.ts';

/** Carries an outcome out of a transaction that is rolled back. */
class TakenBack<T> extends Error {
  readonly outcome: T;

  constructor(outcome: T) {
    super('taken back');
    this.outcome = outcome;
  }
}

/** Does some work in a transaction of its own and takes it back; what it came to is told, for a preview. */
export async function takenBack<T>(db: Database, tenantId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return await db.tenant(tenantId, async (tx) => {
      throw new TakenBack(await work(tx));
    });
  } catch (error) {
    if (error instanceof TakenBack) return error.outcome as T;
    throw error;
  }
}
