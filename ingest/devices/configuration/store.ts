import type { Tx } from '../../../platform/index.ts';
import { type Actor, audit } from '../audit/audit.ts';
import { deviceErrors } from '../errors.ts';
import { deviceNamed } from '../registry.ts';
import { getDeviceType } from '../types/store.ts';
import { type Difference, type Document, differences, mergePatch } from './mergePatch.ts';

export const MAX_DOCUMENT_BYTES = 32 * 1024;

export interface DeviceConfiguration {
  /** Grows with every change of the device's own document or its type's. */
  version: number;
  /** The type's default with the device's own document merged over it. */
  desired: Document;
  typeDefault: Document;
  own: Document;
  /** The last version that was sent to a connection that listened. */
  sentVersion: number;
  reported: Document;
  /** The version that the device said it has applied. */
  reportedVersion: number | null;
  reportedAt: Date | null;
  differences: Difference[];
}

interface Row {
  type_default: Document | null;
  own: Document | null;
  version: number | null;
  sent_version: number | null;
  reported: Document | null;
  reported_version: number | null;
  reported_at: Date | null;
}

/** @throws DEVICE_UNKNOWN */
export async function getConfiguration(tx: Tx, idOrName: string): Promise<DeviceConfiguration> {
  const device = await deviceNamed(tx, idOrName);
  const { rows } = await tx.query<Row>(
    `select t.configuration as type_default, c.own, c.version, c.sent_version, c.reported, c.reported_version, c.reported_at
       from device d left join device_type t on t.tenant_id = d.tenant_id and t.id = d.type_id
       left join device_configuration c on c.tenant_id = d.tenant_id and c.device_id = d.id where d.id = $1`,
    [device.id],
  );
  const row = rows[0]!;
  const typeDefault = row.type_default ?? {};
  const own = row.own ?? {};
  const desired = mergePatch(typeDefault, own) as Document;
  const reported = row.reported ?? {};
  return {
    ...{ desired, typeDefault, own, reported },
    version: row.version ?? 0,
    sentVersion: row.sent_version ?? 0,
    reportedVersion: row.reported_version,
    reportedAt: row.reported_at,
    differences: differences(desired, reported),
  };
}

/**
 * Changes a device's own document: replaces it, or merges into it.
 *
 * @throws DEVICE_UNKNOWN, CONFIGURATION_SIZE
 */
export async function configureDevice(
  tx: Tx,
  idOrName: string,
  document: Document,
  how: 'replace' | 'merge',
  by: Actor,
  nowMs: number,
): Promise<void> {
  const device = await deviceNamed(tx, idOrName);
  // The row is made first: two changes at once are made one after the other, on what each finds.
  await tx.query(
    'insert into device_configuration (tenant_id, device_id) values ($1, $2) on conflict (tenant_id, device_id) do nothing',
    [tx.tenantId, device.id],
  );
  const { rows } = await tx.query<{ own: Document }>(
    'select own from device_configuration where device_id = $1 for update',
    [device.id],
  );
  // In a device's own document null stays: it takes a field of the type's default away.
  const own = how === 'replace' ? document : { ...rows[0]!.own, ...overlaid(rows[0]!.own, document) };
  demandSize(own);
  await tx.query('update device_configuration set own = $2::jsonb, version = version + 1 where device_id = $1', [
    device.id,
    JSON.stringify(own),
  ]);
  await audit(tx, nowMs, by, [
    { subject: 'device', subjectId: device.id, action: 'configured', data: { how, document } },
  ]);
}

/** Replaces a type's default; each of its devices has a new version then. @throws DEVICE_TYPE_UNKNOWN */
export async function configureType(
  tx: Tx,
  idOrKey: string,
  document: Document,
  by: Actor,
  nowMs: number,
): Promise<void> {
  const type = await getDeviceType(tx, idOrKey);
  demandSize(document);
  await tx.query('update device_type set configuration = $2::jsonb, version = version + 1 where id = $1', [
    type.id,
    JSON.stringify(document),
  ]);
  await tx.query(
    `insert into device_configuration (tenant_id, device_id, version)
     select tenant_id, id, 1 from device where type_id = $1
     on conflict (tenant_id, device_id) do update set version = device_configuration.version + 1`,
    [type.id],
  );
  await audit(tx, nowMs, by, [{ subject: 'type', subjectId: type.id, action: 'configured', data: { document } }]);
}

/** Merges what a device reports into what it reported before. */
export async function keepReported(
  tx: Tx,
  deviceId: string,
  report: { version: number | null; config: Document },
  nowMs: number,
): Promise<string | null> {
  await tx.query(
    'insert into device_configuration (tenant_id, device_id) values ($1, $2) on conflict (tenant_id, device_id) do nothing',
    [tx.tenantId, deviceId],
  );
  const { rows } = await tx.query<{ reported: Document; reported_version: number | null }>(
    'select reported, reported_version from device_configuration where device_id = $1 for update',
    [deviceId],
  );
  const before = rows[0]!;
  const reported = mergePatch(before.reported, report.config) as Document;
  const text = JSON.stringify(reported);
  if (Buffer.byteLength(text) > MAX_DOCUMENT_BYTES)
    return `the configuration reported has more than ${MAX_DOCUMENT_BYTES} bytes; report less, and remove fields with null`;
  await tx.query(
    `update device_configuration set reported = $2::jsonb, reported_version = coalesce($3, reported_version),
       reported_at = $4 where device_id = $1`,
    [deviceId, text, report.version, new Date(nowMs)],
  );
  return null;
}

function demandSize(document: Document): void {
  const bytes = Buffer.byteLength(JSON.stringify(document));
  if (bytes > MAX_DOCUMENT_BYTES)
    throw deviceErrors.CONFIGURATION_SIZE({ bytes, limit: MAX_DOCUMENT_BYTES }, { field: 'document' });
}

/** Fields of the change over those that are there; objects are merged, null is kept as such. */
function overlaid(own: Document, change: Document): Document {
  const before = new Map(Object.entries(own));
  const isDocument = (value: unknown): value is Document =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  return Object.fromEntries(
    Object.entries(change).map(([key, value]) => {
      const old = before.get(key);
      return [key, isDocument(value) && isDocument(old) ? { ...old, ...overlaid(old, value) } : value];
    }),
  );
}
