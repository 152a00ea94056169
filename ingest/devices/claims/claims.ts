import { randomBytes } from 'node:crypto';
import { type Database, newId, type Tx } from '../../../platform/index.ts';
import { type Actor, audit } from '../audit/audit.ts';
import { deviceErrors } from '../errors.ts';
import { type DeviceRegistry, deviceNamed, type IssuedCredential } from '../registry.ts';
import { hashDeviceSecret } from '../secret.ts';
import { getDeviceType } from '../types/store.ts';

export interface NewClaims {
  count: number;
  kind: 'device' | 'gateway';
  type?: string | undefined;
  gateway?: string | undefined;
  label?: string | undefined;
  maxUses: number;
  expiresInMs: number;
}

/** A code as people see it later; the code itself is shown once. */
export interface Claim {
  id: string;
  label: string | null;
  kind: 'device' | 'gateway';
  type: string | null;
  gateway: string | null;
  maxUses: number;
  uses: number;
  createdAt: Date;
  createdBy: string;
  expiresAt: Date;
  revokedAt: Date | null;
}

/** Makes codes. @throws DEVICE_TYPE_UNKNOWN, DEVICE_UNKNOWN */
export async function createClaims(
  tx: Tx,
  wanted: NewClaims,
  by: Actor,
  nowMs: number,
): Promise<{ id: string; code: string }[]> {
  const typeId = wanted.type === undefined ? null : (await getDeviceType(tx, wanted.type)).id;
  const gatewayId = wanted.gateway === undefined ? null : (await deviceNamed(tx, wanted.gateway)).id;
  // 160 random bits: nobody guesses one at the rate that an address is allowed.
  const made = Array.from({ length: wanted.count }, () => ({
    id: newId(),
    code: `flc_${randomBytes(20).toString('base64url')}`,
  }));
  await tx.query(
    `insert into device_claim (tenant_id, id, code_hash, label, kind, type_id, gateway_id, max_uses, created_at, created_by,
       expires_at)
     select $1, c.id, c.hash, $4, $5, $6, $7, $8, $9, $10, $11 from unnest($2::uuid[], $3::bytea[]) c (id, hash)`,
    [
      ...[tx.tenantId, made.map(({ id }) => id), made.map(({ code }) => hashDeviceSecret(code))],
      ...[wanted.label ?? null, wanted.kind, typeId, gatewayId, wanted.maxUses],
      ...[new Date(nowMs), by.name, new Date(nowMs + wanted.expiresInMs)],
    ],
  );
  await audit(
    tx,
    nowMs,
    by,
    made.map(({ id }) => ({ subject: 'claim', subjectId: id, action: 'created', data: { ...wanted, count: 1 } })),
  );
  return made;
}

const SELECT = `
  select c.id, c.label, c.kind, t.key as type, g.name as gateway, c.max_uses as "maxUses", c.uses,
         c.created_at as "createdAt", c.created_by as "createdBy", c.expires_at as "expiresAt", c.revoked_at as "revokedAt"
    from device_claim c
    left join device_type t on t.tenant_id = c.tenant_id and t.id = c.type_id
    left join device g on g.tenant_id = c.tenant_id and g.id = c.gateway_id`;

export async function listClaims(tx: Tx, page: { limit: number; cursor?: string | undefined }): Promise<Claim[]> {
  const { rows } = await tx.query<Claim>(
    `${SELECT} where ($1::uuid is null or c.id < $1) order by c.id desc limit $2`,
    [page.cursor ?? null, page.limit],
  );
  return rows;
}

/** @throws CLAIM_UNKNOWN */
export async function revokeClaim(tx: Tx, id: string, by: Actor, nowMs: number): Promise<void> {
  const { rowCount } = await tx.query('update device_claim set revoked_at = coalesce(revoked_at, $2) where id = $1', [
    id,
    new Date(nowMs),
  ]);
  if (rowCount === 0) throw deviceErrors.CLAIM_UNKNOWN({ id });
  await audit(tx, nowMs, by, [{ subject: 'claim', subjectId: id, action: 'revoked' }]);
}

/**
 * Registers a device by a code. Which tenant it belongs to, the code alone tells. Whatever is wrong with a code, the
 * answer is the same: a stranger learns nothing from it.
 *
 * @throws CLAIM_REFUSED, DEVICE_EXISTS (the name is taken; the code is not used up by it)
 */
export async function redeemClaim(
  deps: { db: Database; registry: DeviceRegistry; nowMs: number },
  code: string,
  name: string,
  source: string,
): Promise<IssuedCredential> {
  const { db, registry, nowMs } = deps;
  const codeHash = hashDeviceSecret(code);
  const found = await db.as('auth', (sql) =>
    sql.query<{ tenant_id: string }>('select tenant_id from device_claim where code_hash = $1', [codeHash]),
  );
  if (!found.rows[0]) throw deviceErrors.CLAIM_REFUSED({});
  return db.tenant(found.rows[0].tenant_id, async (tx) => {
    // The update's lock counts the uses: of two who redeem the last one, the second finds none.
    const used = await tx.query<{ id: string }>(
      `update device_claim set uses = uses + 1
        where code_hash = $1 and uses < max_uses and revoked_at is null and expires_at > $2 returning id`,
      [codeHash, new Date(nowMs)],
    );
    if (!used.rows[0]) throw deviceErrors.CLAIM_REFUSED({});
    const { rows } = await tx.query<Claim>(`${SELECT} where c.id = $1`, [used.rows[0].id]);
    const { id, kind, type, gateway } = rows[0]!;
    const by: Actor = { id: null, name: `claim code ${id}`, source };
    const device = { name, kind, type: type ?? undefined, gateway: gateway ?? undefined };
    const [credential] = await registry.registerIn(tx, [device], by);
    await audit(tx, nowMs, by, [
      { subject: 'claim', subjectId: id, action: 'redeemed', data: { device: name, deviceId: credential!.id } },
    ]);
    return credential!;
  });
}
