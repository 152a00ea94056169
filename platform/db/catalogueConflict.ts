import { reasonOf } from '../errors/errors.ts';

/** What PostgreSQL answers when two sessions change, or make, the same row of its catalogue; roles are shared by all databases. */
const CONFLICT = /^tuple concurrently (updated|deleted)$|^role "\w+" already exists$|pg_authid_rolname_index/;
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
