import type { Clock } from '../clock/clock.ts';
import type { Database } from '../db/database.ts';
import { FaultlineError } from '../errors/errors.ts';
import { type Passwords, randomPassword } from './passwords.ts';
import { createTenant, findTenantBySlug, type Tenant } from './tenants.ts';

export const FIRST_TENANT = 'default';
export const FIRST_LOGIN = 'admin';

export interface Bootstrapped {
  tenant: Tenant;
  /** Given on the first start only, and only when no password was configured: print it, it is stored nowhere. */
  generatedPassword: string | null;
}

/**
 * Makes sure that there is somebody who can sign in: the first start creates the tenant `default` and its
 * administrator `admin`. Later starts, and a second process starting at the same time, find both and change nothing.
 */
export async function bootstrap(deps: {
  db: Database;
  clock: Clock;
  passwords: Passwords;
  /** `FAULTLINE_ADMIN_PASSWORD` */
  adminPassword?: string | undefined;
}): Promise<Bootstrapped> {
  const present = await findTenantBySlug(deps.db, FIRST_TENANT);
  if (present) return { tenant: present, generatedPassword: null };
  const password = deps.adminPassword ?? randomPassword();
  try {
    const { tenant } = await createTenant(deps, {
      slug: FIRST_TENANT,
      name: 'Default',
      operator: true,
      admin: { login: FIRST_LOGIN, name: 'Administrator', password },
    });
    return { tenant, generatedPassword: deps.adminPassword === undefined ? password : null };
  } catch (error) {
    if (!(error instanceof FaultlineError) || error.code !== 'TENANT_EXISTS') throw error;
    const other = await findTenantBySlug(deps.db, FIRST_TENANT);
    if (!other) throw error;
    return { tenant: other, generatedPassword: null };
  }
}
