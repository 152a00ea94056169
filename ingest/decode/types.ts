/** One decoded reading of one point. Times are the sender's own, uncorrected. */
export interface Sample {
  point: string;
  value: number;
  unit: string | null;
  /** Device time; null when the device has no clock. */
  timeNs: bigint | null;
  /** When the device sent the message, by its own clock. */
  sentAtNs: bigint | null;
  boot: string | null;
  seq: bigint | null;
  /** Position among the message's entries (rejected ones counted too). */
  index: number;
}

export type DecodeCode =
  | 'FORMAT_UNKNOWN'
  | 'CBOR_SYNTAX'
  | 'CBOR_SHAPE'
  | 'SENML_SHAPE'
  | 'SENML_FIELD'
  | 'SENML_VERSION'
  | 'LINE_SYNTAX'
  | 'TEXT_ENCODING'
  | 'CSV_SYNTAX'
  | 'CSV_HEADER'
  | 'CSV_ROW'
  | 'MAPPING_PATH'
  | 'MAPPING_WORK'
  | 'JSON_SYNTAX'
  | 'JSON_SHAPE'
  | 'JSON_DEPTH'
  | 'TOO_MANY_SAMPLES'
  | 'EMPTY'
  | 'POINT_NAME'
  | 'VALUE_TYPE'
  | 'VALUE_NOT_FINITE'
  | 'UNIT'
  | 'TIME'
  | 'SEQUENCE'
  | 'BOOT'
  | 'WAVEFORM_MAGIC'
  | 'WAVEFORM_HEADER'
  | 'WAVEFORM_LENGTH'
  | 'WAVEFORM_SAMPLING_RATE'
  | 'WAVEFORM_COUNT'
  | 'WAVEFORM_SCALE'
  | 'WAVEFORM_ENCODING'
  | 'WAVEFORM_FIELD'
  | 'WAVEFORM_PART'
  | 'WAVEFORM_INCOMPLETE'
  | 'WAVEFORM_HASH'
  | 'SPARKPLUG_PAYLOAD'
  | 'SPARKPLUG_BIRTH'
  | 'SPARKPLUG_DEVICE'
  | 'SPARKPLUG_DATATYPE';

/** Why something could not be decoded, naming the field. */
export interface DecodeFailure {
  code: DecodeCode;
  /** The offending field, e.g. `samples[3].value`. */
  field: string;
  reason: string;
}

/** One entry of a telemetry message that is no sample; the message's other entries are. */
export interface RejectedEntry extends DecodeFailure {
  index: number;
  /** The entry as JSON, cut to 1 KB. */
  entry: string;
}

/** `samples.length + rejected.length` is the number of units counted at acceptance. */
export type TelemetryDecoding =
  | { ok: true; samples: Sample[]; rejected: RejectedEntry[] }
  | { ok: false; failure: DecodeFailure };

export type WaveformUnit = 'g' | 'm/s2' | 'mm/s';

export interface Waveform {
  point: string;
  /** Of a block that came in parts: what they were put together under, the same however often that is done. */
  assembledFrom: string | null;
  samplingRateHz: number;
  unit: WaveformUnit;
  axis: string | null;
  speedRpm: number | null;
  loadPercent: number | null;
  /** Unit per count. */
  scale: number;
  /** Of `raw`; what was sent may have been wider (`sampleBytes.ts`). */
  encoding: 'int16' | 'float32';
  count: number;
  timeNs: bigint | null;
  sentAtNs: bigint | null;
  boot: string | null;
  seq: bigint | null;
  /** The samples, little endian; where they were sent so, a view into the payload. */
  raw: Uint8Array;
}

export type WaveformDecoding = { ok: true; waveform: Waveform } | { ok: false; failure: DecodeFailure };
