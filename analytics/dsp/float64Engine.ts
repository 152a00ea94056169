import { type ComplexDft64, complexDft64 } from './complexFft64.ts';
import { dspErrors } from './errors.ts';
import type { FftEngine, FftPlan } from './fftPlan.ts';

/** Reference engine in double precision: every even size, error below 1e-9 of the largest bin. */
export const float64Engine: FftEngine = {
  name: 'float64',
  real: realPlan,
  complex: complexPlan,
  supports: (kind, size) =>
    Number.isInteger(size) && size >= (kind === 'real' ? 2 : 1) && (kind !== 'real' || size % 2 === 0),
};

function complexPlan(size: number): FftPlan {
  const dft = complexDft64(size);
  const time = new Float64Array(2 * size);
  const bins = new Float64Array(2 * size);
  return {
    size,
    time,
    bins,
    forward: () => dft.forward(bins, time),
    inverse: () => dft.inverse(time, bins),
    free: () => {},
  };
}

/**
 * Real transform by one complex transform of half the size: z[n] = x[2n] + j·x[2n+1].
 * @see H. Sorensen et al., IEEE Trans. ASSP 35 (1987) 849-863
 */
function realPlan(size: number): FftPlan {
  if (!float64Engine.supports('real', size)) {
    throw dspErrors.DSP_LENGTH({ what: 'The real transform', got: size, want: 'an even whole number' });
  }
  const half = size / 2;
  const dft: ComplexDft64 = complexDft64(half);
  const time = new Float64Array(size);
  const bins = new Float64Array(size);
  const cos = Float64Array.from({ length: half }, (_, k) => Math.cos((2 * Math.PI * k) / size));
  const sin = Float64Array.from({ length: half }, (_, k) => Math.sin((2 * Math.PI * k) / size));

  const forward = () => {
    dft.forward(bins, time);
    const dc = bins[0]!;
    const odd = bins[1]!;
    bins[0] = dc + odd;
    bins[1] = dc - odd;
    for (let k = 1; k <= half - k; k++) {
      const i = 2 * k;
      const j = 2 * (half - k);
      const evenRe = (bins[i]! + bins[j]!) / 2;
      const evenIm = (bins[i + 1]! - bins[j + 1]!) / 2;
      const oddRe = (bins[i + 1]! + bins[j + 1]!) / 2;
      const oddIm = (bins[j]! - bins[i]!) / 2;
      const turnedRe = oddRe * cos[k]! + oddIm * sin[k]!;
      const turnedIm = oddIm * cos[k]! - oddRe * sin[k]!;
      bins[i] = evenRe + turnedRe;
      bins[i + 1] = evenIm + turnedIm;
      bins[j] = evenRe - turnedRe;
      bins[j + 1] = turnedIm - evenIm;
    }
  };
  const inverse = () => {
    const first = bins[0]!;
    const nyquist = bins[1]!;
    bins[0] = first + nyquist;
    bins[1] = first - nyquist;
    for (let k = 1; k <= half - k; k++) {
      const i = 2 * k;
      const j = 2 * (half - k);
      const evenRe = bins[i]! + bins[j]!;
      const evenIm = bins[i + 1]! - bins[j + 1]!;
      const turnedRe = bins[i]! - bins[j]!;
      const turnedIm = bins[i + 1]! + bins[j + 1]!;
      const oddRe = turnedRe * cos[k]! - turnedIm * sin[k]!;
      const oddIm = turnedRe * sin[k]! + turnedIm * cos[k]!;
      bins[i] = evenRe - oddIm;
      bins[i + 1] = evenIm + oddRe;
      bins[j] = evenRe + oddIm;
      bins[j + 1] = oddRe - evenIm;
    }
    dft.inverse(time, bins);
  };
  return { size, time, bins, forward, inverse, free: () => {} };
}
