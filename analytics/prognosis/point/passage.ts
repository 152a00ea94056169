/**
 * Probability that a Wiener process with drift has passed a level within a time.
 *
 * @param gap       distance to the level, > 0
 * @param drift     mean growth per unit of time; may be negative
 * @param diffusion standard deviation per square root of a unit of time, > 0
 * @param time      ≥ 0, same unit of time
 * @returns inverse-Gaussian distribution function, 0 … 1
 * @see R. S. Chhikara, J. L. Folks, The Inverse Gaussian Distribution (1989), ch. 2
 * @example passed(1, 1, 1, 1e9) // 1: a growing process arrives for certain
 */
export function passed(gap: number, drift: number, diffusion: number, time: number): number {
  if (gap <= 0) return 1;
  if (time <= 0) return 0;
  const root = diffusion * Math.sqrt(time);
  const direct = normal((drift * time - gap) / root);
  // exp(2·μ·w/σ²) overflows where its factor vanishes; their product is what counts.
  const reflected = Math.exp((2 * drift * gap) / diffusion ** 2 + logNormal((-drift * time - gap) / root));
  return Math.min(1, direct + reflected);
}

/** Distribution function of the standard normal, absolute error below 1e-7 (Abramowitz, Stegun 26.2.17). */
export function normal(z: number): number {
  if (z > 8) return 1;
  if (z < -8) return Math.exp(logNormal(z));
  return z < 0 ? tail(-z) : 1 - tail(z);
}

function tail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}

/** Natural logarithm of the normal distribution function, without underflow far down. */
function logNormal(z: number): number {
  if (z >= -8) return Math.log(Math.max(normal(z), Number.MIN_VALUE));
  // Asymptotic: φ(z)/|z| · (1 − 1/z² + 3/z⁴)
  return (-z * z) / 2 - Math.log(-z * Math.sqrt(2 * Math.PI)) + Math.log1p(-1 / z ** 2 + 3 / z ** 4);
}
