import type { Clock } from '../clock/clock.ts';
import type { Database } from '../db/database.ts';
import { newId } from '../ids.ts';
import { authErrors } from './errors.ts';
import type { Passwords } from './passwords.ts';
import { isUniqueViolation } from './uniqueViolation.ts';
import { insertUser } from './users.ts';

export interface Tenant {
  id: string;
  slug: string;
  name: string;
  /** The tenant that runs the platform; its administrators create the others. There is exactly one. */
  operator: boolean;
}

/** The form of a slug: it is a level of MQTT topics and part of device user names, so no `/`, `+`, `#` or space. */
export const TENANT_SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;

const COLUMNS = 'id, slug, name, operator';

/** Looks a tenant up by its slug, across tenants. */
export async function findTenantBySlug(db: Database, slug: string): Promise<Tenant | null> {
  return db.as('auth', async (tx) => {
    const { rows } = await tx.query<Tenant>(`select ${COLUMNS} from tenant where slug = $1`, [slug]);
    return rows[0] ?? null;
  });
}

/** All tenants in the order of their slugs, from after `cursor`. */
export async function listTenants(
  db: Database,
  page: { limit: number; cursor?: string | undefined },
): Promise<Tenant[]> {
  return db.as('auth', async (tx) => {
    const { rows } = await tx.query<Tenant>(`select ${COLUMNS} from tenant where slug > $1 order by slug limit $2`, [
      page.cursor ?? '',
      page.limit,
    ]);
    return rows;
  });
}

export interface NewTenant {
  slug: string;
  name: string;
  operator?: boolean;
  admin: { login: string; name: string; password: string };
}

/**
 * Creates a tenant together with its first administrator, in one transaction.
 *
 * @throws TENANT_EXISTS, PASSWORD_WEAK
 */
export async function createTenant(
  deps: { db: Database; clock: Clock; passwords: Passwords },
  tenant: NewTenant,
): Promise<{ tenant: Tenant; adminId: string }> {
  const id = newId();
  const passwordHash = await deps.passwords.hash(tenant.admin.login, tenant.admin.password);
  const now = new Date(deps.clock.nowMs());
  try {
    return await deps.db.tenant(id, async (tx) => {
      const { rows } = await tx.query<Tenant>(
        `insert into tenant (id, slug, name, operator, created_at) values ($1, $2, $3, $4, $5) returning ${COLUMNS}`,
        [id, tenant.slug, tenant.name, tenant.operator ?? false, now],
      );
      const admin = await insertUser(tx, {
        login: tenant.admin.login,
        name: tenant.admin.name,
        email: null,
        locale: 'en',
        roles: ['admin'],
        passwordHash,
        now,
      });
      return { tenant: rows[0]!, adminId: admin.id };
    });
  } catch (error) {
    if (isUniqueViolation(error, 'tenant'))
      throw authErrors.TENANT_EXISTS({ slug: tenant.slug }, { field: 'slug', cause: error });
    throw error;
  }
}
