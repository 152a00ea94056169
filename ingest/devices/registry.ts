import { type Clock, type Database, newId, type Tx } from '../../platform/index.ts';
import { type Actor, audit, SYSTEM } from './audit/audit.ts';
import { deviceErrors } from './errors.ts';
import type { DeviceKind } from './identity.ts';
import { hashDeviceSecret, newDeviceSecret } from './secret.ts';

export interface NewDevice {
  name: string;
  kind: DeviceKind;
  /** Key of its type, if it has one. */
  type?: string | undefined;
  /** Name of the gateway that publishes for it, if any. */
  gateway?: string | undefined;
  description?: string | undefined;
  expectedIntervalMs?: number | undefined;
}

/** What can be changed of a registered device; null removes. */
export interface DeviceChange {
  type?: string | null | undefined;
  gateway?: string | null | undefined;
  description?: string | null | undefined;
  expectedIntervalMs?: number | null | undefined;
}

/** The only moment at which a secret is known. */
export interface IssuedCredential {
  id: string;
  name: string;
  username: string;
  secret: string;
}

/** Registers devices and issues, rotates and revokes their credentials; who asked for it goes into the audit. */
export interface DeviceRegistry {
  register(tenantId: string, devices: readonly NewDevice[], by?: Actor): Promise<IssuedCredential[]>;
  /** The same within a transaction of the caller's. */
  registerIn(tx: Tx, devices: readonly NewDevice[], by: Actor): Promise<IssuedCredential[]>;
  change(tenantId: string, idOrName: string, change: DeviceChange, by?: Actor): Promise<void>;
  /** @param overlapMs how long the secret so far stays good beside the new one */
  rotate(tenantId: string, idOrName: string, by?: Actor, overlapMs?: number): Promise<IssuedCredential>;
  revoke(tenantId: string, idOrName: string, by?: Actor): Promise<void>;
  /** Tells this process's intake of a device whose rights were changed by a committed transaction. */
  changed(deviceId: string): void;
}

export interface RegistryDeps {
  db: Database;
  clock: Clock;
  /** Told after a commit that changed what a credential entitles to. */
  changed?: (deviceId: string) => void;
}

interface Named {
  id: string;
  name: string;
  gateway_id: string | null;
}

export function createDeviceRegistry({ db, clock, changed = () => undefined }: RegistryDeps): DeviceRegistry {
  const registerIn: DeviceRegistry['registerIn'] = (tx, devices, by) =>
    registerDevices(tx, devices, by, clock.nowMs(), changed);
  return {
    changed,
    registerIn,
    register: (tenantId, devices, by = SYSTEM) => db.tenant(tenantId, (tx) => registerIn(tx, devices, by)),
    change: (tenantId, idOrName, change, by = SYSTEM) =>
      db.tenant(tenantId, (tx) => changeDevice(tx, idOrName, change, by, clock.nowMs(), changed)),
    rotate: (tenantId, idOrName, by = SYSTEM, overlapMs = 0) =>
      db.tenant(tenantId, async (tx) => {
        const secret = newDeviceSecret();
        const device = await updateNamed(
          tx,
          idOrName,
          `secret_hash = $2, version = version + 1, revoked_at = null,
           previous_hash = case when revoked_at is null and $3::timestamptz is not null then secret_hash end,
           previous_until = case when revoked_at is null then $3::timestamptz end`,
          hashDeviceSecret(secret),
          overlapMs > 0 ? new Date(clock.nowMs() + overlapMs) : null,
        );
        const { id, name } = device;
        await audit(tx, clock.nowMs(), by, [
          { subject: 'device', subjectId: id, action: 'rotated', data: { overlapMs } },
        ]);
        await announce(tx, device, changed);
        return { id, name, username: `${await slugOf(tx)}/${name}`, secret };
      }),
    revoke: (tenantId, idOrName, by = SYSTEM) =>
      db.tenant(tenantId, async (tx) => {
        const device = await updateNamed(
          tx,
          idOrName,
          `revoked_at = coalesce(revoked_at, $2), version = version + 1, previous_hash = null, previous_until = null`,
          new Date(clock.nowMs()),
        );
        await audit(tx, clock.nowMs(), by, [{ subject: 'device', subjectId: device.id, action: 'revoked' }]);
        await announce(tx, device, changed);
      }),
  };
}

/** Looks a device up by id or name. @throws DEVICE_UNKNOWN */
export async function deviceNamed(tx: Tx, idOrName: string): Promise<Named> {
  const { rows } = await tx.query<Named>('select id, name, gateway_id from device where id::text = $1 or name = $1', [
    idOrName,
  ]);
  if (!rows[0]) throw deviceErrors.DEVICE_UNKNOWN({ device: idOrName });
  return rows[0];
}

/** @param assignments SQL of ours, with the values from `$2` on */
async function updateNamed(tx: Tx, idOrName: string, assignments: string, ...values: unknown[]): Promise<Named> {
  const { rows } = await tx.query<Named>(
    `update device set ${assignments} where id::text = $1 or name = $1 returning id, name, gateway_id`,
    [idOrName, ...values],
  );
  if (!rows[0]) throw deviceErrors.DEVICE_UNKNOWN({ device: idOrName });
  return rows[0];
}

/** A device that comes or goes also changes what its gateway may publish for. */
async function announce(
  tx: Tx,
  device: { id: string; gateway_id: string | null },
  changed: (deviceId: string) => void,
): Promise<void> {
  const { id, gateway_id: gatewayId } = device;
  if (gatewayId !== null) await tx.query('update device set version = version + 1 where id = $1', [gatewayId]);
  tx.afterCommit(() => {
    changed(id);
    if (gatewayId !== null) changed(gatewayId);
  });
}

async function changeDevice(
  tx: Tx,
  idOrName: string,
  change: DeviceChange,
  by: Actor,
  nowMs: number,
  changed: (deviceId: string) => void,
): Promise<void> {
  const before = await deviceNamed(tx, idOrName);
  const types = await typeIds(tx, [{ type: change.type ?? undefined }]);
  const gateways = await gatewayIds(tx, [{ gateway: change.gateway ?? undefined }], new Map());
  const given = (value: unknown): boolean => value !== undefined;
  await tx.query(
    `update device set version = version + 1,
       type_id = case when $2 then $3 else type_id end,
       gateway_id = case when $4 then $5 else gateway_id end,
       description = case when $6 then $7 else description end,
       expected_interval_ms = case when $8 then $9 else expected_interval_ms end
      where id = $1`,
    [
      before.id,
      ...[given(change.type), change.type == null ? null : types.get(change.type)],
      ...[given(change.gateway), change.gateway == null ? null : gateways.get(change.gateway)],
      ...[given(change.description), change.description ?? null],
      ...[given(change.expectedIntervalMs), change.expectedIntervalMs ?? null],
    ],
  );
  await audit(tx, nowMs, by, [{ subject: 'device', subjectId: before.id, action: 'changed', data: { ...change } }]);
  // Another type is another default.
  if (given(change.type))
    await tx.query(
      `insert into device_configuration (tenant_id, device_id, version) values ($1, $2, 1)
       on conflict (tenant_id, device_id) do update set version = device_configuration.version + 1`,
      [tx.tenantId, before.id],
    );
  const after = await deviceNamed(tx, before.id);
  await announce(tx, after, changed);
  if (before.gateway_id !== after.gateway_id) await announce(tx, before, changed);
}

async function registerDevices(
  tx: Tx,
  devices: readonly NewDevice[],
  by: Actor,
  nowMs: number,
  changed: (deviceId: string) => void,
): Promise<IssuedCredential[]> {
  const slug = await slugOf(tx);
  const issued = devices.map(({ name }) => ({
    id: newId(),
    name,
    username: `${slug}/${name}`,
    secret: newDeviceSecret(),
  }));
  const idByName = new Map(issued.map(({ id, name }) => [name, id]));
  if (idByName.size < devices.length)
    throw deviceErrors.DEVICE_EXISTS({ names: repeated(devices) }, { field: 'devices' });
  const own = new Map(devices.flatMap(({ name, kind }) => (kind === 'gateway' ? [[name, idByName.get(name)!]] : [])));
  const gateways = await gatewayIds(tx, devices, own);
  const types = await typeIds(tx, devices);
  const { rows } = await tx.query<{ name: string }>(
    `insert into device (tenant_id, id, name, kind, gateway_id, type_id, description, secret_hash, expected_interval_ms,
       created_at)
     select $1, d.*, $10 from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::bytea[],
       $9::int[]) d
     on conflict (tenant_id, name) do nothing returning name`,
    [
      tx.tenantId,
      issued.map(({ id }) => id),
      devices.map(({ name }) => name),
      devices.map(({ kind }) => kind),
      devices.map(({ gateway }) => (gateway === undefined ? null : gateways.get(gateway)!)),
      devices.map(({ type }) => (type === undefined ? null : types.get(type)!)),
      devices.map(({ description }) => description ?? null),
      issued.map(({ secret }) => hashDeviceSecret(secret)),
      devices.map(({ expectedIntervalMs }) => expectedIntervalMs ?? null),
      new Date(nowMs),
    ],
  );
  if (rows.length < devices.length) {
    const made = new Set(rows.map(({ name }) => name));
    const names = devices.map(({ name }) => name).filter((name) => !made.has(name));
    throw deviceErrors.DEVICE_EXISTS({ names: names.slice(0, 20).join(', ') }, { field: 'name', detail: { names } });
  }
  const entries = devices.map(({ name, ...data }) => ({
    ...{ subject: 'device' as const, subjectId: idByName.get(name)!, action: 'registered' },
    data: { name, ...data },
  }));
  await audit(tx, nowMs, by, entries);
  const touched = [...new Set(gateways.values())];
  // A connected gateway learns of its new children.
  await tx.query('update device set version = version + 1 where id = any($1::uuid[])', [touched]);
  tx.afterCommit(() => touched.forEach(changed));
  return issued;
}

async function gatewayIds(
  tx: Tx,
  devices: readonly Pick<NewDevice, 'gateway'>[],
  own: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const names = [...new Set(devices.flatMap(({ gateway }) => gateway ?? []))];
  if (names.length === 0) return new Map();
  const { rows } = await tx.query<{ id: string; name: string }>(
    `select id, name from device where kind = 'gateway' and name = any($1)`,
    [names],
  );
  const ids = new Map([...rows.map(({ id, name }) => [name, id] as const), ...own]);
  const missing = names.find((name) => !ids.has(name));
  if (missing !== undefined) throw deviceErrors.DEVICE_GATEWAY({ gateway: missing }, { field: 'gateway' });
  return new Map(names.map((name) => [name, ids.get(name)!]));
}

async function typeIds(tx: Tx, devices: readonly Pick<NewDevice, 'type'>[]): Promise<Map<string, string>> {
  const keys = [...new Set(devices.flatMap(({ type }) => type ?? []))];
  if (keys.length === 0) return new Map();
  const { rows } = await tx.query<{ id: string; key: string }>('select id, key from device_type where key = any($1)', [
    keys,
  ]);
  const ids = new Map(rows.map(({ id, key }) => [key, id]));
  const missing = keys.find((key) => !ids.has(key));
  if (missing !== undefined) throw deviceErrors.DEVICE_TYPE_NAMED({ type: missing }, { field: 'type' });
  return ids;
}

function repeated(devices: readonly NewDevice[]): string {
  const seen = new Set<string>();
  const twice = devices.flatMap(({ name }) => (seen.size === seen.add(name).size ? [name] : []));
  return `${twice.slice(0, 20).join(', ')} (twice in this request)`;
}

async function slugOf(tx: Tx): Promise<string> {
  const { rows } = await tx.query<{ slug: string }>('select slug from tenant where id = current_tenant()');
  return rows[0]!.slug;
}
