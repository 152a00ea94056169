import type { Sql, Tx } from '../../../platform/index.ts';
import type { Scope } from '../scope.ts';
import type { ThresholdValue } from '../settingsFor.ts';

/** A value in force, with how it came to be. */
export interface HeldValue extends ThresholdValue {
  readonly changeId: string;
  readonly author: string;
  readonly reason: string;
  readonly appliedBy: string;
  readonly appliedAt: Date;
}

const SELECT = `select t.setting, t.machine_class as "machineClass", t.machine_id as "machineId", t.point_key as "pointKey",
    t.feature, t.regime, t.value, t.change_id as "changeId", c.author, c.reason, c.settled_by as "appliedBy",
    c.settled_at as "appliedAt"
  from threshold t join threshold_change c on c.tenant_id = t.tenant_id and c.id = t.change_id
  where t.tenant_id = current_tenant()`;

const AT = `t.setting = $1 and t.machine_class is not distinct from $2 and t.machine_id is not distinct from $3
  and t.point_key is not distinct from $4 and t.feature is not distinct from $5 and t.regime is not distinct from $6`;
const place = (setting: string, scope: Scope) => [
  setting,
  scope.machineClass,
  scope.machineId,
  scope.pointKey,
  scope.feature,
  scope.regime,
];

/** Everything that is set in the tenant. */
export async function listValues(sql: Sql): Promise<HeldValue[]> {
  const { rows } = await sql.query<HeldValue>(
    `${SELECT} order by t.setting, t.machine_class nulls first, t.machine_id, t.point_key, t.feature, t.regime`,
  );
  return rows;
}

/** What is set for exactly this scope. */
export async function valueAt(sql: Sql, setting: string, scope: Scope): Promise<HeldValue | null> {
  const { rows } = await sql.query<HeldValue>(`${SELECT} and ${AT}`, place(setting, scope));
  return rows[0] ?? null;
}

export async function putValue(
  tx: Tx,
  setting: string,
  scope: Scope,
  value: number | null,
  changeId: string,
): Promise<void> {
  await tx.query(`delete from threshold t where t.tenant_id = current_tenant() and ${AT}`, place(setting, scope));
  if (value === null) return;
  await tx.query(
    `insert into threshold (tenant_id, setting, machine_class, machine_id, point_key, feature, regime, value, change_id)
     values (current_tenant(), $1, $2, $3, $4, $5, $6, $7, $8)`,
    [...place(setting, scope), value, changeId],
  );
}

/** The tenant's version, locked: changes are applied one after another. 0 before the first. */
export async function lockVersion(tx: Tx): Promise<number> {
  await tx.query('insert into threshold_set (tenant_id, version) values (current_tenant(), 0) on conflict do nothing');
  const { rows } = await tx.query<{ version: bigint }>(
    'select version from threshold_set where tenant_id = current_tenant() for update',
  );
  return Number(rows[0]!.version);
}

export async function saveVersion(tx: Tx, version: number): Promise<void> {
  await tx.query('update threshold_set set version = $1 where tenant_id = current_tenant()', [version]);
}
