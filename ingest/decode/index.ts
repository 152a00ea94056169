export { type BlockPart, blockMessage, MAX_PARTS, type PartMessage, readPart } from './blockPart.ts';
export type { DecodeContext, PayloadFormat, TelemetryFormat, WaveformFormat } from './format.ts';
export { DEFAULT_FORMATS, FORMATS, formatByName, formatByTopicLevel } from './formats.ts';
export { sparkplugFormat } from './sparkplug/format.ts';
export { countTelemetryUnits, decodeTelemetry } from './telemetry.ts';
export { parseTimeNs } from './time.ts';
export type {
  DecodeCode,
  DecodeFailure,
  RejectedEntry,
  Sample,
  TelemetryDecoding,
  Waveform,
  WaveformDecoding,
  WaveformUnit,
} from './types.ts';
export { decodeWaveform, flw1Format, waveformSamples } from './waveform.ts';
