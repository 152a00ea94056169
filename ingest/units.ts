import type { DecodeCode } from './decode/index.ts';
import type { RecordHeader, RecordOrigin } from './spool/index.ts';
import type { Reading, WaveformBlock } from './store/readings.ts';

export type QuarantineCode = DecodeCode | 'TIME_AHEAD' | 'TIME_EXPIRED' | 'STORE_REFUSED' | 'SPOOL_DAMAGED';

/** A unit that cannot be stored as it is, and why. */
export interface Rejection {
  /** Position in its message; null for the message as a whole. */
  index: number | null;
  code: QuarantineCode;
  /** The offending field, when one can be named. */
  field: string | null;
  reason: string;
}

/** One message taken apart: each of its units is in exactly one of the three lists. */
export interface MessageUnits {
  readings: Reading[];
  blocks: WaveformBlock[];
  rejections: Rejection[];
}

/** A message as the spool or the quarantine holds it. */
export interface Message extends Omit<RecordHeader, 'units'> {
  payload: Uint8Array;
  /** The spool's id and the record's offset: the identity of what has no other. */
  receipt: string;
}

/** Messages by number, wherever they lie. */
export interface MessageSource {
  origin(message: number): RecordOrigin;
  arrivalNs(message: number): bigint;
  payload(message: number): Uint8Array;
  /** The spool's id and the record's offset: the identity of what has no other. */
  receipt(message: number): string;
  /** Of the two, the spool's id; null for messages that lie in none, whose receipts are told as they were. */
  readonly spoolId: string | null;
  offset(message: number): number;
  /** Marked by its sender as sent before. */
  isRepeated(message: number): boolean;
  /** The whole of it; made when it is asked for. */
  message(message: number): Message;
}
