import type { BearingOrders } from './types.ts';

/** Repeatable noise: a Lehmer generator and Box–Muller. */
export function gaussian(seed: number): () => number {
  let state = seed % 2_147_483_647 || 1;
  const uniform = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

export interface SimulatedMachine {
  readonly samplingRateHz: number;
  readonly rpm: number;
  readonly seconds: number;
  readonly seed: number;
  readonly noiseG: number;
  /** mm/s RMS of shaft orders. */
  readonly lines?: Readonly<Record<number, number>>;
  /** Impacts at this order, their height in g, and the order of their amplitude modulation. */
  readonly impacts?: {
    readonly order: number;
    readonly heightG: number;
    readonly modulationOrder?: number;
    readonly slip?: number;
  };
}

export const ORDERS_6205: BearingOrders = { bpfo: 3.5848, bpfi: 5.4152, ftf: 0.3983, bsf: 2.3567 };

/** Acceleration in g: shaft lines, struck resonance with 1 % slip jitter, Gaussian noise. */
export function simulate(machine: SimulatedMachine): Float32Array {
  const { samplingRateHz: rate, rpm, noiseG, lines = {}, impacts } = machine;
  const noise = gaussian(machine.seed);
  const shaftHz = rpm / 60;
  const n = Math.round(machine.seconds * rate);
  const out = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    let value = noiseG * noise();
    for (const [order, rmsMmS] of Object.entries(lines)) {
      const omega = 2 * Math.PI * Number(order) * shaftHz;
      value += ((Math.SQRT2 * rmsMmS * omega) / 9806.65) * Math.sin((omega * i) / rate + Number(order));
    }
    out[i] = value;
  }
  if (impacts !== undefined) {
    const period = 1 / (impacts.order * shaftHz);
    for (let t = 0.01; t < machine.seconds; t += period * (1 + (impacts.slip ?? 0.01) * noise())) {
      const phase = 2 * Math.PI * (impacts.modulationOrder ?? 0) * shaftHz * t;
      const height = impacts.heightG * (impacts.modulationOrder === undefined ? 1 : 0.55 + 0.45 * Math.cos(phase));
      const start = Math.ceil(t * rate);
      for (let i = start; i < Math.min(n, start + rate / 100); i++) {
        const age = i / rate - t;
        out[i]! += height * Math.exp(-900 * age) * Math.sin(2 * Math.PI * 0.28 * rate * age);
      }
    }
  }
  return out;
}
