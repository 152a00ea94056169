import { newId, type Sql } from '../../platform/index.ts';
import type { TopicKind } from '../spool/index.ts';
import type { Message, QuarantineCode, Rejection } from '../units.ts';

/** Texts of senders are bounded, and hold nothing that PostgreSQL cannot. */
const MAX_REASON_CHARACTERS = 1000;

/** One message, or some of its units, kept because it could not be stored. */
export interface QuarantineEntry {
  id: string;
  device: string;
  deviceId: string;
  kind: TopicKind;
  /** The format it was taken in under. */
  format: string;
  /** The topic's last levels (those before them are the same for the whole tenant), or a vendor's topic. */
  topic: string;
  reasonCode: QuarantineCode;
  field: string | null;
  reason: string;
  /** Positions in the message; null: the message as a whole. */
  unitIndexes: number[] | null;
  /** Units that are still here; 0 once all could be stored. */
  units: number;
  payloadBytes: number;
  receivedNs: bigint;
  replayedAt: Date | null;
}

export interface QuarantinedMessage extends QuarantineEntry {
  vendorTopic: string | null;
  /** At most as long as the limit that it was taken in under; shorter than `payloadBytes`: cut. */
  payload: Uint8Array;
  receipt: string;
  repeated: boolean;
}

/** Some units of one message that have to be put away, all of them for the same kind of reason. */
export interface Quarantining {
  message: Message;
  code: QuarantineCode;
  field: string | null;
  reason: string;
  unitIndexes: number[] | null;
  units: number;
}

/** The entries that a message's rejections make: one for each kind of reason. `messageUnits` is what it counted as. */
export function quarantinings(
  message: Message,
  messageUnits: number,
  rejections: readonly Rejection[],
): Quarantining[] {
  if (rejections.length === 0) return [];
  return [...Map.groupBy(rejections, (rejection) => rejection.code).values()].map((group) => {
    const { index, code, field, reason } = group[0]!;
    const whole = index === null;
    return {
      message,
      code,
      field: field === null ? null : bounded(field),
      reason: bounded(reason),
      unitIndexes: whole ? null : group.map((rejection) => rejection.index!),
      units: whole ? messageUnits : group.length,
    };
  });
}

/** A device that sends nothing but rubbish must not slow down the others: many entries go in one statement. */
const ENTRIES_A_STATEMENT = 200;

/** Puts units away, within the transaction that moves the cursor past them. */
export async function quarantine(tx: Sql, entries: readonly Quarantining[], maxPayloadBytes: number): Promise<void> {
  for (let start = 0; start < entries.length; start += ENTRIES_A_STATEMENT) {
    const values: unknown[] = [];
    const rows = entries.slice(start, start + ENTRIES_A_STATEMENT).map(({ message, ...entry }) => {
      const first = values.length + 1;
      values.push(
        message.tenantId,
        newId(),
        message.deviceName,
        message.deviceId,
        message.kind,
        message.vendorTopic ?? `${message.deviceName}/${message.kind}`,
        message.format,
        message.vendorTopic,
        entry.code,
        entry.field,
        entry.reason,
        entry.unitIndexes,
        entry.units,
        Buffer.from(message.payload.subarray(0, maxPayloadBytes)),
        message.payload.byteLength,
        message.receipt,
        message.duplicate,
        message.arrivalNs,
      );
      return `(${Array.from({ length: values.length - first + 1 }, (_, i) => `$${first + i}`).join(', ')})`;
    });
    await tx.query(
      `insert into quarantine (tenant_id, id, device, device_id, kind, topic, format, vendor_topic, reason_code, field, reason,
         unit_indexes, units,         payload, payload_bytes, receipt, repeated, arrival_ns) values ${rows.join(', ')}`,
      values,
    );
  }
}

/** A text fit for a column: no NUL, not too long. */
export function bounded(text: string): string {
  return text.slice(0, MAX_REASON_CHARACTERS).replaceAll('\0', '\ufffd').toWellFormed();
}

const COLUMNS = `id, device, device_id, kind, topic, format, reason_code, field, reason, unit_indexes, units, payload_bytes, arrival_ns, replayed_at`;

interface Row {
  id: string;
  device: string;
  device_id: string;
  kind: TopicKind;
  topic: string;
  format: string;
  reason_code: QuarantineCode;
  field: string | null;
  reason: string;
  unit_indexes: number[] | null;
  units: number;
  payload_bytes: number;
  arrival_ns: bigint;
  replayed_at: Date | null;
}

function entryOf(row: Row): QuarantineEntry {
  return {
    id: row.id,
    device: row.device,
    deviceId: row.device_id,
    kind: row.kind,
    topic: row.topic,
    format: row.format,
    reasonCode: row.reason_code,
    field: row.field,
    reason: row.reason,
    unitIndexes: row.unit_indexes,
    units: row.units,
    payloadBytes: row.payload_bytes,
    receivedNs: row.arrival_ns,
    replayedAt: row.replayed_at,
  };
}

export interface QuarantineFilter {
  reasonCode?: string | undefined;
  device?: string | undefined;
  /** Settled entries, all of whose units could be stored, are left out unless asked for. */
  settled?: boolean | undefined;
  /** Entries older than this one. */
  before?: string | undefined;
  limit: number;
}

/** Newest first: ids are UUIDv7, so they sort by time. */
export async function listQuarantine(tx: Sql, filter: QuarantineFilter): Promise<QuarantineEntry[]> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from quarantine
     where tenant_id = current_tenant() and ($1::text is null or reason_code = $1) and ($2::text is null or device = $2)
       and ($3::bool or units > 0) and ($4::uuid is null or id < $4)
     order by id desc limit $5`,
    [filter.reasonCode ?? null, filter.device ?? null, filter.settled ?? false, filter.before ?? null, filter.limit],
  );
  return rows.map(entryOf);
}

/** One entry with its payload; `lock` holds it until the transaction ends. */
export async function getQuarantined(
  tx: Sql,
  tenantId: string,
  id: string,
  lock: boolean,
): Promise<QuarantinedMessage | null> {
  const { rows } = await tx.query<
    Row & { payload: Buffer; receipt: string; repeated: boolean; vendor_topic: string | null }
  >(
    `select ${COLUMNS}, vendor_topic, payload, receipt, repeated from quarantine where tenant_id = $1 and id = $2 ${lock ? 'for update' : ''}`,
    [tenantId, id],
  );
  const row = rows[0];
  if (!row) return null;
  const { payload, receipt, repeated, vendor_topic: vendorTopic } = row;
  return { ...entryOf(row), payload, receipt, repeated, vendorTopic };
}

/** Leaves in an entry what a replay could not store, with the newest reason. */
export async function updateQuarantined(
  tx: Sql,
  tenantId: string,
  id: string,
  left: { format: string; units: number; rejection: Rejection | null; unitIndexes: number[] | null },
): Promise<void> {
  await tx.query(
    `update quarantine set format = $8, units = $3, unit_indexes = $4, replayed_at = now(),
       reason_code = coalesce($5, reason_code), field = case when $5::text is null then field else $6 end, reason = coalesce($7, reason)
     where tenant_id = $1 and id = $2`,
    [
      tenantId,
      id,
      left.units,
      left.unitIndexes,
      left.rejection?.code ?? null,
      left.rejection?.field == null ? null : bounded(left.rejection.field),
      left.rejection ? bounded(left.rejection.reason) : null,
      left.format,
    ],
  );
}

/** Makes an entry another device's. */
export async function moveQuarantined(
  tx: Sql,
  tenantId: string,
  id: string,
  to: { deviceId: string; deviceName: string },
): Promise<void> {
  await tx.query('update quarantine set device = $3, device_id = $4 where tenant_id = $1 and id = $2', [
    tenantId,
    id,
    to.deviceName,
    to.deviceId,
  ]);
}

/** Removes entries that arrived before a time, a bounded number at a time; says how many units of whose. */
export async function expireQuarantine(
  tx: Sql,
  beforeNs: bigint,
  atMost = 1000,
): Promise<{ tenantId: string; device: string; count: number }[]> {
  const { rows } = await tx.query<{ tenant_id: string; device: string; units: bigint }>(
    `with gone as (
       delete from quarantine where ctid = any(array(
         select ctid from quarantine where arrival_ns < $1 order by arrival_ns limit $2 for update skip locked))
       returning tenant_id, device, units)
     select tenant_id, device, sum(units)::bigint as units from gone group by 1, 2`,
    [beforeNs, atMost],
  );
  return rows.map((row) => ({ tenantId: row.tenant_id, device: row.device, count: Number(row.units) }));
}
