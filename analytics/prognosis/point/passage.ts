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

/** Distribution function of the standard normal, absolute error below 1e-7 (Abramowitz, Stegun 26.2.17 and 26.2.14). */
export function normal(z: number): number {
  if (z < -FAR) return Math.exp(logFarTail(-z));
  if (z > FAR) return 1 - Math.exp(logFarTail(z));
  return z < 0 ? nearTail(-z) : 1 - nearTail(z);
}

/** From here on the continued fraction converges within its terms. */
const FAR = 2;
const TERMS = 30;

function nearTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}

/** ln(1 − Φ(z)) for z ≥ 2, to seven digits at 2, more further out: φ(z) / (z + 1/(z + 2/(z + 3/…))). */
function logFarTail(z: number): number {
  let fraction = z;
  for (let k = TERMS; k >= 1; k--) fraction = z + k / fraction;
  return (-z * z) / 2 - Math.log(fraction * Math.sqrt(2 * Math.PI));
}

function logNormal(z: number): number {
  return z < -FAR ? logFarTail(-z) : Math.log(normal(z));
}
