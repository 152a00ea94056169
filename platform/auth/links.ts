import type { Tx } from '../db/database.ts';
import { newId } from '../ids.ts';
import type { Permission } from './permissions.ts';
import { hashSecret, newSecret } from './secrets.ts';

/** What a link in a message lets whoever has it do: one thing, to one subject, for a time. */
export interface LinkGrant {
  readonly permission: Permission;
  /** The id of what it is about, which the routes that take it know. */
  readonly subject: string;
  /** Whose link it is, as logs name them. */
  readonly name: string;
}

/**
 * Makes secrets for links, kept as their hashes only: whoever has one is taken for its bearer without an account.
 * Links that have run out are forgotten on the way.
 *
 * @returns one secret for each grant, in their order
 */
export async function grantLinks(
  tx: Tx,
  grants: readonly LinkGrant[],
  nowMs: number,
  lifeMs: number,
): Promise<string[]> {
  if (grants.length === 0) return [];
  const secrets = grants.map(() => newSecret('link'));
  await tx.query('delete from link_credential where tenant_id = $1 and expires_at <= $2', [
    ...[tx.tenantId, new Date(nowMs)],
  ]);
  await tx.query(
    `insert into link_credential (tenant_id, id, secret_hash, permission, subject, name, created_at, expires_at)
     select $1, l.id, l.secret_hash, l.permission, l.subject, l.name, $2, $3
       from unnest($4::uuid[], $5::bytea[], $6::text[], $7::text[], $8::text[])
         as l (id, secret_hash, permission, subject, name)`,
    [
      tx.tenantId,
      new Date(nowMs),
      new Date(nowMs + lifeMs),
      grants.map(() => newId()),
      secrets.map(hashSecret),
      grants.map(({ permission }) => permission),
      grants.map(({ subject }) => subject),
      grants.map(({ name }) => name),
    ],
  );
  return secrets;
}
