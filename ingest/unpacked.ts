import { type PlacedTime, placeTime, type TimePolicy } from './arrivalTime.ts';
import {
  formatByName,
  type PayloadFormat,
  type Sample,
  type TelemetryFormat,
  type WaveformFormat,
} from './decode/index.ts';
import { DecodedBlock } from './decodedBlock.ts';
import { ReadingColumns } from './readingColumns.ts';
import type { RecordOrigin } from './spool/index.ts';
import type { Reading, WaveformBlock } from './store/readings.ts';
import type { Message, MessageSource, MessageUnits, Rejection } from './units.ts';

/**
 * What messages hold: each unit is a reading, a block or a rejection, and names the message it came in. Readings lie in
 * columns, for they are many and wait for both readers of the spool; blocks and rejections are few.
 */
export class Unpacked {
  readonly source: MessageSource;
  readonly columns: ReadingColumns;
  readonly blocks: { message: number; unit: WaveformBlock }[] = [];
  readonly rejections: { message: number; rejection: Rejection }[] = [];

  constructor(source: MessageSource) {
    this.source = source;
    this.columns = new ReadingColumns(source);
  }

  /** The readings as others know them. */
  readings(): Reading[] {
    return this.columns.views();
  }

  /** Decodes a message and gives each of its units its time; pure, so that every delivery comes out the same. */
  add(message: number, format: PayloadFormat | null, policy: TimePolicy): void {
    const { kind, format: name } = this.source.origin(message);
    if (format === null || format.kind !== kind) {
      const reason = `no ${kind} format named ${name} is known here; replay the message once the software or the mapping that knows it is back`;
      this.reject(message, { index: null, code: 'FORMAT_UNKNOWN', field: 'payload', reason });
    } else if (format.kind === 'telemetry') this.#addTelemetry(message, format, policy);
    else this.#addWaveform(message, format, policy);
  }

  reject(message: number, rejection: Rejection): void {
    this.rejections.push({ message, rejection });
  }

  #addTelemetry(at: number, format: TelemetryFormat, policy: TimePolicy): void {
    const arrivalNs = this.source.arrivalNs(at);
    const decoding = format.decode(this.source.payload(at), {
      arrivalNs,
      vendorTopic: this.source.origin(at).vendorTopic,
    });
    if (!decoding.ok) {
      this.reject(at, { index: null, ...decoding.failure });
      return;
    }
    for (const { index, code, field, reason } of decoding.rejected) this.reject(at, { index, code, field, reason });
    const repeated = this.source.isRepeated(at);
    for (const sample of decoding.samples) this.#addSample(at, sample, arrivalNs, repeated, policy);
  }

  #addSample(at: number, sample: Sample, arrivalNs: bigint, repeated: boolean, policy: TimePolicy): void {
    const { timeNs, sentAtNs } = sample;
    const placed = placeTime({ timeNs, sentAtNs, arrivalNs, repeated }, policy);
    if (placed.ok) this.columns.push(at, sample, placed);
    else this.reject(at, misplaced(placed, sample.index));
  }

  #addWaveform(at: number, format: WaveformFormat, policy: TimePolicy): void {
    const message = this.source.message(at);
    const decoding = format.decode(message.payload, message);
    if (!decoding.ok) {
      this.reject(at, { index: null, ...decoding.failure });
      return;
    }
    const { waveform } = decoding;
    const { timeNs, sentAtNs, assembledFrom } = waveform;
    const { arrivalNs, duplicate: repeated } = message;
    const placed = placeTime({ timeNs, sentAtNs, arrivalNs, repeated }, policy);
    if (!placed.ok) {
      this.reject(at, misplaced(placed, 0));
      return;
    }
    // A block put together twice, because a crash came between, has one receipt: that of its parts.
    const whence = assembledFrom === null ? message : { ...message, receipt: assembledFrom };
    this.blocks.push({ message: at, unit: new DecodedBlock(whence, waveform, placed) });
  }
}

function misplaced({ code, reason }: Exclude<PlacedTime, { ok: true }>, index: number): Rejection {
  return { index, code, field: 'time', reason };
}

/** Finds the format that a record names; null when there is none of that name. */
export type FormatLookup = (name: string) => PayloadFormat | null;

/** Decodes a message and gives each unit its time and identity; pure, so that every delivery comes out the same. */
export function unitsOf(message: Message, policy: TimePolicy, formatOf: FormatLookup = formatByName): MessageUnits {
  const unpacked = new Unpacked(new OneMessage(message));
  unpacked.add(0, formatOf(message.format), policy);
  return {
    readings: unpacked.readings(),
    blocks: unpacked.blocks.map(({ unit }) => unit),
    rejections: unpacked.rejections.map(({ rejection }) => rejection),
  };
}

/** A message by itself, as a source of units. */
class OneMessage implements MessageSource {
  readonly #message: Message;
  readonly #origin: RecordOrigin;

  constructor(message: Message) {
    const { tenantId, deviceId, deviceName, kind, format, vendorTopic } = message;
    this.#message = message;
    this.#origin = { tenantId, deviceId, deviceName, kind, format, vendorTopic };
  }

  readonly spoolId = null;
  offset = (): number => 0;
  origin = (): RecordOrigin => this.#origin;
  arrivalNs = (): bigint => this.#message.arrivalNs;
  payload = (): Uint8Array => this.#message.payload;
  receipt = (): string => this.#message.receipt;
  isRepeated = (): boolean => this.#message.duplicate;
  message = (): Message => this.#message;
}
