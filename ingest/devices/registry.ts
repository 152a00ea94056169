import { type Clock, type Database, newId, type Tx } from '../../platform/index.ts';
import { deviceErrors } from './errors.ts';
import type { DeviceKind } from './identity.ts';
import { hashDeviceSecret, newDeviceSecret } from './secret.ts';

export interface NewDevice {
  name: string;
  kind: DeviceKind;
  /** Name of the gateway that publishes for it, if any. */
  gateway?: string | undefined;
  description?: string | undefined;
  expectedIntervalMs?: number | undefined;
}

/** The only moment at which a secret is known. */
export interface IssuedCredential {
  id: string;
  name: string;
  username: string;
  secret: string;
}

/** Registers devices and issues, rotates and revokes their credentials. */
export interface DeviceRegistry {
  register(tenantId: string, devices: readonly NewDevice[]): Promise<IssuedCredential[]>;
  rotate(tenantId: string, idOrName: string): Promise<IssuedCredential>;
  revoke(tenantId: string, idOrName: string): Promise<void>;
}

export interface RegistryDeps {
  db: Database;
  clock: Clock;
  /** Told after a commit that changed what a credential entitles to. */
  changed?: (deviceId: string) => void;
}

export function createDeviceRegistry({ db, clock, changed = () => undefined }: RegistryDeps): DeviceRegistry {
  return {
    register: (tenantId, devices) => db.tenant(tenantId, (tx) => register(tx, devices, clock, changed)),
    rotate: (tenantId, idOrName) =>
      db.tenant(tenantId, async (tx) => {
        const secret = newDeviceSecret();
        const { rows } = await tx.query<{ id: string; name: string; gateway_id: string | null }>(
          `update device set secret_hash = $2, version = version + 1, revoked_at = null
            where id::text = $1 or name = $1 returning id, name, gateway_id`,
          [idOrName, hashDeviceSecret(secret)],
        );
        const device = rows[0];
        if (!device) throw deviceErrors.DEVICE_UNKNOWN({ device: idOrName });
        const { id, name } = device;
        await announce(tx, device, changed);
        return { id, name, username: `${await slugOf(tx)}/${name}`, secret };
      }),
    revoke: (tenantId, idOrName) =>
      db.tenant(tenantId, async (tx) => {
        const { rows } = await tx.query<{ id: string; gateway_id: string | null }>(
          `update device set revoked_at = coalesce(revoked_at, $2), version = version + 1
            where id::text = $1 or name = $1 returning id, gateway_id`,
          [idOrName, new Date(clock.nowMs())],
        );
        const device = rows[0];
        if (!device) throw deviceErrors.DEVICE_UNKNOWN({ device: idOrName });
        await announce(tx, device, changed);
      }),
  };
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

async function register(
  tx: Tx,
  devices: readonly NewDevice[],
  clock: Clock,
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
  const gateways = await gatewayIds(tx, devices, idByName);
  const { rows } = await tx.query<{ name: string }>(
    `insert into device (tenant_id, id, name, kind, gateway_id, description, secret_hash, expected_interval_ms, created_at)
     select $1, d.*, $9 from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::bytea[], $8::int[]) d
     on conflict (tenant_id, name) do nothing returning name`,
    [
      tx.tenantId,
      issued.map(({ id }) => id),
      devices.map(({ name }) => name),
      devices.map(({ kind }) => kind),
      devices.map(({ gateway }) => (gateway === undefined ? null : gateways.get(gateway)!)),
      devices.map(({ description }) => description ?? null),
      issued.map(({ secret }) => hashDeviceSecret(secret)),
      devices.map(({ expectedIntervalMs }) => expectedIntervalMs ?? null),
      new Date(clock.nowMs()),
    ],
  );
  if (rows.length < devices.length) {
    const made = new Set(rows.map(({ name }) => name));
    const names = devices.map(({ name }) => name).filter((name) => !made.has(name));
    throw deviceErrors.DEVICE_EXISTS({ names: names.slice(0, 20).join(', ') }, { field: 'name', detail: { names } });
  }
  const touched = [...new Set(gateways.values())];
  // A connected gateway learns of its new children.
  await tx.query('update device set version = version + 1 where id = any($1::uuid[])', [touched]);
  tx.afterCommit(() => touched.forEach(changed));
  return issued;
}

async function gatewayIds(
  tx: Tx,
  devices: readonly NewDevice[],
  own: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const names = [...new Set(devices.flatMap(({ gateway }) => gateway ?? []))];
  const { rows } = await tx.query<{ id: string; name: string }>(
    `select id, name from device where kind = 'gateway' and name = any($1)`,
    [names],
  );
  const ids = new Map(rows.map(({ id, name }) => [name, id]));
  for (const { name, kind } of devices) if (kind === 'gateway') ids.set(name, own.get(name)!);
  const missing = names.find((name) => !ids.has(name));
  if (missing !== undefined) throw deviceErrors.DEVICE_GATEWAY({ gateway: missing }, { field: 'gateway' });
  return new Map(names.map((name) => [name, ids.get(name)!]));
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
