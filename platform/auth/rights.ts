import { authErrors } from './errors.ts';
import { type Permission, permissionsOf, type Role } from './permissions.ts';
import type { Principal } from './principal.ts';

/**
 * Refuses to hand out, or to take over, rights beyond the principal's own. Without it a token that may only manage
 * users could make itself an administrator.
 *
 * @throws RIGHTS_BEYOND_OWN
 */
export function demandWithinOwn(principal: Principal, wanted: Iterable<Permission>): void {
  const beyond = [...wanted].filter((permission) => !principal.permissions.has(permission));
  if (beyond.length > 0) throw authErrors.RIGHTS_BEYOND_OWN({ permissions: beyond });
}

/** The same for whole roles. Roles are compared inside the tenant, where platform-wide permissions may not count. */
export function demandRolesWithinOwn(principal: Principal, roles: readonly Role[]): void {
  demandWithinOwn(principal, permissionsOf(roles, { operator: principal.operator }));
}
