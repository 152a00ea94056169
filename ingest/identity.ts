import { hash } from 'node:crypto';

/** What a unit says about itself, from which its identity follows. */
export interface IdentityParts {
  kind: 'telemetry' | 'waveform';
  tenantId: string;
  device: string;
  point: string;
  boot: string | null;
  seq: bigint | null;
  index: number;
  /** Device time, uncorrected. */
  timeNs: bigint | null;
  /** What tells two units of the same instant apart: a sample's value, a block's content. */
  content: string;
  /** The spool's id and the record's offset in it. */
  receipt: string;
}

/**
 * The identity of a unit: 128 bits in the form of a UUID, the same for every delivery of the same unit.
 *
 * 1. with a sequence number: device, boot, sequence, index and point. Without a boot id, sequences start again unnoticed
 *    after a restart of the device, so time and content are added: a new sample is not taken for an old one;
 * 2. without sequence, with device time: device, point, time and content;
 * 3. with neither: the receipt. Two deliveries are then two units, for nothing could tell them from two equal samples.
 */
export function identityOf(parts: IdentityParts): string {
  const { boot, seq, timeNs } = parts;
  let own: readonly unknown[];
  if (seq !== null && boot !== null) own = ['boot', boot, seq, parts.index, parts.point];
  else if (seq !== null) own = ['seq', seq, parts.index, parts.point, timeNs, parts.content];
  else if (timeNs !== null) own = ['time', parts.point, timeNs, parts.content];
  else own = ['receipt', parts.receipt, parts.index];
  // Names hold no line breaks, so no two different lists give the same text.
  return uuidOf([parts.kind, parts.tenantId, parts.device, ...own].join('\n'));
}

/** Whether another delivery of the unit would have the same identity. */
export function repeatable(parts: { seq: bigint | null; timeNs: bigint | null }): boolean {
  return parts.seq !== null || parts.timeNs !== null;
}

/** The first 128 bits of SHA-256 as a UUID of version 8 (RFC 9562 §5.8: bits of the application's own making). */
function uuidOf(text: string): string {
  const hex = hash('sha256', text, 'hex');
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
