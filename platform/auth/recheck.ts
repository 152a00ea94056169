import type { Clock } from '../clock/clock.ts';
import type { Database } from '../db/database.ts';
import { bearersById, permissionsOfBearer } from './authenticate.ts';
import type { Permission } from './permissions.ts';
import type { Principal } from './principal.ts';

/**
 * What credentials allow at this moment, by their id; one that has been ended, has expired or whose owner is disabled
 * is left out. For connections that outlive the request that was checked.
 */
export type Recheck = (
  credentials: readonly Principal['credential'][],
) => Promise<ReadonlyMap<string, ReadonlySet<Permission>>>;

/** Two queries at most, however many are asked about. */
export function createRecheck(deps: { db: Database; clock: Clock }): Recheck {
  return async (credentials) => {
    const now = new Date(deps.clock.nowMs());
    const ids = Map.groupBy(new Set(credentials), (credential) => credential.kind);
    const standing = new Map<string, ReadonlySet<Permission>>();
    await deps.db.as('auth', async (tx) => {
      for (const [kind, some] of ids) {
        const unique = [...new Set(some.map(({ id }) => id))];
        for (const bearer of await bearersById(tx, kind, unique, now))
          standing.set(bearer.id, permissionsOfBearer(bearer));
      }
    });
    return standing;
  };
}
