import { createHmac } from 'node:crypto';
import type { ClientBase } from 'pg';
import { despiteCatalogueConflicts } from './catalogueConflict.ts';
import { NARROW_ROLES } from './tenantTable.ts';

/** Every database role that the product connects as; none owns anything or may bypass row-level security. */
export const DATABASE_ROLES = ['app', 'queue', ...NARROW_ROLES] as const;
export type DatabaseRole = (typeof DATABASE_ROLES)[number];

/** A role's password, the same in every process that shares the installation's secret key. */
export function rolePassword(role: DatabaseRole, secretKey: string): string {
  return createHmac('sha256', secretKey).update(`database role ${role}`).digest('base64url');
}

/** Connection text of one role, from the owner's. */
export function roleUrl(ownerUrl: string, role: DatabaseRole, secretKey: string): string {
  const url = new URL(ownerUrl);
  url.username = `faultline_${role}`;
  url.password = rolePassword(role, secretKey);
  return url.toString();
}

/**
 * Makes the roles, or brings their passwords and attributes back to what they should be, in a transaction of its own.
 * May run in several databases of a server at once: whoever comes second waits for the first.
 */
export function ensureRoles(owner: ClientBase, secretKey: string): Promise<void> {
  return despiteCatalogueConflicts(async () => {
    await owner.query('begin');
    try {
      await setRoles(owner, secretKey);
      await owner.query('commit');
    } catch (error) {
      await owner.query('rollback');
      throw error;
    }
  });
}

async function setRoles(owner: ClientBase, secretKey: string): Promise<void> {
  const { rows } = await owner.query<{ rolname: string }>(
    `select rolname from pg_roles where rolname like 'faultline\\_%'`,
  );
  const present = new Set(rows.map((row) => row.rolname));
  // Roles are shared by all databases of a server, advisory locks are not. A role's comment is the one statement that
  // holds other databases back until the transaction ends: `alter role` alone fails when two meet.
  const first = `faultline_${DATABASE_ROLES[0]}`;
  if (present.has(first)) await owner.query(`comment on role ${first} is 'Faultline connects as this role'`);
  for (const role of DATABASE_ROLES) {
    const name = `faultline_${role}`;
    // A utility statement takes no parameters; both texts are ours: a fixed name and base64url.
    const attributes = `login nosuperuser nocreatedb nocreaterole nobypassrls password '${rolePassword(role, secretKey)}'`;
    await owner.query(`${present.has(name) ? 'alter' : 'create'} role ${name} ${attributes}`);
  }
  const { rows: database } = await owner.query<{ name: string }>('select quote_ident(current_database()) as name');
  await owner.query(`revoke all on database ${database[0]!.name} from public`);
  await owner.query('revoke all on schema public from public');
  for (const role of DATABASE_ROLES) {
    await owner.query(`grant connect on database ${database[0]!.name} to faultline_${role}`);
    await owner.query(`grant usage on schema public to faultline_${role}`);
  }
  // BullMQ stages what it is given in bulk in a temporary table.
  await owner.query(`grant temporary on database ${database[0]!.name} to faultline_queue`);
}
