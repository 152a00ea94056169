/** A structural resonance as an impact excites it. */
export interface Resonance {
  hz: number;
  dampingRatio: number;
  /** Share of the impact that this resonance takes. */
  share: number;
}

/** Below this fraction of its beginning a ring-down is over. */
const SILENT = 1e-3;

/**
 * Adds the ring-down of one impact to `samples`: a damped sine per resonance that begins between two samples, so that
 * the spacing of impacts is not rounded to the sampling grid.
 *
 * @param atSample time of the impact in samples, fractional; may lie before the first sample
 */
export function addRingDown(
  samples: Float64Array,
  atSample: number,
  amplitude: number,
  resonances: readonly Resonance[],
  samplingRateHz: number,
): void {
  const first = Math.max(0, Math.ceil(atSample));
  for (const { hz, dampingRatio, share } of resonances) {
    const omega = (2 * Math.PI * hz) / samplingRateHz;
    const decayPerSample = dampingRatio * omega;
    const last = Math.min(samples.length, Math.ceil(atSample - Math.log(SILENT) / decayPerSample));
    const elapsed = first - atSample;
    const start = amplitude * share * Math.exp(-decayPerSample * elapsed);
    let re = start * Math.cos(omega * elapsed);
    let im = start * Math.sin(omega * elapsed);
    const stepRe = Math.exp(-decayPerSample) * Math.cos(omega);
    const stepIm = Math.exp(-decayPerSample) * Math.sin(omega);
    for (let i = first; i < last; i++) {
      samples[i]! += im;
      const nextRe = re * stepRe - im * stepIm;
      im = re * stepIm + im * stepRe;
      re = nextRe;
    }
  }
}

/** The resonances of a structure inside the sensor's band, the lowest the strongest. */
export function resonancesInBand(resonancesHz: readonly number[], bandHz: number): Resonance[] {
  const inside = resonancesHz.filter((hz) => hz < bandHz);
  // A slow sensor still hears the housing's skirt: without any mode in its band, one sits at two thirds of it.
  const modes = inside.length > 0 ? inside : [bandHz * 0.66];
  return modes.map((hz, index) => ({ hz, dampingRatio: 0.035, share: 0.75 ** index }));
}
