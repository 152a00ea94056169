import { newId, type Tx } from '../../../platform/index.ts';
import { type Actor, audit } from '../audit/audit.ts';
import { deviceErrors } from '../errors.ts';
import type { DeclaredPoint, DeviceType, DeviceTypeDraft } from './deviceType.ts';

interface Row {
  id: string;
  key: string;
  name: string;
  vendor: string | null;
  model: string | null;
  telemetry_format: string | null;
  mapping_version_id: string | null;
  expected_interval_ms: number | null;
  points: DeclaredPoint[];
  version: number;
  devices: number;
  created_at: Date;
  updated_at: Date;
}

const SELECT = `
  select t.id, t.key, t.name, t.vendor, t.model, t.telemetry_format, t.mapping_version_id, t.expected_interval_ms, t.points,
         t.version, t.created_at, t.updated_at,
         (select count(*)::int from device d where d.tenant_id = t.tenant_id and d.type_id = t.id) as devices
    from device_type t`;

export async function listDeviceTypes(
  tx: Tx,
  page: { limit: number; cursor?: string | undefined },
): Promise<DeviceType[]> {
  const { rows } = await tx.query<Row>(`${SELECT} where t.key > $1 collate "C" order by t.key limit $2`, [
    page.cursor ?? '',
    page.limit,
  ]);
  return rows.map(typeOf);
}

/** @throws DEVICE_TYPE_UNKNOWN */
export async function getDeviceType(tx: Tx, idOrKey: string): Promise<DeviceType> {
  const { rows } = await tx.query<Row>(`${SELECT} where t.id::text = $1 or t.key = $1`, [idOrKey]);
  if (!rows[0]) throw deviceErrors.DEVICE_TYPE_UNKNOWN({ type: idOrKey });
  return typeOf(rows[0]);
}

/** @throws DEVICE_TYPE_EXISTS, DEVICE_TYPE_MAPPING */
export async function createDeviceType(tx: Tx, draft: DeviceTypeDraft, by: Actor, nowMs: number): Promise<DeviceType> {
  await demandMapping(tx, draft);
  const id = newId();
  const { rowCount } = await tx.query(
    `insert into device_type (tenant_id, id, key, name, vendor, model, telemetry_format, mapping_version_id,
       expected_interval_ms, points, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $11) on conflict (tenant_id, key) do nothing`,
    [tx.tenantId, id, ...columnsOf(draft), new Date(nowMs)],
  );
  if (rowCount === 0) throw deviceErrors.DEVICE_TYPE_EXISTS({ key: draft.key }, { field: 'key' });
  await audit(tx, nowMs, by, [{ subject: 'type', subjectId: id, action: 'created', data: { ...draft } }]);
  return getDeviceType(tx, id);
}

/**
 * Replaces what is said about a type. A change of format or points reaches connected devices and intakes through the
 * versions of the devices and their gateways; `touched` are those.
 *
 * @throws DEVICE_TYPE_UNKNOWN, DEVICE_TYPE_EXISTS, DEVICE_TYPE_CHANGED, DEVICE_TYPE_MAPPING
 */
export async function replaceDeviceType(
  tx: Tx,
  idOrKey: string,
  draft: DeviceTypeDraft,
  expectedVersion: number | undefined,
  by: Actor,
  nowMs: number,
): Promise<{ type: DeviceType; touched: string[] }> {
  const before = await lock(tx, idOrKey);
  if (expectedVersion !== undefined && expectedVersion !== before.version)
    throw deviceErrors.DEVICE_TYPE_CHANGED({ key: before.key, version: before.version }, { field: 'version' });
  const taken = await tx.query('select from device_type where key = $1 and id <> $2', [draft.key, before.id]);
  if (taken.rowCount !== 0) throw deviceErrors.DEVICE_TYPE_EXISTS({ key: draft.key }, { field: 'key' });
  await demandMapping(tx, draft);
  await tx.query(
    `update device_type set key = $2, name = $3, vendor = $4, model = $5, telemetry_format = $6, mapping_version_id = $7,
       expected_interval_ms = $8, points = $9::jsonb, updated_at = $10, version = version + 1 where id = $1`,
    [before.id, ...columnsOf(draft), new Date(nowMs)],
  );
  const after = await getDeviceType(tx, before.id);
  const changes = changesBetween(before, after);
  await audit(tx, nowMs, by, [{ subject: 'type', subjectId: before.id, action: 'changed', data: changes }]);
  const reaches = 'telemetryFormat' in changes || 'mappingVersionId' in changes;
  return { type: after, touched: reaches ? await bumpDevicesOf(tx, before.id) : [] };
}

/** @throws DEVICE_TYPE_UNKNOWN, DEVICE_TYPE_USED */
export async function deleteDeviceType(tx: Tx, idOrKey: string, by: Actor, nowMs: number): Promise<void> {
  const type = await lock(tx, idOrKey);
  if (type.devices > 0) throw deviceErrors.DEVICE_TYPE_USED({ key: type.key, devices: type.devices });
  await tx.query('delete from device_type where id = $1', [type.id]);
  await audit(tx, nowMs, by, [{ subject: 'type', subjectId: type.id, action: 'deleted', data: { key: type.key } }]);
}

/** Connected clients of these devices, and gateways that publish for them, must learn of a change. */
export async function bumpDevicesOf(tx: Tx, typeId: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `update device set version = version + 1
      where type_id = $1 or id in (select gateway_id from device where type_id = $1) returning id`,
    [typeId],
  );
  return rows.map(({ id }) => id);
}

async function lock(tx: Tx, idOrKey: string): Promise<DeviceType> {
  await tx.query('select from device_type where id::text = $1 or key = $1 for update', [idOrKey]);
  return getDeviceType(tx, idOrKey);
}

/** A version that is missing would keep all that its devices send in quarantine. */
async function demandMapping(tx: Tx, { mappingVersionId }: DeviceTypeDraft): Promise<void> {
  if (mappingVersionId === undefined) return;
  const { rowCount } = await tx.query('select from payload_mapping_version where id = $1', [mappingVersionId]);
  if (rowCount === 0) throw deviceErrors.DEVICE_TYPE_MAPPING({ mappingVersionId }, { field: 'mappingVersionId' });
}

function columnsOf(draft: DeviceTypeDraft): unknown[] {
  return [
    draft.key,
    draft.name,
    draft.vendor ?? null,
    draft.model ?? null,
    draft.telemetryFormat ?? null,
    draft.mappingVersionId ?? null,
    draft.expectedIntervalMs ?? null,
    JSON.stringify(draft.points),
  ];
}

const FIELDS = [
  'key',
  'name',
  'vendor',
  'model',
  'telemetryFormat',
  'mappingVersionId',
  'expectedIntervalMs',
  'points',
] as const;

function changesBetween(before: DeviceType, after: DeviceType): Record<string, unknown> {
  const changed = FIELDS.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  return Object.fromEntries(changed.map((field) => [field, { from: before[field] ?? null, to: after[field] ?? null }]));
}

function typeOf(row: Row): DeviceType {
  return {
    id: row.id,
    key: row.key,
    name: row.name,
    vendor: row.vendor ?? undefined,
    model: row.model ?? undefined,
    telemetryFormat: row.telemetry_format ?? undefined,
    mappingVersionId: row.mapping_version_id ?? undefined,
    expectedIntervalMs: row.expected_interval_ms ?? undefined,
    points: row.points,
    version: row.version,
    devices: row.devices,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
