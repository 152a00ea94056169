import { failure } from './fields.ts';
import { parseJson } from './json.ts';
import type { DecodeFailure } from './types.ts';

/** Which part of which block a message is: the header's `block`. */
export interface BlockPart {
  /** Of all sample bytes of the block, hexadecimal. */
  sha256: string;
  /** How many parts the block has, and which one this is, from 1. */
  parts: number;
  part: number;
  /** Sample bytes of the whole block. */
  bytes: number;
}

/** A part as it came: the header that it shares with the others, and its stretch of the samples. */
export interface PartMessage {
  block: BlockPart;
  header: Record<string, unknown>;
  samples: Buffer;
}

export const MAX_PARTS = 4096;
const PREFIX_BYTES = 8;
const MAX_HEADER_BYTES = 64 * 1024;
const SHA256 = /^[0-9a-f]{64}$/;

/** The header's `block`, or what is wrong with it. */
export function blockField(value: unknown): BlockPart | DecodeFailure {
  const { sha256, parts, part, bytes } = (value ?? {}) as Record<string, unknown>;
  if (typeof sha256 !== 'string' || !SHA256.test(sha256))
    return wrong('block.sha256', 'must be the SHA-256 of all sample bytes, 64 lower-case hexadecimal digits');
  if (!isCount(parts, MAX_PARTS)) return wrong('block.parts', `must be an integer from 1 to ${MAX_PARTS}`);
  if (!isCount(part, parts)) return wrong('block.part', 'must be an integer from 1 to block.parts');
  if (!isCount(bytes, Number.MAX_SAFE_INTEGER)) return wrong('block.bytes', 'must be the number of all sample bytes');
  return { sha256, parts, part, bytes };
}

function wrong(field: string, reason: string): DecodeFailure {
  return failure('WAVEFORM_PART', field, `${field} ${reason}`);
}

function isCount(value: unknown, highest: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= highest;
}

/** The part that a message is; null for a whole block, and for what the decoder will refuse with its reason. */
export function readPart(payload: Buffer): PartMessage | null {
  if (payload.length < PREFIX_BYTES || payload.toString('latin1', 0, 4) !== 'FLW1') return null;
  const headerBytes = payload.readUInt32LE(4);
  const end = PREFIX_BYTES + headerBytes;
  if (headerBytes > MAX_HEADER_BYTES || end > payload.length) return null;
  // Most blocks are whole: they are told by a glance and not by a second parse.
  if (!payload.subarray(PREFIX_BYTES, end).includes('"block"')) return null;
  const json = parseJson(payload, PREFIX_BYTES, end, 'header');
  if (!json.ok || typeof json.value !== 'object' || json.value === null) return null;
  const header = json.value as Record<string, unknown>;
  const block = blockField(header.block);
  return 'code' in block ? null : { block, header, samples: payload.subarray(end) };
}

/** A whole FLW1 block from its header and samples. */
export function blockMessage(header: Record<string, unknown>, samples: readonly Uint8Array[]): Buffer {
  const text = JSON.stringify(header, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  const json = Buffer.from(text);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.write('FLW1', 'latin1');
  prefix.writeUInt32LE(json.length, 4);
  return Buffer.concat([prefix, json, ...samples]);
}
