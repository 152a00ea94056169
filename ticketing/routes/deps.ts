import type { Database, Principal } from '../../platform/index.ts';
import type { IntakeDeps } from '../intake/intake.ts';
import type { Actor } from '../orders/log.ts';
import type { MoveDeps } from '../orders/move.ts';
import { inUnit, type Unit } from '../unit.ts';

export interface RouteDeps extends IntakeDeps, MoveDeps {
  readonly db: Database;
}

export function actorOf(principal: Principal): Actor {
  return { id: principal.userId, name: principal.name };
}

/** One transaction of the caller's tenant, with what it has to tell others. */
export function inTenant<T>(deps: RouteDeps, principal: Principal, work: (unit: Unit) => Promise<T>): Promise<T> {
  return deps.db.tenant(principal.tenantId, (tx) => inUnit(deps, tx, work));
}
