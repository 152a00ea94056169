import FFT from 'fft.js';
import { dspErrors } from './errors.ts';

/** In-place-free complex DFT of any length in double precision: `out` and `data` are interleaved and distinct. */
export interface ComplexDft64 {
  readonly size: number;
  forward(out: Float64Array, data: Float64Array): void;
  /** Unscaled: inverse(forward(x)) = size·x. */
  inverse(out: Float64Array, data: Float64Array): void;
}

/**
 * Complex DFT in float64: radix 4 for powers of two, Bluestein's chirp for every other length.
 *
 * @param size number of complex points, a positive integer
 * @returns a transform that owns its work space; not for use from two calls at once
 * @throws {FaultlineError} DSP_LENGTH when size is not a positive integer
 * @remarks O(size·log size) a call, error below 1e-9 relative to the largest bin; `forward` allocates nothing.
 * @see L. Bluestein, IEEE Trans. Audio Electroacoust. 18 (1970) 451-455
 * @example const dft = complexDft64(6); dft.forward(out, data); // out[0] = Σ re, out[1] = Σ im
 */
export function complexDft64(size: number): ComplexDft64 {
  if (!Number.isInteger(size) || size < 1) {
    throw dspErrors.DSP_LENGTH({ what: 'The transform', got: size, want: 'a positive whole number' });
  }
  if (size === 1) return single();
  return (size & (size - 1)) === 0 ? radix4(size) : bluestein(size);
}

function single(): ComplexDft64 {
  const copy = (out: Float64Array, data: Float64Array) => out.set(data.subarray(0, 2));
  return { size: 1, forward: copy, inverse: copy };
}

function radix4(size: number): ComplexDft64 {
  const fft = new FFT(size);
  return {
    size,
    forward: (out, data) => fft.transform(out, data),
    inverse: (out, data) => {
      fft.inverseTransform(out, data);
      for (let i = 0; i < 2 * size; i++) out[i]! *= size;
    },
  };
}

/** x[n]·c[n] convolved with conj(c), c[n] = e^(−jπn²/size), by a power-of-two transform of at least 2·size − 1. */
function bluestein(size: number): ComplexDft64 {
  const padded = 2 ** Math.ceil(Math.log2(2 * size - 1));
  const fft = new FFT(padded);
  const chirp = new Float64Array(2 * size);
  const kernel = new Float64Array(2 * padded);
  for (let n = 0; n < size; n++) {
    // n² grows past the precision of sin and cos long before it overflows, so reduce it to one turn first.
    const angle = (Math.PI * ((n * n) % (2 * size))) / size;
    chirp[2 * n] = Math.cos(angle);
    chirp[2 * n + 1] = -Math.sin(angle);
    for (const at of n === 0 ? [0] : [n, padded - n]) {
      kernel[2 * at] = Math.cos(angle);
      kernel[2 * at + 1] = Math.sin(angle);
    }
  }
  const kernelBins = new Float64Array(2 * padded);
  fft.transform(kernelBins, kernel);
  const a = new Float64Array(2 * padded);
  const b = new Float64Array(2 * padded);

  const forward = (out: Float64Array, data: Float64Array, sign: 1 | -1) => {
    a.fill(0);
    for (let i = 0; i < 2 * size; i += 2) multiply(a, i, data[i]!, sign * data[i + 1]!, chirp[i]!, chirp[i + 1]!);
    fft.transform(b, a);
    for (let i = 0; i < 2 * padded; i += 2) multiply(b, i, b[i]!, b[i + 1]!, kernelBins[i]!, kernelBins[i + 1]!);
    fft.inverseTransform(a, b);
    for (let i = 0; i < 2 * size; i += 2) {
      multiply(out, i, a[i]!, a[i + 1]!, chirp[i]!, chirp[i + 1]!);
      out[i + 1]! *= sign;
    }
  };
  return {
    size,
    forward: (out, data) => forward(out, data, 1),
    // The inverse of z is the conjugate of the forward transform of conj(z).
    inverse: (out, data) => forward(out, data, -1),
  };
}

function multiply(out: Float64Array, at: number, re: number, im: number, factorRe: number, factorIm: number): void {
  out[at] = re * factorRe - im * factorIm;
  out[at + 1] = re * factorIm + im * factorRe;
}
