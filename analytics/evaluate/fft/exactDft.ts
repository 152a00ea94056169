/**
 * DFT of a real signal straight from its definition, as the yardstick of every faster one: each factor is looked up at
 * k·i mod n, and the sums carry their rounding along.
 *
 * @param samples shape (n,)
 * @returns interleaved real and imaginary parts, shape (2n,)
 * @remarks O(n²). Error about 1e-16 of Σ|x|.
 * @see A. Neumaier, Z. Angew. Math. Mech. 54 (1974) 39-51
 */
export function exactDft(samples: Float64Array): Float64Array {
  const n = samples.length;
  const cos = Float64Array.from({ length: n }, (_, i) => Math.cos((2 * Math.PI * i) / n));
  const sin = Float64Array.from({ length: n }, (_, i) => Math.sin((2 * Math.PI * i) / n));
  const out = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    out[2 * k] = dot(samples, cos, k);
    out[2 * k + 1] = -dot(samples, sin, k);
  }
  return out;
}

function dot(samples: Float64Array, factors: Float64Array, step: number): number {
  const n = samples.length;
  let sum = 0;
  let lost = 0;
  for (let i = 0, at = 0; i < n; i++) {
    const term = samples[i]! * factors[at]!;
    const next = sum + term;
    lost += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    sum = next;
    at += step;
    if (at >= n) at -= n;
  }
  return sum + lost;
}
