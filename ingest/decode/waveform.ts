import { hash } from 'node:crypto';
import { blockField } from './blockPart.ts';
import { bootField, failure, named, pointField, seqField, timeField } from './fields.ts';
import type { WaveformFormat } from './format.ts';
import { parseJson } from './json.ts';
import { BYTES_PER_SAMPLE, type ByteOrder, ENCODINGS, type Encoding, normalised } from './sampleBytes.ts';
import type { DecodeFailure, Waveform, WaveformDecoding, WaveformUnit } from './types.ts';

const MAGIC = 'FLW1';
const PREFIX_BYTES = 8;
const MAX_HEADER_BYTES = 64 * 1024;
const MAX_SAMPLING_RATE_HZ = 10_000_000;
const MAX_SPEED_RPM = 1_000_000;
/** Missing parts that a reason lists by number. */
const MISSING_NAMED = 20;
const UNITS: readonly WaveformUnit[] = ['g', 'm/s2', 'mm/s'];

function refuse(code: DecodeFailure['code'], field: string, reason: string): { ok: false; failure: DecodeFailure } {
  return { ok: false, failure: failure(code, field, reason) };
}

/**
 * Decodes a waveform block: `FLW1`, u32 LE header length, header JSON, samples. Every number of the header is checked
 * against the bytes that are there; floats are all finite. Samples come out little endian, as int16 or float32: those sent so
 * as a view, others rewritten (`sampleBytes.ts`).
 */
export function decodeWaveform(payload: Uint8Array): WaveformDecoding {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (bytes.length < PREFIX_BYTES || bytes.toString('latin1', 0, 4) !== MAGIC)
    return refuse('WAVEFORM_MAGIC', 'magic', 'a waveform block begins with FLW1 and the length of its header');
  const headerBytes = bytes.readUInt32LE(4);
  if (headerBytes > MAX_HEADER_BYTES || PREFIX_BYTES + headerBytes > bytes.length)
    return refuse(
      'WAVEFORM_HEADER',
      'headerLength',
      `the header claims ${headerBytes} bytes; ${bytes.length - PREFIX_BYTES} are there and ${MAX_HEADER_BYTES} allowed`,
    );
  const json = parseJson(bytes, PREFIX_BYTES, PREFIX_BYTES + headerBytes, 'header');
  if (!json.ok) return json;
  if (typeof json.value !== 'object' || json.value === null || Array.isArray(json.value))
    return refuse('WAVEFORM_HEADER', 'header', `the header must be a JSON object, not ${named(json.value)}`);
  return fromHeader(json.value as Record<string, unknown>, bytes.subarray(PREFIX_BYTES + headerBytes));
}

function fromHeader(header: Record<string, unknown>, raw: Buffer): WaveformDecoding {
  const point = pointField(header.point, 'point');
  if (!point.ok) return point;
  const fault = partFault(header) ?? hashFault(header, raw);
  if (fault) return { ok: false, failure: fault };
  const signal = signalOf(header, raw);
  if ('code' in signal) return { ok: false, failure: signal };
  const axis = optionalText(header.axis);
  if (axis === undefined) return refuse('WAVEFORM_FIELD', 'axis', 'axis must be a text of at most 32 characters');
  const speedRpm = optionalNumber(header.speedRpm, 0, MAX_SPEED_RPM);
  if (speedRpm === undefined)
    return refuse('WAVEFORM_FIELD', 'speedRpm', `speedRpm must be a number from 0 to ${MAX_SPEED_RPM}`);
  const loadPercent = optionalNumber(header.loadPercent, -1000, 1000);
  if (loadPercent === undefined)
    return refuse('WAVEFORM_FIELD', 'loadPercent', 'loadPercent must be a number from -1000 to 1000');
  const time = timeField(header.time, 'time');
  if (!time.ok) return time;
  const sentAt = timeField(header.sentAt, 'sentAt');
  if (!sentAt.ok) return sentAt;
  const boot = bootField(header.boot, 'boot');
  if (!boot.ok) return boot;
  const seq = seqField(header.seq, 'seq');
  if (!seq.ok) return seq;
  const times = { timeNs: time.value, sentAtNs: sentAt.value, boot: boot.value, seq: seq.value };
  const { byteOrder, sent, ...described } = signal;
  const samples = normalised(raw, sent, byteOrder);
  const index = samples.encoding === 'float32' ? firstNonFinite(samples.raw) : -1;
  if (index !== -1) return refuse('VALUE_NOT_FINITE', `samples[${index}]`, 'a sample is NaN or infinite');
  const assembledFrom = typeof header.assembledFrom === 'string' ? header.assembledFrom : null;
  return {
    ok: true,
    waveform: { point: point.value, assembledFrom, ...described, axis, speedRpm, loadPercent, ...times, ...samples },
  };
}

/** Why a message that is a part, or a block of which parts are missing, is no block. */
function partFault(header: Record<string, unknown>): DecodeFailure | null {
  if (header.block === undefined) return null;
  const block = blockField(header.block);
  if ('code' in block) return block;
  const { missing } = header.block as { missing?: unknown };
  if (!Array.isArray(missing))
    return failure(
      'WAVEFORM_PART',
      'block',
      `part ${block.part} of ${block.parts} fits no block: send the parts of one block to …/waveform, together no larger than block.bytes says and the server permits`,
    );
  const named = missing.slice(0, MISSING_NAMED).join(', ');
  const more = missing.length > MISSING_NAMED ? ` and ${missing.length - MISSING_NAMED} more` : '';
  return failure(
    'WAVEFORM_INCOMPLETE',
    'block',
    `parts ${named}${more} of ${block.parts} never came; have the device send the block again`,
  );
}

/** Why the samples are not those that were sent. */
function hashFault(header: Record<string, unknown>, raw: Buffer): DecodeFailure | null {
  const { sha256 } = header;
  if (sha256 === undefined || sha256 === null || sha256 === hash('sha256', raw, 'hex')) return null;
  const reason =
    'the samples do not have the SHA-256 that the header gives: a part was damaged, or belongs to another block';
  return failure('WAVEFORM_HASH', 'sha256', reason);
}

interface Signal extends Pick<Waveform, 'samplingRateHz' | 'unit' | 'scale' | 'count'> {
  sent: Encoding;
  byteOrder: ByteOrder;
}

function signalOf(header: Record<string, unknown>, raw: Buffer): Signal | DecodeFailure {
  const { samplingRateHz, unit, scale = 1, encoding, byteOrder = 'little', count } = header;
  if (typeof samplingRateHz !== 'number' || !(samplingRateHz > 0) || samplingRateHz > MAX_SAMPLING_RATE_HZ)
    return failure(
      'WAVEFORM_SAMPLING_RATE',
      'samplingRateHz',
      `samplingRateHz must be a number above 0 and at most ${MAX_SAMPLING_RATE_HZ}, not ${typeof samplingRateHz === 'number' ? samplingRateHz : named(samplingRateHz)}`,
    );
  if (!UNITS.includes(unit as WaveformUnit))
    return failure('WAVEFORM_FIELD', 'unit', `unit must be one of ${UNITS.join(', ')}`);
  if (!ENCODINGS.includes(encoding as Encoding))
    return failure('WAVEFORM_ENCODING', 'encoding', `encoding must be one of ${ENCODINGS.join(', ')}`);
  const sent = encoding as Encoding;
  if (byteOrder !== 'little' && byteOrder !== 'big')
    return failure('WAVEFORM_ENCODING', 'byteOrder', 'byteOrder must be little or big; without it, it is little');
  if (typeof scale !== 'number' || !Number.isFinite(scale) || scale === 0)
    return failure('WAVEFORM_SCALE', 'scale', 'scale must be a finite number other than 0: the unit per count');
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 1)
    return failure('WAVEFORM_COUNT', 'count', 'count must be the number of samples, an integer of at least 1');
  const expected = count * BYTES_PER_SAMPLE[sent];
  if (raw.length !== expected)
    return failure(
      'WAVEFORM_LENGTH',
      'count',
      `${count} samples of ${sent} take ${expected} bytes, but ${raw.length} follow the header`,
    );
  return { samplingRateHz, unit: unit as WaveformUnit, scale, sent, byteOrder, count };
}

/** A float32 is NaN or infinite exactly when all bits of its exponent are set. */
function firstNonFinite(raw: Uint8Array): number {
  for (let at = 3; at < raw.length; at += 4) {
    if ((raw[at]! & 0x7f) === 0x7f && (raw[at - 1]! & 0x80) === 0x80) return (at - 3) / 4;
  }
  return -1;
}

/** The text, null when absent, undefined when it is something else. */
function optionalText(value: unknown): string | null | undefined {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' && value.length <= 32 && value.isWellFormed() && !value.includes('\u0000')
    ? value
    : undefined;
}

function optionalNumber(value: unknown, lowest: number, highest: number): number | null | undefined {
  if (value === undefined || value === null) return null;
  return typeof value === 'number' && value >= lowest && value <= highest ? value : undefined;
}

/** The block's samples in its unit: raw counts times scale. */
export function waveformSamples(waveform: Waveform): Float64Array {
  const { raw, count, scale, encoding } = waveform;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const samples = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    samples[index] = scale * (encoding === 'int16' ? view.getInt16(index * 2, true) : view.getFloat32(index * 4, true));
  }
  return samples;
}

/** Our own waveform block. */
export const flw1Format: WaveformFormat = {
  name: 'flw1',
  aliases: [],
  kind: 'waveform',
  decode: decodeWaveform,
  count: () => 1,
};
