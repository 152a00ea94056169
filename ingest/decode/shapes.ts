import { excerpt, MAX_ENTRIES } from './entries.ts';
import { bootField, failure, named, pointField, seqField, timeField, unitField, valueField } from './fields.ts';
import type { DecodeFailure, RejectedEntry, Sample, TelemetryDecoding } from './types.ts';

/** What a whole message says, before its entries are looked at. */
interface Envelope {
  /** One object per entry; null when `values` maps points to numbers. */
  entries: readonly unknown[] | null;
  values: Record<string, unknown> | null;
  count: number;
  path: string;
  /** The fields entries inherit. */
  time: bigint | null;
  sentAt: bigint | null;
  boot: string | null;
  seq: bigint | null;
}

type Opened = { ok: true; envelope: Envelope } | { ok: false; failure: DecodeFailure };

const NOTHING_SHARED = { time: null, sentAt: null, boot: null, seq: null };

function refuse(code: DecodeFailure['code'], field: string, reason: string): Opened {
  return { ok: false, failure: failure(code, field, reason) };
}

/** Opens a message that was parsed, from JSON or from CBOR. */
function open(message: unknown): Opened {
  if (Array.isArray(message))
    return sized({ ...NOTHING_SHARED, entries: message, values: null, count: message.length, path: '' });
  if (typeof message !== 'object' || message === null)
    return refuse('JSON_SHAPE', 'payload', `send an object or a list of objects, not ${named(message)}`);
  const fields = message as Record<string, unknown>;
  if (fields.samples === undefined && fields.values === undefined)
    return { ok: true, envelope: { ...NOTHING_SHARED, entries: [message], values: null, count: 1, path: '' } };
  return openBatch(fields);
}

function openBatch(message: Record<string, unknown>): Opened {
  const { samples, values } = message;
  if (samples !== undefined && values !== undefined)
    return refuse('JSON_SHAPE', 'values', 'send either samples or values in a message, not both');
  const time = timeField(message.time, 'time');
  if (!time.ok) return time;
  const sentAt = timeField(message.sentAt, 'sentAt');
  if (!sentAt.ok) return sentAt;
  const boot = bootField(message.boot, 'boot');
  if (!boot.ok) return boot;
  const seq = seqField(message.seq, 'seq');
  if (!seq.ok) return seq;
  const shared = { time: time.value, sentAt: sentAt.value, boot: boot.value, seq: seq.value };
  if (samples !== undefined) {
    if (!Array.isArray(samples))
      return refuse('JSON_SHAPE', 'samples', `samples must be a list, not ${named(samples)}`);
    return sized({ ...shared, entries: samples, values: null, count: samples.length, path: 'samples' });
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    return refuse('JSON_SHAPE', 'values', `values must be an object of numbers, not ${named(values)}`);
  const count = Object.keys(values).length;
  return sized({ ...shared, entries: null, values: values as Record<string, unknown>, count, path: 'values' });
}

function sized(envelope: Envelope): Opened {
  const field = envelope.path || 'payload';
  if (envelope.count === 0) return refuse('EMPTY', field, 'the message holds no sample');
  if (envelope.count > MAX_ENTRIES)
    return refuse('TOO_MANY_SAMPLES', field, `${envelope.count} samples in one message; send at most ${MAX_ENTRIES}`);
  return { ok: true, envelope };
}

/** Ledger units of a parsed message: its entries, or 1 when it cannot be opened. Looks at no entry: cheap. */
export function countEntries(message: unknown): number {
  const opened = open(message);
  return opened.ok ? opened.envelope.count : 1;
}

/**
 * Takes a parsed message apart: one sample, a list of them, or a batch with `samples` or `values`. An entry that is no
 * sample is rejected by itself with a reason that names its field.
 */
export function samplesOf(message: unknown): TelemetryDecoding {
  const opened = open(message);
  if (!opened.ok) return opened;
  const { envelope } = opened;
  const samples: Sample[] = [];
  const rejected: RejectedEntry[] = [];
  const take = (index: number, decoded: Sample | DecodeFailure, entry: unknown): void => {
    if ('point' in decoded) samples.push(decoded);
    else rejected.push({ ...decoded, index, entry: excerpt(entry) });
  };
  if (envelope.entries !== null) {
    envelope.entries.forEach((entry, index) => {
      take(index, sampleOf(entry, index, envelope, entryPath(envelope, index)), entry);
    });
  } else {
    Object.entries(envelope.values!).forEach(([point, value], index) => {
      take(index, sampleOf({ point, value }, index, envelope, 'values'), { [point]: value });
    });
  }
  return { ok: true, samples, rejected };
}

function entryPath(envelope: Envelope, index: number): string {
  if (envelope.path === '') return envelope.count === 1 ? '' : `[${index}]`;
  return `${envelope.path}[${index}]`;
}

function sampleOf(entry: unknown, index: number, shared: Envelope, path: string): Sample | DecodeFailure {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    return failure('JSON_SHAPE', path || 'payload', `a sample is an object, not ${named(entry)}`);
  const fields = entry as Record<string, unknown>;
  const point = pointField(fields.point, at('point'));
  if (!point.ok) return point.failure;
  const value = valueField(typeof fields.value === 'bigint' ? Number(fields.value) : fields.value, at('value'));
  if (!value.ok) return value.failure;
  const unit = unitField(fields.unit, at('unit'));
  if (!unit.ok) return unit.failure;
  const time = timeField(fields.time, at('time'));
  if (!time.ok) return time.failure;
  const sentAt = timeField(fields.sentAt, at('sentAt'));
  if (!sentAt.ok) return sentAt.failure;
  const boot = bootField(fields.boot, at('boot'));
  if (!boot.ok) return boot.failure;
  const seq = seqField(fields.seq, at('seq'));
  if (!seq.ok) return seq.failure;
  return {
    point: point.value,
    value: value.value,
    unit: unit.value,
    timeNs: time.value ?? shared.time,
    sentAtNs: sentAt.value ?? shared.sentAt,
    boot: boot.value ?? shared.boot,
    seq: seq.value ?? shared.seq,
    index,
  };
}
