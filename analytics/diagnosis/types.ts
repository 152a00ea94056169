import type { TimeFeatures } from '../dsp/timeFeatures.ts';
import type { Fault } from './faults.ts';
import type { Finding } from './finding.ts';

/** Units a waveform may arrive in. */
export type SampleUnit = 'g' | 'm/s2' | 'mm/s';

export type { BearingFault, Fault, ShaftFault } from './faults.ts';

/** One run of equally spaced samples from one sensor. */
export interface WaveformBlock {
  readonly samples: Float32Array;
  readonly samplingRateHz: number;
  readonly unit: SampleUnit;
  /** Shaft speed while the block was taken; may be up to 1 % wrong. 0 says the machine stood still. */
  readonly speedRpm?: number | undefined;
  /** Direction of the sensor; 'axial' separates misalignment from a bent mode of unbalance. */
  readonly axis?: string | undefined;
  /** Time of the first sample. Only used to see whether a block continues the one before it without a gap. */
  readonly startNs?: bigint | undefined;
}

/** Characteristic frequencies of a bearing in multiples of shaft speed. */
export interface BearingOrders {
  readonly bpfo: number;
  readonly bpfi: number;
  readonly ftf: number;
  /** Spin of one ball; a ball fault strikes both races and so shows at twice this. */
  readonly bsf: number;
}

/** What is known of the machine, from its nameplate and drawings. Everything is optional. */
export interface DiagnosisFacts {
  readonly bearingOrders?: BearingOrders | undefined;
  readonly gearTeeth?: number | undefined;
  readonly powerKw?: number | undefined;
  readonly shaftHeightMm?: number | undefined;
  readonly mounting?: 'rigid' | 'flexible' | undefined;
  readonly ratedRpm?: number | undefined;
  /** What kind of machine it is; chooses the part of the standard that judges its severity. */
  readonly machineClass?: string | undefined;
  /** Mains frequency of a motor fed without a converter, Hz; sought among 50 and 60 where unknown. */
  readonly lineHz?: number | undefined;
}

/** A reason to distrust (or not to use) a block. */
export type QualityFlag =
  | 'too-short'
  | 'non-finite'
  | 'flat-line'
  | 'clipping'
  | 'dropout'
  | 'implausible-sampling-rate'
  | 'implausible-speed'
  | 'stopped';

export interface Quality {
  readonly flags: readonly QualityFlag[];
  /** False when nothing may be concluded from the block; its spectra are then empty. */
  readonly usable: boolean;
  /** The machine stands still: a gate, not an anomaly. */
  readonly stopped: boolean;
  /** Share of the samples at the two rails, 0..1. */
  readonly clippedShare: number;
  readonly nonFiniteCount: number;
}

export type SeverityZone = 'A' | 'B' | 'C' | 'D';

export interface Severity {
  readonly zone: SeverityZone;
  /** The standard and part the limits were taken from. */
  readonly part: string;
  /** Row of the part's table. */
  readonly table: string;
  /** Group of ISO 20816-3, and mounting; null where the part does not tell them apart. */
  readonly group: 1 | 2 | null;
  readonly mounting: 'rigid' | 'flexible' | null;
  /** Zone limits A/B, B/C, C/D in mm/s RMS. */
  readonly limitsMmS: readonly [number, number, number];
  /** True when class, group or mounting was unknown and the stricter limits were taken. */
  readonly assumed: boolean;
}

/** RMS of one frequency band, in the unit of the block. */
export interface BandLevel {
  readonly lowHz: number;
  readonly highHz: number;
  readonly rms: number;
}

/** One-sided spectrum on equal steps from 0. */
export interface Spectrum {
  readonly step: number;
  readonly values: Float32Array;
}

/** A line of a spectrum that speaks for a fault. `snrDb` is power over the local noise floor. */
export interface Harmonic {
  readonly order: number;
  readonly hz: number;
  readonly snrDb: number;
}

/** What one block alone says about one fault. */
export interface FaultEvidence {
  readonly fault: Fault;
  readonly harmonics: readonly Harmonic[];
  /** Geometric mean of the harmonics' power over the floor, in dB. */
  readonly scoreDb: number;
}

/** Velocity of the shaft's own lines, mm/s RMS. */
export interface ShaftLine {
  readonly order: number;
  readonly rmsMmS: number;
  readonly snrDb: number;
}

/** The line at twice the mains frequency. */
export interface ElectricLine {
  readonly lineHz: number;
  /** Where the highest peak about twice that frequency lies, Hz. */
  readonly hz: number;
  /** Multiple of the shaft that lies nearest. */
  readonly multiple: number;
  /** Whose peak it is, as far as the block can tell. */
  readonly place: 'mains' | 'shaft' | 'unclear' | 'none';
  readonly rmsMmS: number;
  readonly snrDb: number;
  /** Poles times slip speed, Hz; null where no number of poles fits the speed. */
  readonly polePassHz: number | null;
  /** The weaker pole-pass sideband over the floor; null where the block is too short to part it from the line. */
  readonly sidebandDb: number | null;
}

/** A squared envelope in time, packed by `packTrace`. */
export interface EnvelopeTrace {
  readonly rateHz: number;
  readonly packed: Uint8Array;
}

/** Everything one block says. Plain data: may be stored, sent between threads or drawn. */
export interface BlockAnalysis {
  readonly samplingRateHz: number;
  readonly sampleCount: number;
  readonly unit: SampleUnit;
  readonly axis: string | null;
  readonly startNs: bigint | null;
  /** Measured shaft speed; null when the block carries none that is plausible. */
  readonly speedRpm: number | null;
  /** What the diagnosis has to go by: the block's own speed, the nameplate's as a first guess, or nothing. */
  readonly speedSource: 'measured' | 'rated' | 'none';
  readonly quality: Quality;
  /** Level and shape about the mean, in `unit`. */
  readonly time: Readonly<TimeFeatures>;
  /** Broad-band velocity in 10–1000 Hz; null when the block is unusable. */
  readonly velocityRmsMmS: number | null;
  /** Zone of `velocityRmsMmS`; null when no part of the standard covers the machine. */
  readonly severity: Severity | null;
  /** What the severity had to assume, or why there is none. */
  readonly severityNote: Finding | null;
  readonly bands: readonly BandLevel[];
  /** Welch power spectral density, unit²/Hz against Hz. */
  readonly psd: Spectrum;
  /** Pre-whitened squared-envelope power over its local floor (1 = floor), against Hz. */
  readonly envelope: Spectrum;
  /** The same after levelling only: more sensitive, and fooled more easily, so it supports but never convicts. */
  readonly levelledEnvelope: Spectrum;
  /** The pre-whitened envelope itself, for blocks that follow one another; null without a time or a geometry. */
  readonly trace: EnvelopeTrace | null;
  /** Velocity of the shaft's orders ½, 1, 1½ … 10 and of the gear mesh ± 2; empty without a speed. */
  readonly shaft: readonly ShaftLine[];
  /** Lines at twice the mains frequencies that may feed the machine; empty without a speed. */
  readonly electric: readonly ElectricLine[];
  /** Median noise density at high frequencies, mm/s² per √Hz: no line moves it; null where the block does not reach. */
  readonly highFloor: number | null;
  readonly evidence: readonly FaultEvidence[];
}

export interface Rejection {
  readonly fault: Fault;
  readonly reason: Finding;
}

export interface Diagnosis {
  readonly fault: Fault | null;
  /** 0..1; 0 when no fault is named. */
  readonly confidence: number;
  readonly harmonics: readonly Harmonic[];
  readonly sidebands: readonly Harmonic[];
  readonly rejected: readonly Rejection[];
  /** True when the data could not decide (too little, no speed, no geometry): silence is then no bill of health. */
  readonly cannotTell: boolean;
  /** One finding a sentence. */
  readonly reason: readonly Finding[];
  /** Blocks the verdict rests on. */
  readonly blocks: number;
}

/** Levels of the shaft's lines while the machine was known to be well; see `baselineOf`. */
export interface ShaftBaseline {
  readonly blocks: number;
  readonly lines: readonly { readonly order: number; readonly rmsMmS: number }[];
  /** The same of the mains' lines, and the high-frequency noise; absent from baselines taken before they were kept. */
  readonly electric?: readonly { readonly lineHz: number; readonly rmsMmS: number }[] | undefined;
  readonly highFloor?: number | null | undefined;
}
