import { complexDft64 } from './complexFft64.ts';
import type { Samples } from './fftPlan.ts';
import { signalOf, spectrumOf } from './spectrum64.ts';

/** Complex signal in double precision, parts apart. */
export interface ComplexSignal {
  re: Float64Array;
  im: Float64Array;
}

/**
 * Analytic signal x + j·H{x}: the negative frequencies removed, the positive doubled.
 *
 * @param samples shape (n,), any length n >= 1
 * @returns shape (n,) each; re equals the input
 * @remarks O(n log n), float64; the plain form against which the fast path is checked.
 *   Equals `scipy.signal.hilbert(x)`.
 * @see S. Marple, IEEE Trans. Signal Process. 47 (1999) 2600-2603
 * @example analyticSignal(cos θ) // re = cos θ, im = sin θ over whole periods
 */
export function analyticSignal(samples: Samples): ComplexSignal {
  return oneSidedInverse(spectrumOf(samples));
}

/**
 * Cepstrum pre-whitening: every line of the spectrum is set to unit magnitude, its phase kept.
 *
 * @param samples shape (n,)
 * @returns shape (n,): the real signal with |X| = 1 in every bin; a bin of zero magnitude stays 0
 * @remarks Periodic (deterministic) parts lose their dominance; random impulses of a bearing stay. O(n log n), float64.
 * @see P. Borghesani et al., Mech. Syst. Signal Process. 36 (2013) 370-384
 */
export function prewhiten(samples: Samples): Float64Array {
  const spectrum = spectrumOf(samples);
  for (let i = 0; i < spectrum.length; i += 2) {
    const magnitude = Math.hypot(spectrum[i]!, spectrum[i + 1]!);
    const gain = magnitude > 0 ? 1 / magnitude : 0;
    spectrum[i]! *= gain;
    spectrum[i + 1]! *= gain;
  }
  return signalOf(spectrum);
}

/**
 * Power of the squared envelope's spectrum, |DFT(|x_a|² − mean)|² / n².
 *
 * @param samples shape (n,)
 * @returns shape (⌊n/2⌋ + 1,), unit⁴; bin k lies at k·samplingRateHz/n
 * @remarks O(n log n), float64; the plain form against which the fast path is checked.
 * @see R. Randall, J. Antoni, Mech. Syst. Signal Process. 25 (2011) 485-520, section 5.4
 */
export function squaredEnvelopeSpectrum(samples: Samples): Float64Array {
  const n = samples.length;
  const { re, im } = analyticSignal(samples);
  const envelope = Float64Array.from(re, (x, i) => x * x + im[i]! * im[i]!);
  const mean = envelope.reduce((sum, x) => sum + x, 0) / n;
  const spectrum = spectrumOf(envelope.map((x) => x - mean));
  return Float64Array.from(
    { length: Math.floor(n / 2) + 1 },
    (_, k) => (spectrum[2 * k]! ** 2 + spectrum[2 * k + 1]! ** 2) / (n * n),
  );
}

function oneSidedInverse(spectrum: Float64Array): ComplexSignal {
  const n = spectrum.length / 2;
  for (let k = 1; k < n; k++) {
    // DC and, for even n, the Nyquist bin belong to both sides and stay as they are.
    const gain = 2 * k === n ? 1 : 2 * k < n ? 2 : 0;
    spectrum[2 * k]! *= gain;
    spectrum[2 * k + 1]! *= gain;
  }
  const out = new Float64Array(2 * n);
  complexDft64(n).inverse(out, spectrum);
  return {
    re: Float64Array.from({ length: n }, (_, i) => out[2 * i]! / n),
    im: Float64Array.from({ length: n }, (_, i) => out[2 * i + 1]! / n),
  };
}
