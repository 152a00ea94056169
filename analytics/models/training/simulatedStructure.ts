import type { Random } from './random.ts';

/** One way in which a machine rings. */
export interface Resonance {
  readonly hz: number;
  /** Share of critical damping. */
  readonly damping: number;
}

const LOWEST_HZ = 300;
const HIGHEST_HZ = 9000;

/** Three to seven resonances anywhere between 300 and 9000 Hz that the sampling rate allows. */
export function randomStructure(random: Random, samplingRateHz: number): Resonance[] {
  return Array.from({ length: 3 + Math.floor(5 * random.next()) }, () => ({
    hz: Math.min(0.45 * samplingRateHz, LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** random.next()),
    damping: 0.008 * 10 ** random.next(),
  }));
}

/**
 * What a sensor hears of a force somewhere in the machine: each source reaches it along a path of its own, which excites
 * the same resonances differently.
 *
 * @param force  shape (n,), any unit
 * @param levelRms RMS of the answer
 */
export function ringing(
  random: Random,
  structure: readonly Resonance[],
  force: Float64Array,
  { samplingRateHz, levelRms }: { samplingRateHz: number; levelRms: number },
): Float64Array {
  const out = new Float64Array(force.length);
  for (const { hz, damping } of structure) {
    const angle = (2 * Math.PI * hz) / samplingRateHz;
    const radius = Math.exp(-damping * angle);
    const [a1, a2] = [2 * radius * Math.cos(angle), -radius * radius];
    const gain = Math.exp(random.normal()) * Math.sqrt(1 - radius * radius);
    let [last, before] = [0, 0];
    for (let i = 0; i < force.length; i++) {
      const value = gain * force[i]! + a1 * last + a2 * before;
      out[i]! += value;
      before = last;
      last = value;
    }
  }
  return scaledTo(levelRms, out);
}

/** A signal at a level; a silent one stays silent. */
export function scaledTo(levelRms: number, signal: Float64Array): Float64Array {
  let sum = 0;
  for (const value of signal) sum += value * value;
  const scale = sum > 0 ? levelRms / Math.sqrt(sum / signal.length) : 0;
  return signal.map((value) => value * scale);
}

/** Adds a blow at a time that need not fall on a sample; one beyond the block is not heard. */
export function strike(force: Float64Array, atSamples: number, size: number): void {
  const first = Math.floor(atSamples);
  if (first < 0 || first + 1 >= force.length) return;
  force[first]! += size * (1 - (atSamples - first));
  force[first + 1]! += size * (atSamples - first);
}
