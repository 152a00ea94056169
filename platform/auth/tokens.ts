import type { Tx } from '../db/database.ts';
import { newId } from '../ids.ts';
import { authErrors } from './errors.ts';
import { isPermission, type Permission } from './permissions.ts';
import { hashSecret, newSecret } from './secrets.ts';

/** What may be told about an API token; its secret is told once, when it is made. */
export interface ApiToken {
  id: string;
  name: string;
  permissions: Permission[];
  createdAt: Date;
  expiresAt: Date;
}

const COLUMNS = 'id, name, permissions, created_at as "createdAt", expires_at as "expiresAt"';

/** A user's tokens, oldest first, from after the token `cursor`. */
export async function listTokens(
  tx: Tx,
  userId: string,
  page: { limit: number; cursor?: string | undefined },
): Promise<ApiToken[]> {
  const { rows } = await tx.query<ApiToken>(
    `select ${COLUMNS} from api_token where user_id = $1 and ($2::uuid is null or id > $2) order by id limit $3`,
    [userId, page.cursor ?? null, page.limit],
  );
  return rows.map((row) => ({ ...row, permissions: row.permissions.filter(isPermission) }));
}

export interface NewToken {
  userId: string;
  name: string;
  permissions: readonly Permission[];
  nowMs: number;
  lifeMs: number;
}

/** Makes a token and returns its secret, which is kept nowhere. */
export async function insertToken(tx: Tx, token: NewToken): Promise<ApiToken & { secret: string }> {
  const secret = newSecret('token');
  const { rows } = await tx.query<ApiToken>(
    `insert into api_token (tenant_id, id, user_id, name, permissions, secret_hash, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${COLUMNS}`,
    [
      tx.tenantId,
      newId(),
      token.userId,
      token.name,
      [...new Set(token.permissions)],
      hashSecret(secret),
      new Date(token.nowMs),
      new Date(token.nowMs + token.lifeMs),
    ],
  );
  return { ...rows[0]!, secret };
}

/** Revokes one of the user's tokens. @throws TOKEN_UNKNOWN */
export async function deleteToken(tx: Tx, userId: string, id: string): Promise<void> {
  const { rowCount } = await tx.query('delete from api_token where id = $1 and user_id = $2', [id, userId]);
  if (rowCount === 0) throw authErrors.TOKEN_UNKNOWN({ id });
}
