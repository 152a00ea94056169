import type { Tx } from '../db/database.ts';
import { newId } from '../ids.ts';
import { authErrors } from './errors.ts';
import { isRole, type Role } from './permissions.ts';
import { isUniqueViolation } from './uniqueViolation.ts';

export interface User {
  id: string;
  login: string;
  name: string;
  email: string | null;
  locale: string;
  roles: Role[];
  disabled: boolean;
  createdAt: Date;
}

interface UserRow extends Omit<User, 'roles'> {
  roles: string[];
}

const SELECT = `
select u.id, u.login, u.name, u.email, u.locale, u.disabled_at is not null as disabled, u.created_at as "createdAt",
       array(select r.role from user_role r where r.tenant_id = u.tenant_id and r.user_id = u.id order by r.role) as roles
  from user_account u`;

// A role that this version does not know gives nothing.
const userOf = (row: UserRow): User => ({ ...row, roles: row.roles.filter(isRole) });

/** The users in the order of their logins, from after `cursor`. */
export async function listUsers(tx: Tx, page: { limit: number; cursor?: string | undefined }): Promise<User[]> {
  const { rows } = await tx.query<UserRow>(`${SELECT} where u.login > $1 order by u.login limit $2`, [
    page.cursor ?? '',
    page.limit,
  ]);
  return rows.map(userOf);
}

/** One user. @throws USER_UNKNOWN, also for a user of another tenant */
export async function getUser(tx: Tx, id: string): Promise<User> {
  const { rows } = await tx.query<UserRow>(`${SELECT} where u.id = $1`, [id]);
  if (!rows[0]) throw authErrors.USER_UNKNOWN({ id });
  return userOf(rows[0]);
}

export interface NewUser {
  login: string;
  name: string;
  email: string | null;
  locale: string;
  roles: readonly Role[];
  passwordHash: string;
  now: Date;
}

/** @throws USER_EXISTS */
export async function insertUser(tx: Tx, user: NewUser): Promise<User> {
  const id = newId();
  try {
    await tx.query(
      `insert into user_account (tenant_id, id, login, name, email, locale, password_hash, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [tx.tenantId, id, user.login, user.name, user.email, user.locale, user.passwordHash, user.now],
    );
  } catch (error) {
    if (isUniqueViolation(error, 'user_account')) {
      throw authErrors.USER_EXISTS({ login: user.login }, { field: 'login', cause: error });
    }
    throw error;
  }
  await insertRoles(tx, id, user.roles);
  return getUser(tx, id);
}

/** Replaces the roles of a user. @throws USER_LAST_ADMIN */
export async function setRoles(tx: Tx, id: string, roles: readonly Role[]): Promise<User> {
  await lockAccounts(tx);
  await tx.query('delete from user_role where user_id = $1', [id]);
  await insertRoles(tx, id, roles);
  await demandAdmin(tx);
  return getUser(tx, id);
}

export interface UserChange {
  name?: string | undefined;
  email?: string | null | undefined;
  locale?: string | undefined;
  disabled?: boolean | undefined;
}

/** Changes what is given. A disabled user's sessions end at once. @throws USER_LAST_ADMIN */
export async function changeUser(tx: Tx, id: string, change: UserChange, now: Date): Promise<User> {
  if (change.disabled !== undefined) await lockAccounts(tx);
  await tx.query(
    `update user_account set
       name = coalesce($2, name),
       email = case when $3 then $4 else email end,
       locale = coalesce($5, locale),
       disabled_at = case when $6::boolean is null then disabled_at when $6 then coalesce(disabled_at, $7) else null end
     where id = $1`,
    [
      id,
      change.name ?? null,
      change.email !== undefined,
      change.email ?? null,
      change.locale ?? null,
      change.disabled ?? null,
      now,
    ],
  );
  if (change.disabled) {
    await tx.query('delete from session where user_id = $1', [id]);
    await demandAdmin(tx);
  }
  return getUser(tx, id);
}

/** Stores a new password and ends the user's sessions, except the one that asked for it. */
export async function setPassword(
  tx: Tx,
  id: string,
  passwordHash: string,
  keepSessionId: string | null,
): Promise<void> {
  await tx.query('update user_account set password_hash = $2 where id = $1', [id, passwordHash]);
  await tx.query('delete from session where user_id = $1 and id is distinct from $2', [id, keepSessionId]);
}

async function insertRoles(tx: Tx, id: string, roles: readonly Role[]): Promise<void> {
  await tx.query('insert into user_role (tenant_id, user_id, role) select $1, $2, unnest($3::text[])', [
    tx.tenantId,
    id,
    [...new Set(roles)],
  ]);
}

/** Two administrators who demote each other at once must not both succeed: such changes queue up behind one lock. */
async function lockAccounts(tx: Tx): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('auth/admins/' || $1, 0))`, [tx.tenantId]);
}

async function demandAdmin(tx: Tx): Promise<void> {
  const { rows } = await tx.query(
    `select 1 from user_role r join user_account u on u.tenant_id = r.tenant_id and u.id = r.user_id
      where r.role = 'admin' and u.disabled_at is null limit 1`,
  );
  if (rows.length === 0) throw authErrors.USER_LAST_ADMIN({});
}
