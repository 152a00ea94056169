import type { RiseSettings } from './rise.ts';

/** Found on bearings run to failure (evaluate/femto, evaluate/ims); the same for blocks and for readings of vibration. */
export const RISE_SETTINGS: RiseSettings = {
  levels: ['velocityRms', 'rms', 'value'],
  windowCount: 150,
  guardCount: 10,
  settleCount: 24,
  pauseIntervals: 6,
  adoptLimit: 0.4,
  noiseFloor: 0.01,
  large: 0.6,
  crept: 0.7,
  lasting: { least: 0.12, spreads: 3 },
  sharp: { least: 0.06, spreads: 3, heard: 2.25, ownShare: 1.5 },
  young: { extra: 1.5, count: 500 },
};
