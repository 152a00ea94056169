import { reasonOf } from '../errors/errors.ts';

/** What PostgreSQL answers when two sessions change the same row of its catalogue, which roles share over all databases. */
const CONFLICT = /^tuple concurrently (updated|deleted)$/;
const ATTEMPTS = 5;

/** Does again what lost such a race. `work` must be one transaction, or harmless to repeat. */
export async function despiteCatalogueConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !CONFLICT.test(reasonOf(error))) throw error;
    }
  }
}
