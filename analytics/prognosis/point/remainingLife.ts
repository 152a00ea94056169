import type { DegradationPath } from './degradation.ts';
import { normal, passed } from './passage.ts';

/** Why no remaining life is given. */
export type Withheld =
  /** No confirmed anomaly: before its onset a fault foretells nothing. */
  | 'no-onset'
  /** Nothing is known of the level at which this point counts as failed. */
  | 'no-limit'
  /** Too little has been measured since the onset. */
  | 'too-short'
  /** The level does not rise reliably. */
  | 'no-trend'
  /** The level has reached the limit: there is nothing left to foretell. */
  | 'past-limit';

export type RemainingLife =
  | {
      readonly kind: 'interval';
      readonly method: 'wiener-log-level';
      /** Probability that the interval holds the time to the limit, by the model. */
      readonly confidence: number;
      readonly lowHours: number;
      readonly medianHours: number;
      /** null: not within the horizon. */
      readonly highHours: number | null;
      readonly limit: number;
      readonly onsetMs: number;
      /** Time of the last measurement: the hours count from there. */
      readonly asOfMs: number;
    }
  | { readonly kind: 'withheld'; readonly reason: Withheld };

export interface LifeSettings {
  readonly confidence: number;
  /** Points of the path needed before a trend may be told. */
  readonly leastPoints: number;
  /** Least probability that the drift is positive. */
  readonly trendCertainty: number;
  /** Nothing is foretold beyond so many times the time since the onset. */
  readonly horizonRatio: number;
  /** How uncertain the limit itself is, standard deviation of its logarithm. */
  readonly limitSpread: number;
}

export const LIFE_SETTINGS: LifeSettings = {
  confidence: 0.8,
  leastPoints: 8,
  trendCertainty: 0.9,
  horizonRatio: 20,
  limitSpread: 0.35,
};

const HOUR_MS = 3_600_000;
/** Midpoints of equal shares of a normal distribution: drift and limit are averaged over them. */
const NODES = [-1.645, -1.036, -0.674, -0.385, -0.126, 0.126, 0.385, 0.674, 1.036, 1.645] as const;

/**
 * Time until a level that grows exponentially, with random increments, first reaches its limit.
 *
 * The logarithm of the level is a Wiener process with drift. Drift and diffusion come from the path since the onset;
 * the drift's own uncertainty (Student's t with few points, taken as a wider normal) and the limit's are averaged out.
 *
 * @param limit level that counts as failed, in the level's unit; null when none is known
 * @see X. Wang, N. Balakrishnan, B. Guo, Residual life estimation based on a generalized Wiener degradation process,
 *      Reliab. Eng. Syst. Saf. 124 (2014) 13–23
 * @remarks O(100 · log) for one answer; pure.
 */
export function remainingLife(
  path: DegradationPath | null,
  limit: number | null,
  settings: LifeSettings = LIFE_SETTINGS,
): RemainingLife {
  if (!path || path.points.length === 0) return withheld('no-onset');
  if (limit === null || !(limit > 0)) return withheld('no-limit');
  const { points } = path;
  const first = points[0]!;
  const last = points.at(-1)!;
  const gap = Math.log(limit) - last.ln;
  if (gap <= 0) return withheld('past-limit');
  const spanHours = (last.atMs - first.atMs) / HOUR_MS;
  if (points.length < settings.leastPoints || !(spanHours > 0)) return withheld('too-short');
  const { drift, diffusion, driftSpread } = growth(path);
  if (normal(drift / driftSpread) < settings.trendCertainty) return withheld('no-trend');
  const horizon = settings.horizonRatio * spanHours;
  const reached = (hours: number): number => {
    let sum = 0;
    for (const d of NODES) {
      const rate = Math.max(drift + d * driftSpread, 0.02 * drift);
      for (const l of NODES) sum += passed(Math.max(gap + l * settings.limitSpread, 0.02), rate, diffusion, hours);
    }
    return sum / NODES.length ** 2;
  };
  const tail = (1 - settings.confidence) / 2;
  const at = (share: number) => quantile(reached, share, horizon);
  return {
    ...{ kind: 'interval', method: 'wiener-log-level', confidence: settings.confidence },
    lowHours: at(tail) ?? horizon,
    medianHours: at(0.5) ?? horizon,
    highHours: at(1 - tail),
    ...{ limit, onsetMs: first.atMs, asOfMs: last.atMs },
  };
}

/** Drift and diffusion per hour from the increments of the path, and how uncertain the drift is. */
function growth({ points, perPoint }: DegradationPath): { drift: number; diffusion: number; driftSpread: number } {
  const first = points[0]!;
  const last = points.at(-1)!;
  const span = (last.atMs - first.atMs) / HOUR_MS;
  const drift = (last.ln - first.ln) / span;
  let squares = 0;
  for (let i = 1; i < points.length; i++) {
    const hours = Math.max((points[i]!.atMs - points[i - 1]!.atMs) / HOUR_MS, 1e-9);
    squares += (points[i]!.ln - points[i - 1]!.ln - drift * hours) ** 2 / hours;
  }
  const steps = points.length - 1;
  // Means over adjoining stretches differ by only two thirds of what the process itself spreads over one.
  const smoothed = perPoint > 1 ? 1.5 : 1;
  const diffusion = Math.max(Math.sqrt((smoothed * squares) / Math.max(1, steps - 1)), 1e-6);
  return { drift, diffusion, driftSpread: (diffusion / Math.sqrt(span)) * Math.sqrt(1 + 2 / steps) };
}

/** Time at which a distribution function reaches a share; null when not within the horizon. */
function quantile(reached: (hours: number) => number, share: number, horizon: number): number | null {
  if (reached(horizon) < share) return null;
  let low = 0;
  let high = horizon;
  for (let i = 0; i < 30; i++) {
    const middle = (low + high) / 2;
    if (reached(middle) < share) low = middle;
    else high = middle;
  }
  return high;
}

function withheld(reason: Withheld): RemainingLife {
  return { kind: 'withheld', reason };
}
