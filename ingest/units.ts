import { type PlacedTime, placeTime, type TimePolicy } from './arrivalTime.ts';
import {
  type DecodeCode,
  formatByName,
  type PayloadFormat,
  type Sample,
  type TelemetryFormat,
  type Waveform,
  type WaveformFormat,
} from './decode/index.ts';
import { identityOf, repeatable } from './identity.ts';
import type { RecordHeader, TopicKind } from './spool/index.ts';
import type { Origin, Reading, WaveformBlock } from './store/readings.ts';

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
    const placed = placeOf(message, sample, policy);
    if (!placed.ok) units.rejections.push(misplaced(placed, sample.index));
    else units.readings.push({ index: sample.index, unit: new DecodedReading(message, sample, placed) });
  }
  return units;
}

function waveformUnits(message: Message, format: WaveformFormat, policy: TimePolicy): MessageUnits {
  const decoding = format.decode(message.payload, message);
  if (!decoding.ok) return whole(decoding.failure);
  const { waveform } = decoding;
  const whence = assembled(message, waveform);
  const placed = placeOf(whence, waveform, policy);
  if (!placed.ok) return { readings: [], blocks: [], rejections: [misplaced(placed, 0)] };
  const unit = new DecodedBlock(whence, waveform, placed);
  return { readings: [], blocks: [{ index: 0, unit }], rejections: [] };
}

/** A block put together twice, because a crash came between, has one receipt: that of its parts. */
function assembled(message: Message, { assembledFrom }: { assembledFrom: string | null }): Message {
  return assembledFrom === null ? message : { ...message, receipt: assembledFrom };
}

type Told = Pick<Sample, 'point' | 'timeNs' | 'sentAtNs' | 'boot' | 'seq'>;
type Placed = Extract<PlacedTime, { ok: true }>;

function placeOf(message: Message, told: Told, policy: TimePolicy): PlacedTime {
  return placeTime(
    { timeNs: told.timeNs, sentAtNs: told.sentAtNs, arrivalNs: message.arrivalNs, repeated: message.duplicate },
    policy,
  );
}

function misplaced({ code, reason }: Exclude<PlacedTime, { ok: true }>, index: number): Rejection {
  return { index, code, field: 'time', reason };
}

/** Whence and when a unit is. Not every store asks for its identity, which is dear: it is made when it is asked for. */
abstract class DecodedUnit implements Origin {
  readonly tenantId: string;
  readonly device: string;
  readonly point: string;
  readonly timeNs: bigint;
  readonly arrivalNs: bigint;
  readonly deviceTimeNs: bigint | null;
  readonly sentAtNs: bigint | null;
  readonly receipt: string;
  readonly index: number;
  readonly boot: string | null;
  readonly seq: bigint | null;
  readonly windowed: boolean;
  readonly future: boolean;
  readonly corrected: boolean;
  readonly arrivalTimed: boolean;
  readonly #kind: TopicKind;
  #identity: string | null = null;

  constructor(message: Message, told: Told, index: number, placed: Placed) {
    this.tenantId = message.tenantId;
    this.device = message.deviceName;
    this.point = told.point;
    this.timeNs = placed.timeNs;
    this.arrivalNs = message.arrivalNs;
    this.deviceTimeNs = told.timeNs;
    this.sentAtNs = told.sentAtNs;
    this.receipt = message.receipt;
    this.index = index;
    this.boot = told.boot;
    this.seq = told.seq;
    this.windowed = placed.deliveryDependent && repeatable(told);
    this.future = placed.future;
    this.corrected = placed.corrected;
    this.arrivalTimed = placed.arrivalTimed;
    this.#kind = message.kind;
  }

  get identity(): string {
    this.#identity ??= identityOf({
      kind: this.#kind,
      tenantId: this.tenantId,
      device: this.device,
      point: this.point,
      boot: this.boot,
      seq: this.seq,
      index: this.index,
      timeNs: this.deviceTimeNs,
      content: this.content(),
      receipt: this.receipt,
    });
    return this.#identity;
  }

  /** What tells two units of the same instant apart. */
  protected abstract content(): string;
}

class DecodedReading extends DecodedUnit implements Reading {
  readonly value: number;
  unit: string | null;

  constructor(message: Message, sample: Sample, placed: Placed) {
    super(message, sample, sample.index, placed);
    this.value = sample.value;
    this.unit = sample.unit;
  }

  protected content(): string {
    return String(this.value);
  }
}

class DecodedBlock extends DecodedUnit implements WaveformBlock {
  readonly samplingRateHz: number;
  readonly unit: WaveformBlock['unit'];
  readonly axis: string | null;
  readonly speedRpm: number | null;
  readonly loadPercent: number | null;
  readonly scale: number;
  readonly encoding: WaveformBlock['encoding'];
  readonly sampleCount: number;
  readonly raw: Uint8Array;

  constructor(message: Message, waveform: Waveform, placed: Placed) {
    super(message, waveform, 0, placed);
    this.samplingRateHz = waveform.samplingRateHz;
    this.unit = waveform.unit;
    this.axis = waveform.axis;
    this.speedRpm = waveform.speedRpm;
    this.loadPercent = waveform.loadPercent;
    this.scale = waveform.scale;
    this.encoding = waveform.encoding;
    this.sampleCount = waveform.count;
    this.raw = waveform.raw;
  }

  protected content(): string {
    return `${this.samplingRateHz}x${this.sampleCount}`;
  }
}

function whole(failure: { code: DecodeCode; field: string; reason: string }): MessageUnits {
  const { code, field, reason } = failure;
  return { readings: [], blocks: [], rejections: [{ index: null, code, field, reason }] };
}
