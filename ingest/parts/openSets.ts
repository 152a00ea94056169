import { hash } from 'node:crypto';
import type { BlockPart, PartMessage } from '../decode/index.ts';
import type { RecordOrigin } from '../spool/index.ts';

/** Where a part lies in the parts' own spool. */
export interface KeptPart {
  offset: number;
  endOffset: number;
  bytes: number;
}

/** A block of which at least one part has come. */
export interface OpenSet {
  key: string;
  origin: RecordOrigin;
  block: BlockPart;
  /** The header that all parts share, without what only parts have. */
  header: Record<string, unknown>;
  parts: Map<number, KeptPart>;
  bytes: number;
  /** Start of its oldest record: nothing from there on may be removed. */
  firstOffset: number;
  /** Arrival of the newest part: the block's own, whenever it is put together. */
  arrivalNs: bigint;
}

/** What makes two messages parts of the same block: the device, and everything in the header but the part's number. */
export function setKeyOf(deviceId: string, { header, block }: PartMessage): string {
  const shared = Object.keys(header)
    .filter((name) => name !== 'block')
    .sort()
    .map((name) => [name, header[name]]);
  const { sha256, parts, bytes } = block;
  const text = JSON.stringify([shared, sha256, parts, bytes], (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  return `${deviceId}:${hash('sha256', text, 'hex')}`;
}

export function newSet(key: string, origin: RecordOrigin, { header, block }: PartMessage, offset: number): OpenSet {
  const { block: _block, ...shared } = header;
  return {
    ...{ key, origin, block, header: shared, parts: new Map<number, KeptPart>(), bytes: 0 },
    ...{ firstOffset: offset, arrivalNs: 0n },
  };
}

export function isComplete(set: OpenSet): boolean {
  return set.parts.size === set.block.parts;
}

export function missingOf(set: OpenSet): number[] {
  return Array.from({ length: set.block.parts }, (_, index) => index + 1).filter((part) => !set.parts.has(part));
}

/** Without a time or sequence of its own, an equal block that comes later may be another one. */
export function isRepeatable({ header }: PartMessage): boolean {
  return header.time != null || header.seq != null;
}

/** Blocks that were ended a short while ago, so that a late repetition of a part does not begin them anew. */
export class EndedSets {
  readonly #keys = new Set<string>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  add(key: string): void {
    this.#keys.delete(key);
    this.#keys.add(key);
    if (this.#keys.size > this.#most) this.#keys.delete(this.#keys.values().next().value!);
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }
}
