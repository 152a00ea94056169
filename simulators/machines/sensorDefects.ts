import type { Random } from './random.ts';

/** What can be wrong with a sensor while its machine is well. */
export type SensorDefect = 'stuck' | 'clipped' | 'wrong-unit' | 'open-cable';

const GRAVITY = 9.80665;
/** A sensor of too small a range cuts the waveform off at this share of its RMS. */
const CLIPPED_AT_RMS = 0.9;
/** What a converter reads of a cable that hangs in the air, g RMS. */
const OPEN_CABLE_G = 0.0001;

/** The waveform as a faulty sensor delivers it; a new array. */
export function throughSensor(samples: Float32Array, defect: SensorDefect, random: Random): Float32Array {
  switch (defect) {
    case 'stuck':
      return new Float32Array(samples.length).fill(samples[0] ?? 0);
    case 'clipped': {
      let power = 0;
      for (const x of samples) power += x * x;
      const limit = CLIPPED_AT_RMS * Math.sqrt(power / samples.length);
      return samples.map((x) => Math.max(-limit, Math.min(limit, x)));
    }
    case 'wrong-unit':
      return samples.map((x) => x * GRAVITY);
    case 'open-cable':
      return samples.map(() => OPEN_CABLE_G * random.normal());
  }
}
