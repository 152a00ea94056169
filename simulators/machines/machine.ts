import type { BearingGeometry } from './bearingGeometry.ts';

/** Where a bearing sits: at the drive end or at the other one. */
export type BearingEnd = 'DE' | 'NDE';

/** What a machine is made of; everything a waveform depends on except its momentary condition. */
export interface MachineDesign {
  /** Names the machine's own random stream: two machines of one design still differ. */
  seed: string;
  ratedRpm: number;
  powerKw: number;
  bearings: Readonly<Record<BearingEnd, BearingGeometry>>;
  /** Teeth of the gear on this shaft. */
  gearTeeth?: number;
  /** Vanes of an impeller or blades of a fan. */
  vanes?: number;
  /** Mains frequency of the driving motor, Hz. */
  lineHz: number;
  /** Structural resonances that impacts ring, Hz. */
  resonancesHz: readonly number[];
  /** Velocity of the once-per-turn vibration of the machine in good order, mm/s RMS. */
  residualUnbalanceMmS: number;
  /** Acceleration of the broadband noise at rated speed and load, g RMS. */
  noiseG: number;
}

/** Something wrong with the shaft train; `severity` runs from 0 (nothing) to 1 (must be stopped). */
export interface ShaftDefect {
  kind: 'unbalance' | 'misalignment' | 'looseness' | 'gear' | 'electrical' | 'lubrication';
  severity: number;
}

/** A damaged part of one bearing; `severity` runs from 0 (nothing) to 1 (must be stopped). */
export interface BearingDefect {
  kind: 'outer' | 'inner' | 'ball' | 'cage';
  bearing: BearingEnd;
  severity: number;
}

export type Defect = ShaftDefect | BearingDefect;

/** How the machine runs while it is measured. */
export interface Condition {
  /** Speed at the beginning of the measurement; 0 is a stopped machine. */
  speedRpm: number;
  /** Speed at its end, when it runs up or down. */
  endSpeedRpm?: number;
  /** 100 is rated load. */
  loadPercent: number;
  defects: readonly Defect[];
}

/** An accelerometer: which bearing it sits on and which way it looks. */
export interface Sensor {
  bearing: BearingEnd;
  axis: 'radial' | 'axial';
}

/** One recording to be made. */
export interface Acquisition {
  samplingRateHz: number;
  sampleCount: number;
  /** Number of this acquisition; names its random stream, so any one can be made again alone. */
  take: number;
}

export function isBearingDefect(defect: Defect): defect is BearingDefect {
  return 'bearing' in defect;
}
