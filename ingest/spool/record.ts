import { endianness } from 'node:os';
import { crc32 } from 'node:zlib';
import type { EncodedOrigin, RecordHeader, RecordOrigin, TopicKind } from './types.ts';

/*
 * One record on disk (little endian):
 *   0  u32 marker        the spool's own random word: a payload cannot contain a forged record
 *   4  u32 header CRC    of the bytes from 8 to the payload, xor the low word of the record's offset
 *   8  16 B tenant id    \
 *  24  16 B device id     | the origin: the same for every message of one device and kind,
 *  40  u8 kind, u8 name length, u8 layout version, u8 format length, u16 vendor topic length
 *  46  device name, format, vendor topic
 *      (layout version 1, no longer written: u8 0 at 43, the name at 44, no format, no topic)
 *   …  u32 flags, u32 payload length, u32 payload CRC, u32 units, u64 arrival ns
 *   …  payload
 */
const ORIGIN_START = 8;
const TEXTS_START = 46;
/** Records written before payload formats had names: a telemetry message was JSON, a waveform FLW1. */
const TEXTS_START_V1 = 44;
const FORMATS_V1 = { telemetry: 'json', waveform: 'flw1' } as const;
const VARIABLE_BYTES = 24;
const LAYOUT_VERSION = 2;
const MAX_NAME_BYTES = 255;
const MAX_FORMAT_BYTES = 63;
/** Longer vendor topics are refused by the front. */
export const MAX_VENDOR_TOPIC_BYTES = 512;
const FLAG_DUPLICATE = 1;
const KINDS: readonly TopicKind[] = ['telemetry', 'waveform'];

/** The smallest a record can be: an empty payload of a device with a one-byte name. */
export const MIN_RECORD_BYTES = TEXTS_START_V1 + 1 + VARIABLE_BYTES;
/** The largest header: more than this is never needed to decide whether a header is sound. */
export const MAX_HEADER_BYTES =
  TEXTS_START + MAX_NAME_BYTES + MAX_FORMAT_BYTES + MAX_VENDOR_TOPIC_BYTES + VARIABLE_BYTES;

/** The random words that make a spool's records its own. */
export interface SpoolSecret {
  marker: number;
  seed: number;
}

const CRC_TABLE = new Int32Array(256);
for (let index = 0; index < 256; index++) {
  let word = index;
  for (let bit = 0; bit < 8; bit++) word = word & 1 ? (word >>> 1) ^ 0xedb88320 : word >>> 1;
  CRC_TABLE[index] = word;
}

/** Continues a CRC-32 over a few bytes; for so few, a call into zlib costs more than the sum. */
function continueCrc(crc: number, bytes: Buffer, start: number, end: number): number {
  let state = ~crc;
  for (let at = start; at < end; at++) state = CRC_TABLE[(state ^ bytes[at]!) & 0xff]! ^ (state >>> 8);
  return ~state >>> 0;
}

/** 64 bits and their halves: a Buffer puts them together by arithmetic of bigints, at ten times the cost. */
const whole = new BigUint64Array(1);
const halves = new Uint32Array(whole.buffer);
const [LOW, HIGH] = endianness() === 'LE' ? [0, 1] : [1, 0];

const uuidBytes = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');

function uuidText(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at, at + 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** @throws {RangeError} for an id that is no UUID, a name that is empty or over 255 bytes, a format or topic too long */
export function encodeOrigin(secret: SpoolSecret, origin: RecordOrigin): EncodedOrigin {
  const name = Buffer.from(origin.deviceName, 'utf8');
  const format = Buffer.from(origin.format, 'utf8');
  const topic = Buffer.from(origin.vendorTopic ?? '', 'utf8');
  const tenant = uuidBytes(origin.tenantId);
  const device = uuidBytes(origin.deviceId);
  if (name.length < 1 || name.length > MAX_NAME_BYTES) throw new RangeError('a device name has 1 to 255 bytes');
  if (tenant.length !== 16 || device.length !== 16) throw new RangeError('tenant and device ids are UUIDs');
  if (format.length < 1 || format.length > MAX_FORMAT_BYTES) throw new RangeError('a format has 1 to 63 bytes');
  if (topic.length > MAX_VENDOR_TOPIC_BYTES) throw new RangeError('a vendor topic has at most 512 bytes');
  const texts = TEXTS_START - ORIGIN_START;
  const bytes = Buffer.alloc(texts + name.length + format.length + topic.length);
  tenant.copy(bytes, 0);
  device.copy(bytes, 16);
  bytes[32] = KINDS.indexOf(origin.kind);
  bytes[33] = name.length;
  bytes[34] = LAYOUT_VERSION;
  bytes[35] = format.length;
  bytes.writeUInt16LE(topic.length, 36);
  name.copy(bytes, texts);
  format.copy(bytes, texts + name.length);
  topic.copy(bytes, texts + name.length + format.length);
  return { bytes, crc: crc32(bytes, secret.seed) };
}

/** Bytes that a record of this origin and payload takes. */
export function recordBytes(origin: EncodedOrigin, payloadBytes: number): number {
  return ORIGIN_START + origin.bytes.length + VARIABLE_BYTES + payloadBytes;
}

/** Writes one record at `at` of `target` and returns where it ends. `offset` is its position in the whole spool. */
export function writeRecord(
  target: Buffer,
  at: number,
  offset: number,
  secret: SpoolSecret,
  origin: EncodedOrigin,
  arrivalNs: bigint,
  units: number,
  duplicate: boolean,
  source: Buffer,
  start: number,
  end: number,
): number {
  target.set(origin.bytes, at + ORIGIN_START);
  const variable = at + ORIGIN_START + origin.bytes.length;
  const payload = variable + VARIABLE_BYTES;
  source.copy(target, payload, start, end);
  target.writeInt32LE(duplicate ? FLAG_DUPLICATE : 0, variable);
  target.writeUInt32LE(end - start, variable + 4);
  target.writeUInt32LE(crc32(target.subarray(payload, payload + end - start), secret.seed), variable + 8);
  target.writeUInt32LE(units, variable + 12);
  whole[0] = arrivalNs;
  target.writeUInt32LE(halves[LOW]!, variable + 16);
  target.writeUInt32LE(halves[HIGH]!, variable + 20);
  const crc = continueCrc(origin.crc, target, variable, payload);
  target.writeUInt32LE(secret.marker, at);
  target.writeUInt32LE((crc ^ offset) >>> 0, at + 4);
  return payload + end - start;
}

/** An origin as it was last read: records of one device repeat it byte by byte. */
interface KnownOrigin {
  bytes: Buffer;
  /** CRC-32 state behind it. */
  crc: number;
  origin: RecordOrigin;
}

/** Of each spool, and forgotten with it; more devices than this are read anew now and then. */
const KNOWN_ORIGINS = 20_000;
const knownOrigins = new WeakMap<SpoolSecret, Map<number, KnownOrigin>>();

function originAt(bytes: Buffer, at: number, variable: number, secret: SpoolSecret): KnownOrigin | null {
  let known = knownOrigins.get(secret);
  if (!known) {
    known = new Map();
    knownOrigins.set(secret, known);
  }
  const start = at + ORIGIN_START;
  // The end of a UUIDv7 is random; kind and lengths tell a device's origins apart.
  const word = (bytes.readInt32LE(at + 36) ^ Math.imul(bytes.readInt32LE(at + 40), 0x9e3779b1)) | 0;
  const found = known.get(word);
  if (found?.bytes.length === variable - start && found.bytes.compare(bytes, start, variable) === 0) return found;
  const origin = readOrigin(bytes, at, variable);
  if (origin === null) return null;
  const made = {
    bytes: Buffer.from(bytes.subarray(start, variable)),
    crc: continueCrc(secret.seed, bytes, start, variable),
    origin,
  };
  if (known.size >= KNOWN_ORIGINS) known.clear();
  known.set(word, made);
  return made;
}

function readOrigin(bytes: Buffer, at: number, variable: number): RecordOrigin | null {
  const first = bytes[at + 42] === 1;
  const name = at + (first ? TEXTS_START_V1 : TEXTS_START);
  const format = name + bytes[at + 41]!;
  const topic = first ? format : format + bytes[at + 43]!;
  const kind = KINDS[bytes[at + 40]!];
  if (kind === undefined || !(first || bytes[at + 42] === LAYOUT_VERSION)) return null;
  return {
    tenantId: uuidText(bytes, at + 8),
    deviceId: uuidText(bytes, at + 24),
    deviceName: bytes.toString('utf8', name, format),
    kind,
    format: first ? FORMATS_V1[kind] : bytes.toString('utf8', format, topic),
    vendorTopic: topic === variable ? null : bytes.toString('utf8', topic, variable),
  };
}

/** Where the parts of a record lie, as they were last read: one for a whole stretch, so that none is made for each record. */
export class HeaderPlace {
  origin!: RecordOrigin;
  /** Where the fields begin that differ from message to message. */
  variable = 0;
  payload = 0;
  end = 0;
}

/**
 * Reads the header at `at`, whose position in the spool is `offset`, into `place`.
 *
 * @returns 'short' when the bytes end before the header does, 'bad' when its marker or checksum is wrong
 */
export function findRecord(
  bytes: Buffer,
  at: number,
  offset: number,
  secret: SpoolSecret,
  place: HeaderPlace,
): 'sound' | 'short' | 'bad' {
  if (bytes.length - at < MIN_RECORD_BYTES) return 'short';
  if (bytes.readUInt32LE(at) !== secret.marker) return 'bad';
  const first = bytes[at + 42] === 1;
  const name = at + (first ? TEXTS_START_V1 : TEXTS_START);
  const format = name + bytes[at + 41]!;
  const variable = first ? format : format + bytes[at + 43]! + bytes.readUInt16LE(at + 44);
  const payload = variable + VARIABLE_BYTES;
  if (payload > bytes.length) return 'short';
  const known = originAt(bytes, at, variable, secret);
  if (known === null) return 'bad';
  const crc = continueCrc(known.crc, bytes, variable, payload);
  if ((crc ^ offset) >>> 0 !== bytes.readUInt32LE(at + 4)) return 'bad';
  place.origin = known.origin;
  place.variable = variable;
  place.payload = payload;
  place.end = payload + bytes.readUInt32LE(variable + 4);
  return 'sound';
}

/** The header that was found there. */
export function headerAt(bytes: Buffer, { origin, variable }: HeaderPlace): RecordHeader {
  const { tenantId, deviceId, deviceName, kind, format, vendorTopic } = origin;
  return {
    ...{ tenantId, deviceId, deviceName, kind, format, vendorTopic },
    arrivalNs: arrivalNsAt(bytes, variable),
    units: unitsAt(bytes, variable),
    duplicate: isDuplicateAt(bytes, variable),
  };
}

export function unitsAt(bytes: Buffer, variable: number): number {
  return bytes.readUInt32LE(variable + 12);
}

export function isDuplicateAt(bytes: Buffer, variable: number): boolean {
  return (bytes.readUInt32LE(variable) & FLAG_DUPLICATE) !== 0;
}

/** Where the payload begins whose record's variable fields lie at `variable`. */
export function payloadStartAt(variable: number): number {
  return variable + VARIABLE_BYTES;
}

/** Where it ends, and the record with it. */
export function payloadEndAt(bytes: Buffer, variable: number): number {
  return variable + VARIABLE_BYTES + bytes.readUInt32LE(variable + 4);
}

export function arrivalNsAt(bytes: Buffer, variable: number): bigint {
  halves[LOW] = bytes.readUInt32LE(variable + 16);
  halves[HIGH] = bytes.readUInt32LE(variable + 20);
  return whole[0]!;
}

/** Whether the payload found there, which must lie in `bytes` whole, is the one that was written. */
export function payloadIsSound(bytes: Buffer, { variable, payload, end }: HeaderPlace, secret: SpoolSecret): boolean {
  return crc32(bytes.subarray(payload, end), secret.seed) === bytes.readUInt32LE(variable + 8);
}
