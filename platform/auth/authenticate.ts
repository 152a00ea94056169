import type { Clock } from '../clock/clock.ts';
import type { Database, Sql } from '../db/database.ts';
import { isPermission, isRole, type Permission, permissionsOf } from './permissions.ts';
import type { Principal } from './principal.ts';
import { type CredentialKind, hashSecret, kindOfSecret } from './secrets.ts';

/** Finds who bears a secret; null when nobody does (any longer). */
export type Authenticate = (secret: string) => Promise<Principal | null>;

export interface Bearer {
  id: string;
  tenantId: string;
  /** Null for a link. */
  userId: string | null;
  name: string;
  operator: boolean;
  roles: string[];
  /** Null for a session, which may do all that its user may. */
  permissions: string[] | null;
  /** Of a link alone: the one thing that it is about. */
  subject?: string;
}

const bearerQuery = (table: string, permissions: string, which: string): string => `
select c.id, c.tenant_id as "tenantId", c.user_id as "userId", u.name, t.operator, ${permissions} as permissions,
       array(select r.role from user_role r where r.tenant_id = c.tenant_id and r.user_id = c.user_id) as roles
  from ${table} c
  join user_account u on u.tenant_id = c.tenant_id and u.id = c.user_id
  join tenant t on t.id = c.tenant_id
 where ${which} and c.expires_at > $2 and u.disabled_at is null`;

/** A link is nobody's account: it carries its own right. */
const linkQuery = (which: string): string => `
select c.id, c.tenant_id as "tenantId", null as "userId", c.name, false as operator, array[c.permission] as permissions,
       '{}'::text[] as roles, c.subject
  from link_credential c
 where ${which} and c.expires_at > $2`;

const queries = (which: string): Readonly<Record<CredentialKind, string>> => ({
  session: bearerQuery('session', 'null::text[]', which),
  token: bearerQuery('api_token', 'c.permissions', which),
  link: linkQuery(which),
});
const BY_SECRET = queries('c.secret_hash = $1');
const BY_ID = queries('c.id = any($1::uuid[])');

/** Who bears the credentials of these ids, of those that still hold. */
export async function bearersById(tx: Sql, kind: CredentialKind, ids: readonly string[], now: Date): Promise<Bearer[]> {
  return (await tx.query<Bearer>(BY_ID[kind], [ids, now])).rows;
}

/** What a credential allows: all that its owner may, for a token the named part of it, for a link what it was made for. */
export function permissionsOfBearer(bearer: Bearer): ReadonlySet<Permission> {
  if (bearer.userId === null) return new Set((bearer.permissions ?? []).filter(isPermission));
  const owned = permissionsOf(bearer.roles.filter(isRole), bearer);
  if (bearer.permissions === null) return owned;
  return new Set(bearer.permissions.filter(isPermission).filter((permission) => owned.has(permission)));
}

/**
 * The one way from a secret to a principal. Rights are read anew each time, so that a revoked token, a changed role
 * or a disabled account takes effect with the next request.
 */
export function createAuthenticate(deps: { db: Database; clock: Clock }): Authenticate {
  return async (secret) => {
    const kind = kindOfSecret(secret);
    if (kind === null) return null;
    const bearer = await deps.db.as('auth', async (tx) => {
      const { rows } = await tx.query<Bearer>(BY_SECRET[kind], [hashSecret(secret), new Date(deps.clock.nowMs())]);
      return rows[0];
    });
    if (!bearer) return null;
    const roles = bearer.roles.filter(isRole);
    return {
      tenantId: bearer.tenantId,
      operator: bearer.operator,
      userId: bearer.userId,
      name: bearer.name,
      roles,
      permissions: permissionsOfBearer(bearer),
      credential: { kind, id: bearer.id, subject: bearer.subject },
    };
  };
}
