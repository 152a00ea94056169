import type { TimePolicy } from '../../ingest/arrivalTime.ts';
import type { Message } from '../../ingest/units.ts';
import { unitsOf } from '../../ingest/unpacked.ts';
import { mutate } from './mutate.ts';
import type { Random } from './random.ts';
import type { Target } from './vectors.ts';

export interface PayloadTally {
  payloads: number;
  /** Units that would be stored, and that would be quarantined. */
  stored: number;
  quarantined: number;
  slowestMs: number;
}

const NOW_NS = 1_800_000_000_000_000_000n;
const DAY_NS = 86_400_000_000_000n;
/** Wide enough that a vector's own time is no reason to reject it. */
const POLICY: TimePolicy = { toleratedSkewNs: DAY_NS, furthestAheadNs: DAY_NS, retentionNs: 20_000n * DAY_NS };
/** What a sentence for people does not hold: stack frames, file names, what a program prints of its values. */
const NOT_FOR_PEOPLE = /\bat .+:\d+:\d+|node:|\.ts\b|\bundefined\b|\[object |TypeError|RangeError/;
const MAX_PAYLOAD_MS = 1_000;

/** Decodes one mutated payload as the shipper does. @throws when anything but readings and reasons comes of it */
export function fuzzPayload({ format, valid }: Target, random: Random, tally: PayloadTally): void {
  const payload = mutate(random.pick(valid), valid, random);
  const started = performance.now();
  try {
    check(format, payload, tally);
  } catch (error) {
    throw new Error(`${format.name}, payload ${payload.toString('base64')}`, { cause: error });
  }
  const tookMs = performance.now() - started;
  tally.slowestMs = Math.max(tally.slowestMs, tookMs);
  tally.payloads++;
  if (tookMs > MAX_PAYLOAD_MS) throw new Error(`${format.name} took ${tookMs} ms for ${payload.toString('base64')}`);
}

function check(format: Target['format'], payload: Buffer, tally: PayloadTally): void {
  const accepted = format.count(payload, 0, payload.length);
  const message: Message = {
    tenantId: '0190f5c0-0000-7000-8000-000000000001',
    deviceId: '0190f5c0-0000-7000-8000-0000000000d1',
    deviceName: 'fuzzed',
    kind: format.kind,
    format: format.name,
    vendorTopic: null,
    arrivalNs: NOW_NS,
    duplicate: false,
    payload,
    receipt: 'fuzz:0',
  };
  const { readings, blocks, rejections } = unitsOf(message, POLICY, () => format);
  const units = readings.length + blocks.length + rejections.length;
  if (units !== accepted) throw new Error(`counted ${accepted} at acceptance, ${units} later`);
  for (const { point, value } of readings)
    if (!Number.isFinite(value) || point === '') throw new Error(`no reading: ${point} ${value}`);
  for (const { code, field, reason } of rejections) {
    if (!code || !reason || reason.length < 8 || NOT_FOR_PEOPLE.test(reason))
      throw new Error(`no reason: ${code} ${reason}`);
    if (!field) throw new Error(`a reason without a place: ${reason}`);
  }
  tally.stored += readings.length + blocks.length;
  tally.quarantined += rejections.length;
}
