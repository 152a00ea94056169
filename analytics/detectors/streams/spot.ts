import { streamErrors } from './errors.ts';
import {
  fitByLikelihood,
  fitByWeightedMoments,
  type ParetoTail,
  tailProbability,
  tailQuantile,
} from './generalisedPareto.ts';

/** How peaks over threshold are judged. One object for all streams of a kind. */
export interface SpotSettings {
  /** Probability that one undisturbed value passes the alarm level; see `riskFor`. In (0, 1). */
  readonly risk: number;
  /** Values gathered before anything is judged. */
  readonly calibration: number;
  /** Quantile of those values above which a value is a peak, 0.8 … 0.995. */
  readonly peakQuantile: number;
  /** Most peaks kept. When full, half give way, so that memory stays bounded. */
  readonly capacity: number;
  /**
   * Values in a row under the threshold that end a cluster. Of a cluster only the highest value counts as a peak, so
   * that a signal with a memory does not count one excursion a hundred times; 0 takes every value as its own.
   * Then the risk is that of an excursion, which is what a person is called for.
   * @see R. L. Smith, I. Weissman, Estimating the extremal index, J. R. Statist. Soc. B 56 (1994) 515-528
   */
  readonly clusterGap: number;
  /** Likelihood is the more efficient with many peaks, moments the steadier with few, and ten times as fast. */
  readonly estimator: 'likelihood' | 'moments';
  /** Shapes that are believed. A few dozen peaks can pretend an end of the tail, or none, that is not there. */
  readonly shapeRange: readonly [least: number, most: number];
}

export const SPOT_SETTINGS: SpotSettings = {
  risk: 1e-4,
  calibration: 400,
  peakQuantile: 0.95,
  capacity: 128,
  clusterGap: 0,
  estimator: 'likelihood',
  shapeRange: [-0.95, 0.95],
};

/** Everything SPOT remembers: plain, serialisable, at most max(calibration, capacity) numbers and a few. */
export interface SpotState {
  /** Values learnt. */
  count: number;
  /** Values of the calibration; empty once it is over. */
  warmup: number[];
  /** Level above which a value is a peak; null while calibrating. */
  threshold: number | null;
  /** Excesses of the peaks over the threshold, in order of arrival. */
  peaks: number[];
  shape: number;
  scale: number;
  /** Place in `peaks` of the cluster that has not ended yet; null between clusters. */
  openPeak: number | null;
  /** Values under the threshold that the open cluster still waits for. */
  gapLeft: number;
}

export interface SpotVerdict {
  readonly kind: 'learning' | 'normal' | 'peak' | 'alarm';
  /** Estimated probability that an undisturbed value is at least as high; 1 up to the threshold and while learning. */
  readonly probability: number;
}

const MS_PER_MONTH = 30.44 * 86_400_000;

/**
 * The risk per value that a budget of false alarms amounts to.
 *
 * @param falseAlarmsPerMonth how many alarms a month an undisturbed stream may raise, > 0
 * @param intervalMs time between values, > 0
 * @returns risk in (0, 0.5], for `SpotSettings.risk`
 */
export function riskFor(falseAlarmsPerMonth: number, intervalMs: number): number {
  const wanted = (falseAlarmsPerMonth * intervalMs) / MS_PER_MONTH;
  if (!(wanted > 0 && Number.isFinite(wanted)))
    throw streamErrors.STREAM_SETTING({
      what: 'A budget of false alarms',
      got: `${falseAlarmsPerMonth} a month, every ${intervalMs} ms`,
      want: 'two finite numbers above 0',
    });
  return Math.min(wanted, 0.5);
}

export function newSpot(): SpotState {
  return { count: 0, warmup: [], threshold: null, peaks: [], shape: 0, scale: 0, openPeak: null, gapLeft: 0 };
}

/**
 * One step of SPOT: streaming peaks over threshold, upper side. Watch the lower side with a second state and −value.
 *
 * The verdict is by what came before. A value above the alarm level is an alarm and is not learnt; any other is.
 * Changes the state in place.
 *
 * @param value a value that is not finite is neither judged nor learnt
 * @see A. Siffer, P.-A. Fouque, A. Termier, C. Largouët, Anomaly detection in streams with extreme value theory, KDD 2017
 */
export function spotStep(state: SpotState, value: number, settings: SpotSettings): SpotVerdict {
  const verdict = spotJudge(state, value, settings.risk);
  if (verdict.kind !== 'alarm') spotLearn(state, value, settings);
  return verdict;
}

/** What SPOT says of a value, without learning from it. */
export function spotJudge(state: SpotState, value: number, risk: number): SpotVerdict {
  if (state.threshold === null || !Number.isFinite(value)) return { kind: 'learning', probability: 1 };
  if (value <= state.threshold || state.peaks.length === 0) return { kind: 'normal', probability: 1 };
  const probability = (state.peaks.length / state.count) * tailProbability(tailOf(state), value - state.threshold);
  return { kind: probability < risk ? 'alarm' : 'peak', probability };
}

/** The level that an undisturbed value passes with the given risk (z_q), in the value's unit; null while learning. */
export function spotLevel(state: SpotState, risk: number): number | null {
  if (state.threshold === null || state.peaks.length === 0) return state.threshold;
  const beyond = Math.min((risk * state.count) / state.peaks.length, 1);
  return state.threshold + tailQuantile(tailOf(state), beyond);
}

/** Learns a value that is held to be undisturbed. Changes the state in place. */
export function spotLearn(state: SpotState, value: number, settings: SpotSettings): void {
  if (!Number.isFinite(value)) return;
  if (state.threshold !== null) {
    learnCalibrated(state, state.threshold, value, settings);
    return;
  }
  state.warmup.push(value);
  if (state.warmup.length < settings.calibration) return;
  const values = state.warmup;
  state.warmup = [];
  spotCalibrate(state, values, settings);
}

/** Sets the threshold by a stretch of undisturbed values and learns them. Changes the state in place. */
export function spotCalibrate(state: SpotState, values: readonly number[], settings: SpotSettings): void {
  const sorted = Float64Array.from(values).sort();
  const threshold = sorted[Math.min(Math.floor(settings.peakQuantile * sorted.length), sorted.length - 1)]!;
  state.threshold = threshold;
  for (const value of values) learnCalibrated(state, state.threshold, value, settings);
}

function learnCalibrated(state: SpotState, threshold: number, value: number, settings: SpotSettings): void {
  state.count += 1;
  const excess = value - threshold;
  if (excess <= 0) {
    if (state.openPeak !== null && --state.gapLeft <= 0) state.openPeak = null;
    return;
  }
  state.gapLeft = settings.clusterGap;
  if (state.openPeak !== null) {
    if (excess <= state.peaks[state.openPeak]!) return;
    state.peaks[state.openPeak] = excess;
  } else {
    state.peaks.push(excess);
    state.openPeak = settings.clusterGap > 0 ? state.peaks.length - 1 : null;
    if (state.peaks.length >= settings.capacity) makeRoom(state, threshold, settings);
  }
  refit(state, settings);
}

/** A threshold nearer to the alarm level than this many risks leaves too few peaks below the level to extrapolate from. */
const LEAST_RISKS_ABOVE_THRESHOLD = 20;

/**
 * Halves the peaks. While the threshold is far below the alarm level it rises to their median: excesses of a generalised
 * Pareto tail over a higher threshold follow one again, and the whole past stays in. Later every second peak (by rank)
 * gives way together with half of the count, so that the past fades.
 */
function makeRoom(state: SpotState, threshold: number, settings: SpotSettings): void {
  const { peaks, openPeak } = state;
  const ranks = [...peaks.keys()].sort((a, b) => peaks[b]! - peaks[a]!);
  const raises = peaks.length / 2 / state.count >= LEAST_RISKS_ABOVE_THRESHOLD * settings.risk;
  const median = peaks[ranks[ranks.length >> 1]!]!;
  const lift = raises ? median : 0;
  const stays = new Set(ranks.filter((index, rank) => (raises ? peaks[index]! > lift : rank % 2 === 0)));
  state.peaks = peaks.filter((_, index) => stays.has(index)).map((excess) => excess - lift);
  state.threshold = threshold + lift;
  if (!raises) state.count /= 2;
  // The open cluster is the latest peak; it stays open only where it still is one.
  state.openPeak = openPeak !== null && stays.has(openPeak) ? state.peaks.length - 1 : null;
}

const FEW_PEAKS = 20;

function refit(state: SpotState, settings: SpotSettings): void {
  const { peaks } = state;
  if (peaks.length === 0) return;
  const tail =
    settings.estimator === 'moments' || peaks.length < FEW_PEAKS
      ? fitByWeightedMoments(Float64Array.from(peaks).sort())
      : fitByLikelihood(peaks);
  const [least, most] = settings.shapeRange;
  state.shape = Math.min(Math.max(tail.shape, least), most);
  // With the shape held, the mean excess gives the scale: mean = scale / (1 − shape).
  state.scale =
    state.shape === tail.shape ? tail.scale : (1 - state.shape) * (peaks.reduce((a, b) => a + b, 0) / peaks.length);
}

function tailOf(state: SpotState): ParetoTail {
  return { shape: state.shape, scale: Math.max(state.scale, Number.MIN_VALUE) };
}
