import { hash, randomBytes } from 'node:crypto';
import { blockMessage } from '../decode/index.ts';
import type { RecordOrigin } from '../spool/index.ts';

export const origin: RecordOrigin = {
  tenantId: '0190f5c0-0000-7000-8000-000000000001',
  deviceId: '0190f5c0-0000-7000-8000-0000000000d1',
  deviceName: 'pump-3',
  kind: 'waveform',
  format: 'flw1',
  vendorTopic: null,
};

export interface TestBlock {
  samples: Buffer;
  messages: Buffer[];
}

/** A block cut into parts. */
export function blockInParts(header: Record<string, unknown>, samples: Buffer, parts: number): TestBlock {
  const sha256 = hash('sha256', samples);
  const size = Math.ceil(samples.length / parts);
  const whole = {
    point: 'de',
    samplingRateHz: 12_000,
    unit: 'g',
    encoding: 'int16',
    count: samples.length / 2,
    ...header,
  };
  const messages = Array.from({ length: parts }, (_, index) => {
    const block = { sha256, parts, part: index + 1, bytes: samples.length };
    return blockMessage({ ...whole, block }, [samples.subarray(index * size, (index + 1) * size)]);
  });
  return { samples, messages };
}

export function randomBlock(header: Record<string, unknown> = {}, parts = 4, bytes = 4096): TestBlock {
  return blockInParts({ time: Date.now(), boot: 'b', seq: 1, ...header }, randomBytes(bytes), parts);
}

/** The twelve parts of a block that says neither when it was taken nor which it is. */
export function messagesOfReceipts(nth: number): Buffer[] {
  return blockInParts({}, Buffer.alloc(12 * 2048, `block ${nth} `), 12).messages;
}

/** The twelve parts of the nth block of a long series, the same in every process. */
export function messagesIn(nth: number): Buffer[] {
  const samples = Buffer.alloc(12 * 2048, `block ${nth} `);
  return blockInParts({ time: 1_790_000_000 + nth, boot: 'b', seq: nth }, samples, 12).messages;
}
