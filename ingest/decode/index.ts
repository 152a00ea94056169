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
