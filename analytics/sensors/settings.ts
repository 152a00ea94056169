import type { SensorSign } from './signs.ts';

/** How often a sign must be seen among a point's newest observations before the sensor is believed to be faulty. */
export interface Persistence {
  readonly needed: number;
  readonly of: number;
}

const OFTEN: Persistence = { needed: 4, of: 5 };

/** A stuck or a dead point has waited long before the sign is given; single spikes are rare by nature. */
export const PERSISTENCE: Readonly<Record<SensorSign, Persistence>> = {
  clipping: { needed: 5, of: 6 },
  dropout: { needed: 3, of: 6 },
  'flat-line': OFTEN,
  'non-finite': OFTEN,
  'too-short': OFTEN,
  'no-signal': OFTEN,
  'sampling-rate': OFTEN,
  unit: OFTEN,
  speed: OFTEN,
  stuck: { needed: 1, of: 1 },
  'out-of-range': OFTEN,
  spikes: { needed: 4, of: 60 },
  dead: { needed: 1, of: 1 },
};

/** Good observations in a row after which an open sensor fault is over: for rare signs more than for constant ones. */
export function goodNeeded(sign: SensorSign): number {
  if (sign === 'dead') return 2;
  return sign === 'spikes' ? 60 : 6;
}

/** Newest observations remembered. */
export const SENSOR_WINDOW = 60;
