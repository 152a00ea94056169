import { defectOrder } from '../../diagnosis/bearing.ts';
import type { BearingOrders } from '../../diagnosis/types.ts';
import type { Random } from './random.ts';
import { strike } from './simulatedStructure.ts';

export type Defect = 'inner' | 'outer' | 'ball';

/** A bearing that turns, and the block in which it is heard. */
export interface Turning {
  readonly samplingRateHz: number;
  readonly sampleCount: number;
  readonly shaftHz: number;
  readonly orders: BearingOrders;
}

/** Share of the blows at which a ball begins or ceases to meet its defect: its axis of spin wanders. */
const TURN_OVER = 0.08;

/**
 * Force of a defect: a blow, a pair of blows (into and out of a wide spall) or a burst of roughness whenever it is rolled
 * over, at intervals that slip, louder where the load is.
 *
 * @see P. McFadden, J. Smith, J. Sound Vib. 96 (1984) 69-82: impacts modulated by load zone and transmission path
 * @see J. Antoni, Mech. Syst. Signal Process. 21 (2007) 108-124: slip as a random walk of the impacts' times
 * @see N. Sawalhi, R. Randall, Mech. Syst. Signal Process. 25 (2011) 846-870: the two blows of a spall
 */
export function defectForce(random: Random, defect: Defect, turning: Turning): Float64Array {
  const { samplingRateHz, sampleCount, shaftHz, orders } = turning;
  const force = new Float64Array(sampleCount);
  // The rolling elements slip as a whole, and each for itself.
  const order = defectOrder(defect, orders) * (1 + random.between(-0.006, 0.006));
  const slip = 0.002 * 10 ** random.next();
  const period = samplingRateHz / (order * shaftHz);
  const spread = random.between(0.05, 0.5);
  const isRough = random.next() < 0.35;
  const exit = random.next() < 0.4 ? { after: random.between(0.03, 0.3), size: -random.between(0.4, 1.5) } : null;
  const loudness = loudnessOf(random, defect, turning);
  for (let at = random.next() * period; at < sampleCount; at += period * (1 + slip * random.normal())) {
    const size = Math.exp(spread * random.normal()) * loudness(at / samplingRateHz);
    if (isRough) burst(random, force, at, { length: random.between(0.1, 0.4) * period, size });
    else {
      strike(force, at, size);
      if (exit) strike(force, at + exit.after * period, exit.size * size);
    }
  }
  return force;
}

/** How loud a blow is at a time, by what carries the defect through the load zone. */
function loudnessOf(random: Random, defect: Defect, { shaftHz, orders }: Turning): (seconds: number) => number {
  const reach = Math.cos(random.between(0.6, Math.PI));
  const everywhere = random.next() < 0.5 ? random.between(0, 0.6) : 0;
  const begin = 2 * Math.PI * random.next();
  const angle = (seconds: number, hz: number) => 2 * Math.PI * hz * seconds;
  const zone = (phase: number) => {
    const inside = (Math.cos(phase) - reach) / (1 - reach);
    return everywhere + (1 - everywhere) * (inside > 0 ? inside ** 1.5 : 0);
  };
  switch (defect) {
    case 'inner':
      return (seconds) => zone(angle(seconds, shaftHz) + begin);
    case 'outer': {
      // The race stands in the load; an unbalance and elements of unequal size make it swell.
      const byShaft = random.next() < 0.5 ? random.between(0, 0.6) : 0;
      const byCage = random.next() < 0.5 ? random.between(0, 0.5) : 0;
      return (seconds) =>
        (1 + byShaft * Math.cos(angle(seconds, shaftHz) + begin)) *
        (1 + byCage * Math.cos(angle(seconds, orders.ftf * shaftHz)));
    }
    case 'ball': {
      const otherRace = random.between(random.next() < 0.5 ? 0.3 : 0, 1);
      const share = random.next() < 0.5 ? 1 : random.between(0.15, 0.8);
      let isMet = random.next() < share;
      let blows = 0;
      return (seconds) => {
        if (random.next() < TURN_OVER) isMet = random.next() < share;
        const race = blows++ % 2 === 0 ? 1 : otherRace;
        return zone(angle(seconds, orders.ftf * shaftHz) + begin) * race * (isMet ? 1 : 0.1);
      };
    }
  }
}

function burst(random: Random, force: Float64Array, at: number, { length, size }: { length: number; size: number }) {
  const count = Math.max(2, Math.round(length));
  const from = Math.round(at);
  for (let i = from; i < Math.min(force.length, from + count); i++) {
    force[i]! += (size * random.normal()) / Math.sqrt(count);
  }
}
