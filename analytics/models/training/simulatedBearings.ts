import { type BearingDimensions, bearingOrdersOf, defectOrder, sidebandOrder } from '../../diagnosis/bearing.ts';
import type { CombSource } from '../features/bearingCombs.ts';
import type { Random } from './random.ts';

export type BearingClass = 'normal' | 'inner' | 'outer' | 'ball';

const RATES_HZ = [12_000, 16_384, 20_000, 25_600, 48_000] as const;
/** The whole of a block that a machine would send, seconds. */
const LEAST_S = 0.6;
const MOST_S = 1.4;

/**
 * One waveform of a machine that does not exist: shaft harmonics, mains hum, noise and, in a faulty bearing, impacts with
 * slip that ring one or two resonances, louder in the load zone. Nothing recorded goes in, so that weights trained on it
 * are free of anybody's licence.
 *
 * @see P. McFadden, J. Smith, J. Sound Vib. 96 (1984) 69-82: impacts modulated by load zone and transmission path
 * @see J. Antoni, Mech. Syst. Signal Process. 21 (2007) 108-124: slip as a random walk of the impacts' times
 */
export function simulateBearing(random: Random, kind: BearingClass): CombSource {
  const samplingRateHz = RATES_HZ[Math.floor(random.next() * RATES_HZ.length)]!;
  const shaftHz = random.between(24, 55);
  const bearing: BearingDimensions = {
    n: Math.floor(random.between(7, 17)),
    ballDiameter: random.between(0.15, 0.3),
    pitchDiameter: 1,
    contactDeg: random.next() < 0.5 ? 0 : random.between(0, 20),
  };
  const orders = bearingOrdersOf(bearing);
  const samples = new Float32Array(Math.round(random.between(LEAST_S, MOST_S) * samplingRateHz));
  addShaft(random, samples, samplingRateHz, shaftHz);
  // The same noise in every band, whatever the rate.
  const noise = Math.exp(random.between(-1, 1)) * Math.sqrt(samplingRateHz / 12_000);
  for (let i = 0; i < samples.length; i++) samples[i]! += noise * random.normal();
  if (kind !== 'normal') {
    const order = defectOrder(kind, orders);
    const zoneHz = sidebandOrder(kind, orders) * shaftHz;
    addImpacts(random, samples, { samplingRateHz, impactHz: order * shaftHz, zoneHz });
  }
  // What the sender says of the speed is up to 1 % wrong.
  return { samples, samplingRateHz, shaftHz: shaftHz * (1 + random.between(-0.01, 0.01)), orders };
}

function addShaft(random: Random, samples: Float32Array, rateHz: number, shaftHz: number): void {
  const lines = Array.from({ length: 8 }, (_, k) => ({
    hz: (k + 1) * shaftHz,
    size: Math.exp(0.8 * random.normal() - 0.6 * k),
  }));
  if (random.next() < 0.3) lines.push({ hz: 100, size: 0.3 });
  for (const { hz, size } of lines) {
    const phase = 2 * Math.PI * random.next();
    for (let i = 0; i < samples.length; i++) samples[i]! += size * Math.sin((2 * Math.PI * hz * i) / rateHz + phase);
  }
}

function addImpacts(
  random: Random,
  samples: Float32Array,
  { samplingRateHz, impactHz, zoneHz }: { samplingRateHz: number; impactHz: number; zoneHz: number },
): void {
  const resonances = Array.from({ length: random.next() < 0.5 ? 1 : 2 }, () => ({
    hz: random.between(600, 5200),
    decay: random.between(300, 1500),
  }));
  const slip = random.between(0.002, 0.02);
  const depth = zoneHz > 0 ? random.between(0.3, 0.95) : 0;
  const size = Math.exp(random.between(0.3, 2.6));
  const seconds = samples.length / samplingRateHz;
  for (let t = random.next() / impactHz; t < seconds; t += (1 + slip * random.normal()) / impactHz) {
    const load = 1 - depth * (0.5 - 0.5 * Math.cos(2 * Math.PI * zoneHz * t));
    const blow = size * load * random.between(0.6, 1.4);
    for (const { hz, decay } of resonances) {
      const from = Math.ceil(t * samplingRateHz);
      const to = Math.min(samples.length, from + Math.ceil((5 / decay) * samplingRateHz));
      for (let i = from; i < to; i++) {
        const age = i / samplingRateHz - t;
        samples[i]! += blow * Math.exp(-decay * age) * Math.sin(2 * Math.PI * hz * age);
      }
    }
  }
}
