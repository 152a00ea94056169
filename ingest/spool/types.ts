/** What a spooled message is about: the last level of its topic. */
export type TopicKind = 'telemetry' | 'waveform';

/** Who published and what about. */
export interface RecordOrigin {
  tenantId: string;
  deviceId: string;
  /** The device's name within its tenant, as in topics and point keys. */
  deviceName: string;
  kind: TopicKind;
  /** Name of the payload's format (`ingest/decode/formats.ts`), settled at acceptance. */
  format: string;
  /** The topic it came on when that is a vendor's own, not one of ours: mappings read names out of it. */
  vendorTopic: string | null;
}

/** Everything the spool keeps about one accepted message, its payload aside. */
export interface RecordHeader extends RecordOrigin {
  /** Arrival at our front, nanoseconds since the epoch. */
  arrivalNs: bigint;
  /** Ledger units counted at acceptance: entries of a decodable telemetry message, else 1. */
  units: number;
  /** The publisher marked it as a repetition (MQTT DUP): its `sentAt` then says nothing about the clock's skew. */
  duplicate: boolean;
}

export interface NewRecord extends RecordHeader {
  payload: Uint8Array;
}

export interface SpoolRecord extends NewRecord {
  /** Position of the record's first byte; with the spool's id it identifies the receipt. */
  offset: number;
  /** Position behind its last byte: where a cursor that has taken the record stands. */
  endOffset: number;
}

/**
 * A stretch of the spool that cannot be read any more. With an intact header it is one record whose payload is
 * damaged (its units are known and must be accounted for); without, an unknown number of records.
 */
export interface DamagedRange {
  offset: number;
  endOffset: number;
  header: RecordHeader | null;
  reason: 'payload-checksum' | 'header-checksum' | 'truncated' | 'missing-segment';
}

export interface SpoolBatch {
  records: SpoolRecord[];
  damaged: DamagedRange[];
  /** Where the next read goes on; equals the offset asked for when nothing durable follows. */
  nextOffset: number;
}

/** Records of one stretch of the spool, side by side. Records of one origin name it by the same object. */
export interface RecordTable {
  readonly length: number;
  /** Of the whole stretch; payloads are slices of it. */
  readonly bytes: Buffer;
  /** Of all of them, each once. */
  readonly origins: readonly RecordOrigin[];
  origin(at: number): RecordOrigin;
  /** Position in the spool of the record's first byte. */
  offset(at: number): number;
  /** Ledger units counted at acceptance. */
  units(at: number): number;
  arrivalNs(at: number): bigint;
  isDuplicate(at: number): boolean;
  payload(at: number): Buffer;
  /** One record by itself. */
  record(at: number): SpoolRecord;
}

/** The same, with its records side by side and nothing made of them that nobody asked for. */
export interface SpoolStretch extends Omit<SpoolBatch, 'records'> {
  records: RecordTable;
}

/** The part of a record's header that is the same for all messages of one device and kind, encoded once. */
export interface EncodedOrigin {
  readonly bytes: Buffer;
  /** CRC-32 state after `bytes`, seeded for one spool. */
  readonly crc: number;
}

export type SpoolState = 'open' | 'full' | 'closed';

export interface SpoolStatistics {
  state: SpoolState;
  /** Why it is full, e.g. ENOSPC or the size limit; null when open. */
  fullReason: string | null;
  firstOffset: number;
  durableOffset: number;
  /** Appended, not yet behind fdatasync. */
  pendingBytes: number;
  diskBytes: number;
  limitBytes: number;
  segments: number;
  recordsAppended: number;
  groupsCommitted: number;
  /** Bytes cut from the last segment's torn tail at opening. */
  tornBytes: number;
  damagedRanges: number;
  damagedBytes: number;
  writeErrors: number;
}

/** `append` took nothing: the disk or the group buffer is full. The caller stops reading until `onSpace`. */
export const SPOOL_FULL = -1;

/** What taking messages in needs of a spool. */
export type AcceptingSpool = Pick<
  Spool,
  | 'id'
  | 'encodeOrigin'
  | 'append'
  | 'appendSlice'
  | 'flushed'
  | 'latestDurableOffset'
  | 'onDurable'
  | 'onState'
  | 'onSpace'
  | 'state'
  | 'statistics'
>;

/**
 * Append-only, durable, ordered log of accepted messages. Left out on purpose: cursors (their owners keep them with the
 * data that they advance, and call `trim` with the smallest), topics, several writers.
 */
export interface Spool {
  /** Kept with the files: record identities of two spools never collide. */
  readonly id: string;
  encodeOrigin(origin: RecordOrigin): EncodedOrigin;
  /** Buffers the record for the next group. Returns its END offset (durable once `flushed`), or `SPOOL_FULL`. */
  append(record: NewRecord): number;
  /** The hot path's `append`: constant fields encoded once (`encodeOrigin`), the payload taken from the socket's buffer. */
  appendSlice(
    origin: EncodedOrigin,
    arrivalNs: bigint,
    units: number,
    duplicate: boolean,
    source: Buffer,
    start: number,
    end: number,
  ): number;
  /** Resolves when everything before `endOffset` is behind an fdatasync. */
  flushed(endOffset: number): Promise<void>;
  /** Reads whole durable records from `fromOffset` (a record's start, or `firstOffset()`); at least one if there is any. */
  read(fromOffset: number, maxBytes: number): Promise<SpoolBatch>;
  /** As `read`, for who reads everything. `payloads` false: damage of a payload alone is not looked for. */
  stretch(fromOffset: number, maxBytes: number, payloads?: boolean): Promise<SpoolStretch>;
  firstOffset(): number;
  latestDurableOffset(): number;
  /** Called after each group's fdatasync. Returns the way to stop listening. */
  onDurable(listener: (durableOffset: number) => void): () => void;
  /** Called when the spool's state changes (alarms). */
  onState(listener: (state: SpoolState, reason: string | null) => void): () => void;
  /** Called when an `append` that was refused may succeed now. */
  onSpace(listener: () => void): () => void;
  /** Deletes the segments that lie wholly before the offset: call it with the smallest of all cursors. */
  trim(beforeOffset: number): Promise<void>;
  state(): SpoolState;
  statistics(): SpoolStatistics;
  /** Commits what is buffered and releases the directory. */
  close(): Promise<void>;
}

/** `append` by way of `appendSlice`: for records that are whole, rather than slices of a socket's buffer. */
export function appendWhole(spool: Pick<Spool, 'encodeOrigin' | 'appendSlice'>, record: NewRecord): number {
  const payload = Buffer.from(record.payload.buffer, record.payload.byteOffset, record.payload.byteLength);
  const { arrivalNs, units, duplicate } = record;
  return spool.appendSlice(spool.encodeOrigin(record), arrivalNs, units, duplicate, payload, 0, payload.length);
}
