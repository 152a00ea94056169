import { placeTime, type TimePolicy } from './arrivalTime.ts';
import {
  type DecodeCode,
  formatByName,
  type PayloadFormat,
  type Sample,
  type TelemetryFormat,
  type WaveformFormat,
} from './decode/index.ts';
import { identityOf, repeatable } from './identity.ts';
import type { RecordHeader } from './spool/index.ts';
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

/** A reading or block together with its position in its message. */
export interface Indexed<T> {
  index: number;
  unit: T;
}

/** One message taken apart: each of its units is in exactly one of the three lists. */
export interface MessageUnits {
  readings: Indexed<Reading>[];
  blocks: Indexed<WaveformBlock>[];
  rejections: Rejection[];
}

/** A message as the spool or the quarantine holds it. */
export interface Message extends Omit<RecordHeader, 'units'> {
  payload: Uint8Array;
  /** The spool's id and the record's offset: the identity of what has no other. */
  receipt: string;
}

/** Finds the format that a record names; null when there is none of that name. */
export type FormatLookup = (name: string) => PayloadFormat | null;

/** Decodes a message and gives each unit its time and identity; pure, so that every delivery comes out the same. */
export function unitsOf(message: Message, policy: TimePolicy, formatOf: FormatLookup = formatByName): MessageUnits {
  const format = formatOf(message.format);
  if (format === null || format.kind !== message.kind) return whole(unknownFormat(message));
  return format.kind === 'telemetry' ? telemetryUnits(message, format, policy) : waveformUnits(message, format, policy);
}

function unknownFormat({ format, kind }: Message) {
  const reason = `no ${kind} format named ${format} is known here; replay the message once the software or the mapping that knows it is back`;
  return { code: 'FORMAT_UNKNOWN' as const, field: 'payload', reason };
}

function telemetryUnits(message: Message, format: TelemetryFormat, policy: TimePolicy): MessageUnits {
  const decoding = format.decode(message.payload, message);
  if (!decoding.ok) return whole(decoding.failure);
  const units: MessageUnits = { readings: [], blocks: [], rejections: [] };
  for (const { index, code, field, reason } of decoding.rejected) units.rejections.push({ index, code, field, reason });
  for (const sample of decoding.samples) {
    const origin = originOf(message, sample, sample.index, String(sample.value), policy);
    if ('code' in origin) units.rejections.push(origin);
    else units.readings.push({ index: sample.index, unit: { ...origin, value: sample.value, unit: sample.unit } });
  }
  return units;
}

function waveformUnits(message: Message, format: WaveformFormat, policy: TimePolicy): MessageUnits {
  const decoding = format.decode(message.payload, message);
  if (!decoding.ok) return whole(decoding.failure);
  const { waveform } = decoding;
  const origin = originOf(
    assembled(message, waveform),
    waveform,
    0,
    `${waveform.samplingRateHz}x${waveform.count}`,
    policy,
  );
  if ('code' in origin) return { readings: [], blocks: [], rejections: [origin] };
  const unit: WaveformBlock = {
    ...origin,
    samplingRateHz: waveform.samplingRateHz,
    unit: waveform.unit,
    axis: waveform.axis,
    speedRpm: waveform.speedRpm,
    loadPercent: waveform.loadPercent,
    scale: waveform.scale,
    encoding: waveform.encoding,
    sampleCount: waveform.count,
    raw: waveform.raw,
  };
  return { readings: [], blocks: [{ index: 0, unit }], rejections: [] };
}

/** A block put together twice, because a crash came between, has one receipt: that of its parts. */
function assembled(message: Message, { assembledFrom }: { assembledFrom: string | null }): Message {
  return assembledFrom === null ? message : { ...message, receipt: assembledFrom };
}

type Told = Pick<Sample, 'point' | 'timeNs' | 'sentAtNs' | 'boot' | 'seq'>;

function originOf(message: Message, told: Told, index: number, content: string, policy: TimePolicy) {
  const placed = placeTime(
    { timeNs: told.timeNs, sentAtNs: told.sentAtNs, arrivalNs: message.arrivalNs, repeated: message.duplicate },
    policy,
  );
  if (!placed.ok) {
    const rejection: Rejection = { index, code: placed.code, field: 'time', reason: placed.reason };
    return rejection;
  }
  const { point, boot, seq } = told;
  return {
    tenantId: message.tenantId,
    device: message.deviceName,
    point,
    timeNs: placed.timeNs,
    arrivalNs: message.arrivalNs,
    deviceTimeNs: told.timeNs,
    sentAtNs: told.sentAtNs,
    identity: identityOf({
      kind: message.kind,
      tenantId: message.tenantId,
      device: message.deviceName,
      point,
      boot,
      seq,
      index,
      timeNs: told.timeNs,
      content,
      receipt: message.receipt,
    }),
    receipt: message.receipt,
    index,
    boot,
    seq,
    windowed: placed.deliveryDependent && repeatable(told),
    future: placed.future,
    corrected: placed.corrected,
    arrivalTimed: placed.arrivalTimed,
  };
}

function whole(failure: { code: DecodeCode; field: string; reason: string }): MessageUnits {
  const { code, field, reason } = failure;
  return { readings: [], blocks: [], rejections: [{ index: null, code, field, reason }] };
}
