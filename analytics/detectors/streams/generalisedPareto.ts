import { streamErrors } from './errors.ts';

/** A generalised Pareto tail: P(X > x) = (1 + shape·x / scale)^(−1/shape), x ≥ 0; the exponential law at shape 0. */
export interface ParetoTail {
  /** ξ: below 0 the tail ends at −scale/shape, above 0 it is heavy. */
  readonly shape: number;
  /** σ > 0, in the unit of the excesses. */
  readonly scale: number;
}

const NEARLY_EXPONENTIAL = 1e-6;
/** Under −1 the likelihood has no maximum; above 1 the mean is infinite, which no sensor's excess has. */
const SHAPE_LEAST = -0.95;
const SHAPE_MOST = 1;
const GRID = 24;
const REFINEMENTS = 60;
const GOLDEN_SECTION = (Math.sqrt(5) - 1) / 2;

/**
 * Tail fitted to excesses over a threshold by maximum likelihood, by Grimshaw's reduction to one unknown: for
 * θ = shape/scale the best shape is mean(ln(1 + θ·x)), so that only θ has to be sought.
 *
 * @param excesses values above the threshold less the threshold, all ≥ 0, any order; at least one above 0
 * @returns shape in (−0.95, 1); the exponential law when all excesses are equal or fewer than 3
 * @throws {FaultlineError} STREAM_SETTING when no excess is above 0 or one is not finite
 * @remarks O(n·(grid + refinements)); golden numbers from scipy.stats.genpareto.fit.
 * @see S. D. Grimshaw, Computing maximum likelihood estimates for the generalized Pareto distribution,
 *   Technometrics 35 (1993) 185-191
 */
export function fitByLikelihood(excesses: ArrayLike<number>): ParetoTail {
  const { mean, most, least } = summary(excesses);
  if (excesses.length < 3 || most - least <= 1e-12 * most) return { shape: 0, scale: mean };
  // In units of the mean excess, θ ranges from just above −1/most (shape → −∞) to where the shape grows past 1.
  const lowest = (-1 / most) * (1 - 1e-9);
  const candidates: number[] = [];
  for (let k = 1; k < GRID; k++) candidates.push(lowest * (1 - (k / GRID) ** 3));
  for (let k = 0; k < GRID; k++) candidates.push(10 ** (-3 + (k * 6) / (GRID - 1)) / mean);
  candidates.push(0);
  candidates.sort((a, b) => a - b);
  let best = 0;
  let bestValue = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < candidates.length; k++) {
    const value = profile(candidates[k]!, excesses, mean);
    if (value > bestValue) [best, bestValue] = [k, value];
  }
  let left = candidates[Math.max(best - 1, 0)]!;
  let right = candidates[Math.min(best + 1, candidates.length - 1)]!;
  for (let step = 0; step < REFINEMENTS; step++) {
    const a = right - GOLDEN_SECTION * (right - left);
    const b = left + GOLDEN_SECTION * (right - left);
    if (profile(a, excesses, mean) >= profile(b, excesses, mean)) right = b;
    else left = a;
  }
  const theta = (left + right) / 2;
  const shape = shapeAt(theta, excesses);
  if (Math.abs(theta) * mean < NEARLY_EXPONENTIAL) return { shape: 0, scale: mean };
  return { shape, scale: shape / theta };
}

/**
 * Tail fitted by probability-weighted moments: closed form, no search, steadier than likelihood on few excesses.
 *
 * @param excesses sorted ascending, all ≥ 0; at least one above 0
 * @returns shape clamped to (−0.95, 1)
 * @throws {FaultlineError} STREAM_SETTING when no excess is above 0 or one is not finite
 * @see J. R. M. Hosking, J. R. Wallis, Parameter and quantile estimation for the generalized Pareto distribution,
 *   Technometrics 29 (1987) 339-349
 */
export function fitByWeightedMoments(excesses: ArrayLike<number>): ParetoTail {
  const { mean } = summary(excesses);
  const n = excesses.length;
  if (n < 3) return { shape: 0, scale: mean };
  let weighted = 0;
  for (let i = 0; i < n; i++) weighted += ((n - 1 - i) / (n - 1)) * excesses[i]!;
  weighted /= n;
  const shape = 2 - mean / (mean - 2 * weighted);
  if (!Number.isFinite(shape)) return { shape: 0, scale: mean };
  if (shape < SHAPE_LEAST || shape > SHAPE_MOST) {
    const clamped = Math.min(Math.max(shape, SHAPE_LEAST), SHAPE_MOST - 0.05);
    return { shape: clamped, scale: mean * (1 - clamped) };
  }
  return { shape, scale: (2 * mean * weighted) / (mean - 2 * weighted) };
}

/** P(excess > x); 1 for x ≤ 0. */
export function tailProbability(tail: ParetoTail, x: number): number {
  if (x <= 0) return 1;
  if (Math.abs(tail.shape) < NEARLY_EXPONENTIAL) return Math.exp(-x / tail.scale);
  const base = 1 + (tail.shape * x) / tail.scale;
  return base <= 0 ? 0 : base ** (-1 / tail.shape);
}

/** The excess that is passed with the given probability in (0, 1]: the inverse of `tailProbability`. */
export function tailQuantile(tail: ParetoTail, probability: number): number {
  if (!(probability > 0 && probability <= 1))
    throw streamErrors.STREAM_SETTING({ what: 'A tail probability', got: probability, want: 'a number in (0, 1]' });
  if (Math.abs(tail.shape) < NEARLY_EXPONENTIAL) return -tail.scale * Math.log(probability);
  return (tail.scale / tail.shape) * (probability ** -tail.shape - 1);
}

function summary(excesses: ArrayLike<number>): { mean: number; most: number; least: number } {
  let sum = 0;
  let most = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < excesses.length; i++) {
    sum += excesses[i]!;
    most = Math.max(most, excesses[i]!);
    least = Math.min(least, excesses[i]!);
  }
  if (!(most > 0 && least >= 0 && Number.isFinite(sum)))
    throw streamErrors.STREAM_SETTING({
      what: `A list of ${excesses.length} excesses`,
      got: `${least} … ${most}`,
      want: 'finite values of at least 0, one of them above 0',
    });
  return { mean: sum / excesses.length, most, least };
}

function shapeAt(theta: number, excesses: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < excesses.length; i++) sum += Math.log1p(theta * excesses[i]!);
  return sum / excesses.length;
}

/** Log-likelihood per value at the best shape for θ; −∞ where the shape leaves the admitted range. */
function profile(theta: number, excesses: ArrayLike<number>, mean: number): number {
  if (Math.abs(theta) * mean < NEARLY_EXPONENTIAL) return -Math.log(mean) - 1;
  const shape = shapeAt(theta, excesses);
  if (!(shape > SHAPE_LEAST && shape < SHAPE_MOST)) return Number.NEGATIVE_INFINITY;
  return -Math.log(shape / theta) - shape - 1;
}
