import type { Clock } from '../clock/clock.ts';
import type { Database } from '../db/database.ts';
import { isPermission, isRole, permissionsOf } from './permissions.ts';
import type { Principal } from './principal.ts';
import { type CredentialKind, hashSecret, kindOfSecret } from './secrets.ts';

/** Finds who bears a secret; null when nobody does (any longer). */
export type Authenticate = (secret: string) => Promise<Principal | null>;

interface Bearer {
  id: string;
  tenantId: string;
  userId: string;
  name: string;
  operator: boolean;
  roles: string[];
  /** Null for a session, which may do all that its user may. */
  permissions: string[] | null;
}

const bearerQuery = (table: string, permissions: string): string => `
select c.id, c.tenant_id as "tenantId", c.user_id as "userId", u.name, t.operator, ${permissions} as permissions,
       array(select r.role from user_role r where r.tenant_id = c.tenant_id and r.user_id = c.user_id) as roles
  from ${table} c
  join user_account u on u.tenant_id = c.tenant_id and u.id = c.user_id
  join tenant t on t.id = c.tenant_id
 where c.secret_hash = $1 and c.expires_at > $2 and u.disabled_at is null`;

const QUERIES: Readonly<Record<CredentialKind, string>> = {
  session: bearerQuery('session', 'null::text[]'),
  token: bearerQuery('api_token', 'c.permissions'),
};

/**
 * The one way from a secret to a principal. Rights are read anew each time, so that a revoked token, a changed role
 * or a disabled account takes effect with the next request.
 */
export function createAuthenticate(deps: { db: Database; clock: Clock }): Authenticate {
  return async (secret) => {
    const kind = kindOfSecret(secret);
    if (kind === null) return null;
    const bearer = await deps.db.as('auth', async (tx) => {
      const { rows } = await tx.query<Bearer>(QUERIES[kind], [hashSecret(secret), new Date(deps.clock.nowMs())]);
      return rows[0];
    });
    if (!bearer) return null;
    const roles = bearer.roles.filter(isRole);
    const owned = permissionsOf(roles, bearer);
    const permissions =
      bearer.permissions === null
        ? owned
        : new Set(bearer.permissions.filter(isPermission).filter((permission) => owned.has(permission)));
    return {
      tenantId: bearer.tenantId,
      operator: bearer.operator,
      userId: bearer.userId,
      name: bearer.name,
      roles,
      permissions,
      credential: { kind, id: bearer.id },
    };
  };
}
