import type { Clock } from '../clock/clock.ts';
import type { Database, Tx } from '../db/database.ts';
import { newId } from '../ids.ts';
import { authErrors } from './errors.ts';
import type { Passwords } from './passwords.ts';
import { hashSecret, newSecret } from './secrets.ts';
import { findTenantBySlug } from './tenants.ts';
import type { LoginThrottle } from './throttle.ts';

/** A session ends this long after the login, whatever happens in between. */
export const SESSION_LIFE_MS = 12 * 3_600_000;

/** More sessions of one person push out the oldest. */
const MAX_SESSIONS = 20;

export interface Login {
  tenant: string;
  login: string;
  password: string;
  address: string;
}

export interface OpenedSession {
  secret: string;
  expiresAt: Date;
  tenantId: string;
  userId: string;
}

export interface LoginDeps {
  db: Database;
  clock: Clock;
  passwords: Passwords;
  throttle: LoginThrottle;
}

/**
 * Checks login and password and opens a session. An unknown tenant, an unknown login, a disabled account and a wrong
 * password cost the same work and give the same answer.
 *
 * @throws LOGIN_FAILED, LOGIN_THROTTLED, LOGIN_BUSY
 */
export async function openSession(deps: LoginDeps, login: Login): Promise<OpenedSession> {
  const attempt = deps.throttle.attempt(`${login.tenant}/${login.login}`, login.address);
  if (!('succeeded' in attempt)) {
    const waitSeconds = Math.ceil(attempt.waitMs / 1000);
    throw authErrors.LOGIN_THROTTLED({ waitSeconds }, { detail: { retryAfterSeconds: waitSeconds } });
  }
  const tenant = await findTenantBySlug(deps.db, login.tenant);
  // An absent tenant still costs a tenant transaction: a random id sees no rows.
  const tenantId = tenant?.id ?? newId();
  const account = await deps.db.tenant(tenantId, (tx) => findAccount(tx, login.login));
  const fits = await deps.passwords.verify(account?.passwordHash ?? null, login.password);
  if (!fits || !account || account.disabled) throw authErrors.LOGIN_FAILED({});
  attempt.succeeded();
  const opened = await deps.db.tenant(tenantId, (tx) => insertSession(tx, account.id, deps.clock.nowMs()));
  return { ...opened, tenantId, userId: account.id };
}

interface Account {
  id: string;
  passwordHash: string;
  disabled: boolean;
}

async function findAccount(tx: Tx, login: string): Promise<Account | null> {
  const { rows } = await tx.query<Account>(
    `select id, password_hash as "passwordHash", disabled_at is not null as disabled from user_account where login = $1`,
    [login],
  );
  return rows[0] ?? null;
}

async function insertSession(tx: Tx, userId: string, nowMs: number): Promise<{ secret: string; expiresAt: Date }> {
  const secret = newSecret('session');
  const expiresAt = new Date(nowMs + SESSION_LIFE_MS);
  await tx.query('delete from session where user_id = $1 and expires_at <= $2', [userId, new Date(nowMs)]);
  await tx.query(
    `delete from session where user_id = $1 and id in
       (select id from session where user_id = $1 order by created_at desc, id desc offset $2)`,
    [userId, MAX_SESSIONS - 1],
  );
  await tx.query(
    `insert into session (tenant_id, id, user_id, secret_hash, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)`,
    [tx.tenantId, newId(), userId, hashSecret(secret), new Date(nowMs), expiresAt],
  );
  return { secret, expiresAt };
}

/** Ends a session; ending one that is gone is no error. */
export async function closeSession(tx: Tx, id: string): Promise<void> {
  await tx.query('delete from session where id = $1', [id]);
}

/**
 * Checks the password of a signed-in user again, at the same pace as a login.
 *
 * @throws PASSWORD_WRONG, LOGIN_THROTTLED
 */
export async function confirmPassword(
  deps: LoginDeps,
  who: { tenantId: string; userId: string; address: string },
  password: string,
): Promise<void> {
  const attempt = deps.throttle.attempt(`${who.tenantId}/${who.userId}`, who.address);
  if (!('succeeded' in attempt)) throw authErrors.LOGIN_THROTTLED({ waitSeconds: Math.ceil(attempt.waitMs / 1000) });
  const encoded = await deps.db.tenant(who.tenantId, async (tx) => {
    const { rows } = await tx.query<{ hash: string }>('select password_hash as hash from user_account where id = $1', [
      who.userId,
    ]);
    return rows[0]?.hash ?? null;
  });
  if (!(await deps.passwords.verify(encoded, password)))
    throw authErrors.PASSWORD_WRONG({}, { field: 'currentPassword' });
  attempt.succeeded();
}
