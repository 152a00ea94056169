import { setImmediate } from 'node:timers/promises';
import type { TimePolicy } from './arrivalTime.ts';
import type { DecodedOnce } from './decodedOnce.ts';
import type { FormatShelf } from './mapping/shelf.ts';
import type { DamagedRange, RecordHeader, Spool } from './spool/index.ts';
import { type Message, type MessageUnits, unitsOf } from './units.ts';

/** Units decoded before others get their turn: some 10 ms. */
const UNITS_AT_A_STRETCH = 2_000;
/** What a decoded unit takes in memory, about; of a message with one sample it is far more than the payload. */
const UNIT_BYTES = 2048;

/** One record of the spool, taken apart. */
export interface SpooledMessage {
  offset: number;
  message: Message;
  /** Units counted at acceptance, from the record's header. */
  accepted: number;
  units: MessageUnits;
}

/** A stretch of the spool, ready to be stored or fed. */
export interface SpooledBatch {
  from: number;
  to: number;
  messages: SpooledMessage[];
  /** Stretches of which not even a header is left: nobody can tell what they held. */
  lost: DamagedRange[];
}

/** Reads and decodes what follows a position; null when nothing durable does. Holds at most about `maxBytes`. */
export async function readSpooled(
  spool: Spool,
  position: number,
  maxBytes: number,
  policy: TimePolicy,
  shared: DecodedOnce,
  formats: FormatShelf,
): Promise<SpooledBatch | null> {
  const from = Math.max(position, spool.firstOffset());
  const { records, damaged, nextOffset } = await spool.read(from, maxBytes);
  if (nextOffset === from) return null;
  await formats.load(records.map((record) => record.format));
  const messages: SpooledMessage[] = [];
  let decoded = 0;
  for (const record of records) {
    const message = messageOf(spool, record.offset, record, record.payload);
    const cost = record.payload.byteLength + record.units * UNIT_BYTES;
    const units = shared.take(record.offset, cost, () => unitsOf(message, policy, formats.find));
    messages.push({ offset: record.offset, message, accepted: record.units, units });
    decoded += record.units;
    if (decoded < UNITS_AT_A_STRETCH) continue;
    decoded = 0;
    await setImmediate(); // the front shares this thread: a backlog must not delay its PUBACKs
  }
  for (const range of damaged) if (range.header) messages.push(damagedMessage(spool, range.offset, range.header));
  return { from: position, to: nextOffset, messages, lost: damaged.filter((range) => range.header === null) };
}

function messageOf(spool: Spool, offset: number, header: RecordHeader, payload: Uint8Array): Message {
  const { tenantId, deviceId, deviceName, kind, format, vendorTopic, arrivalNs, duplicate } = header;
  const receipt = `${spool.id}:${offset}`;
  return { tenantId, deviceId, deviceName, kind, format, vendorTopic, arrivalNs, duplicate, payload, receipt };
}

function damagedMessage(spool: Spool, offset: number, header: RecordHeader): SpooledMessage {
  const reason = 'The message was damaged on the spool’s disk after it was accepted; have the device send it again.';
  return {
    offset,
    message: messageOf(spool, offset, header, new Uint8Array(0)),
    accepted: header.units,
    units: { readings: [], blocks: [], rejections: [{ index: null, code: 'SPOOL_DAMAGED', field: null, reason }] },
  };
}
