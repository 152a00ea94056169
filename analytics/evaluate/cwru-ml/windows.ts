import { readdirSync } from 'node:fs';
import { reasonOf } from '../../../platform/index.ts';
import { bearingCombs, COMBS_MIN_RATE_HZ } from '../../models/features/bearingCombs.ts';
import { readSamples } from '../bearings/hear.ts';
import { type Recording, readSidecar } from '../bearings/sidecar.ts';
import type { EvaluationContext } from '../suite.ts';

/** One window of a record as features; all windows of a record stay together. */
export interface Window {
  readonly record: string;
  readonly index: number;
  readonly label: FaultClass;
  readonly sizeMil: number;
  readonly row: Float32Array;
}

export const CLASSES = ['normal', 'inner', 'outer', 'ball'] as const;
export type FaultClass = (typeof CLASSES)[number];

/** About twenty turns at 1,800 rpm; 8192 samples at 12 kHz. Windows do not overlap. */
const WINDOW_S = 0.683;
/** The set that the bar was set on. */
const RATE_HZ = 12_000;

/** Reads every drive-end record at 12 kHz, and healthy ones at any rate; a record without a speed or geometry is told of. */
export function readWindows({ directory, progress }: EvaluationContext): { windows: Window[]; notRun: string[] } {
  const sidecars = readdirSync(directory).filter((file) => file.endsWith('.json'));
  const windows: Window[] = [];
  const notRun: string[] = [];
  for (const [done, file] of sidecars.toSorted().entries()) {
    const name = file.slice(0, -'.json'.length);
    progress(done, sidecars.length, name);
    try {
      const recording = readSidecar(directory, file);
      if (isOfTheSet(recording)) windows.push(...windowsOf(name, recording));
    } catch (error) {
      notRun.push(`${name}: ${reasonOf(error)}`);
    }
  }
  return { windows, notRun };
}

function isOfTheSet({ label, channel, faultedBearing, samplingRateHz }: Recording): boolean {
  const isDrive = (end: string | null) => end === null || /^(de|drive)/i.test(end);
  if (!isDrive(channel) || !isDrive(faultedBearing)) return false;
  return label === 'normal' || Math.abs(samplingRateHz / RATE_HZ - 1) < 0.02;
}

function windowsOf(record: string, recording: Recording): Window[] {
  const { samplingRateHz, speedRpm, orders, label } = recording;
  if (!speedRpm) throw new Error('the sidecar gives no speed, which the features are in orders of');
  if (!orders) throw new Error('the sidecar gives no geometry of the bearing');
  const sizeMil = label === 'normal' ? 0 : recording.faultSizeMil;
  if (label === null || label === 'cage' || sizeMil === null)
    throw new Error('the sidecar gives no label or fault size');
  const length = Math.round(WINDOW_S * samplingRateHz);
  const samples = readSamples(recording.path);
  const windows: Window[] = [];
  for (let from = 0; from + length <= samples.length; from += length) {
    const window = samples.slice(from, from + length);
    // 1 % below the nominal rate is still that rate.
    const rateHz = Math.max(samplingRateHz, COMBS_MIN_RATE_HZ);
    const row = bearingCombs({ samples: window, samplingRateHz: rateHz, shaftHz: speedRpm / 60, orders });
    if (row) windows.push({ record, index: windows.length, label, sizeMil, row });
  }
  if (windows.length === 0) throw new Error('no window gives features: too short, silent or not finite');
  return windows;
}
