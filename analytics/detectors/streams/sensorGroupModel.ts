import { median } from '../baseline.ts';
import { chiSquaredQuantile } from './distributions.ts';
import { streamErrors } from './errors.ts';
import { symmetricEigen } from './symmetricEigen.ts';

/** How several sensors of one machine are watched together. One object for all groups. */
export interface SensorGroupSettings {
  /** Values whose mean is compared with the baseline: one odd value says little. */
  readonly span: number;
  /** Share of the variance that the principal subspace keeps, 0 … 1; null: the directions of more than an average value's. */
  readonly varianceShare: number | null;
  /** How far correlations are drawn to zero: few hundred rows know them badly. 0 … 1. */
  readonly shrink: number;
  /** Chance that an undisturbed, steady mean passes the limit of T², and that of Q. */
  readonly risk: number;
  /** An alarm ends when both statistics are below this share of their limits. */
  readonly releaseShare: number;
  /** The centre follows the sensors by about one part in this many values, while there is no alarm. */
  readonly followSpan: number;
  /** How strongly a sensor that wanders in the baseline is distrusted: its scale grows by this power of its wandering. */
  readonly wanderPower: number;
  /** A change point compares the mean of this many values with that of as many before. */
  readonly shiftSpan: number;
  /** Such a difference in units of what is usual in the baseline, above which it is a change. */
  readonly shiftLimit: number;
  /** Values after a change point in which none is told again. */
  readonly shiftRest: number;
}

export const SENSOR_GROUP_SETTINGS: SensorGroupSettings = {
  span: 8,
  varianceShare: 0.9,
  shrink: 0.3,
  risk: 0.002,
  releaseShare: 0.5,
  followSpan: 200,
  wanderPower: 2,
  shiftSpan: 20,
  shiftLimit: 5,
  shiftRest: 20,
};

/** What is usual for a group of sensors. Plain data, of the order of sensors². */
export interface SensorGroupModel {
  readonly version: 1;
  /** Places in a row of the sensors that moved in the baseline; a constant one cannot tell what is unusual for it. */
  readonly sensors: readonly number[];
  /** Of each of those sensors: median and scale of its short means, and scale of a shift, in its own unit. */
  readonly centre: readonly number[];
  readonly scale: readonly number[];
  readonly shiftScale: readonly number[];
  /** How much slower than noise each wanders in the baseline: 1 for a steady sensor, √span for a pure drift. */
  readonly wander: readonly number[];
  /** Principal directions of the scaled sensors, all of them; the first `components` span the subspace. */
  readonly values: readonly number[];
  readonly vectors: readonly (readonly number[])[];
  readonly components: number;
  readonly tLimit: number;
  readonly qLimit: number;
}

const MAD_TO_SIGMA = 1.4826;
/** A twentieth of a baseline, and a little more, may be disturbed: that much, farthest from the middle, does not count for a spread … */
const TRIM = 0.05;
/** … and this makes up for it on normal values. */
const TRIMMED_TO_SIGMA = 1.14;
/** Scaled values are cut here before their correlation is taken, for the same reason. */
const FARTHEST_CORRELATED = 3;

/**
 * Learns what is usual for several sensors from a stretch of undisturbed running: T² watches the directions in which
 * they usually move together, Q the rest.
 *
 * A sensor that wanders slowly (the temperature of a room) will go on to wander beyond what the stretch showed: it is
 * trusted less, by how much its short means spread more than noise of its size would.
 *
 * @param rows baseline, shape (n, sensors); rows with a value that is not finite are left out
 * @throws {FaultlineError} STREAM_BASELINE with fewer rows than four times the longest span, or no sensor that moves
 * @see J. E. Jackson, G. S. Mudholkar, Control procedures for residuals associated with principal component analysis,
 *   Technometrics 21 (1979) 341-349
 * @see G. E. P. Box, Some theorems on quadratic forms, Ann. Math. Statist. 25 (1954) 290-302, for the limit of Q
 * @see O. Ledoit, M. Wolf, A well-conditioned estimator for large-dimensional covariance matrices, J. Multivar. Anal. 88 (2004)
 */
export function fitSensorGroup(
  rows: readonly ArrayLike<number>[],
  settings: SensorGroupSettings = SENSOR_GROUP_SETTINGS,
): SensorGroupModel {
  const complete = rows.filter((row) => Array.from(row).every(Number.isFinite));
  const wanted = 4 * Math.max(settings.span, settings.shiftSpan);
  if (complete.length < wanted) throw streamErrors.STREAM_BASELINE({ rows: complete.length, wanted });
  const columns = Array.from(complete[0]!, (_, sensor) => complete.map((row) => row[sensor]!));
  const known = columns
    .map((column, sensor) => ({ sensor, ...usualOf(column, settings) }))
    .filter(({ scale }) => scale > 0);
  if (known.length === 0) throw streamErrors.STREAM_BASELINE({ rows: 0, wanted });
  return groupModelOf(known, settings);
}

/** What a baseline tells of one sensor of a group. */
export interface UsualSensor {
  /** Its place in a row. */
  readonly sensor: number;
  /** Short means of the baseline, oldest first: as many for each sensor of a group, taken at the same times. */
  readonly means: readonly number[];
  readonly centre: number;
  /** Spread of the short means, > 0. */
  readonly scale: number;
  /** How much slower than noise it wanders; 1 where the spread contains its wandering already. */
  readonly wander: number;
  readonly shiftScale: number;
}

/** The directions in which these sensors usually move together, and the limits that follow. O(sensors³ + means · sensors²). */
export function groupModelOf(known: readonly UsualSensor[], settings: SensorGroupSettings): SensorGroupModel {
  const scaled = known.map(({ means, centre, scale }) => means.map((mean) => (mean - centre) / scale));
  const { values, vectors } = symmetricEigen(correlation(scaled, settings.shrink));
  const components = countFor(values, settings.varianceShare);
  return {
    version: 1,
    sensors: known.map(({ sensor }) => sensor),
    centre: known.map(({ centre }) => centre),
    scale: known.map(({ scale, wander }) => scale * wander ** settings.wanderPower),
    shiftScale: known.map(({ shiftScale }) => shiftScale),
    wander: known.map(({ wander }) => wander),
    values,
    vectors,
    components,
    tLimit: chiSquaredQuantile(1 - settings.risk, components),
    qLimit: residualLimit(values.slice(components), settings.risk),
  };
}

/** Middle and spread of short means, of which a twentieth may be disturbed. */
export function usualMeans(means: readonly number[]): { centre: number; spread: number } {
  const centre = median(means);
  return { centre, spread: TRIMMED_TO_SIGMA * deviation(nearest(means, centre)) };
}

function usualOf(column: readonly number[], settings: SensorGroupSettings) {
  const { span, shiftSpan } = settings;
  const means = slidingMeans(column, span);
  const noise = deviation(column) / Math.sqrt(span);
  const middle = median(column);
  const robust = (MAD_TO_SIGMA * median(column.map((value) => Math.abs(value - middle)))) / Math.sqrt(span);
  const { centre, spread } = usualMeans(means);
  const long = slidingMeans(column, shiftSpan);
  const shifts = long.slice(shiftSpan).map((mean, i) => mean - long[i]!);
  const usualShifts = nearest(shifts, 0);
  const rms = Math.sqrt(usualShifts.reduce((sum, shift) => sum + shift * shift, 0) / usualShifts.length);
  return {
    means,
    centre,
    scale: noise > 0 ? Math.max(spread, robust) : 0,
    wander: noise > 0 ? Math.max(spread / noise, 1) : 1,
    shiftScale: Math.max(TRIMMED_TO_SIGMA * rms, deviation(column) * Math.sqrt(2 / shiftSpan)),
  };
}

/** Means of every run of `span` values, oldest first. */
function slidingMeans(values: readonly number[], span: number): number[] {
  let sum = 0;
  const means: number[] = [];
  values.forEach((value, i) => {
    sum += value - (i >= span ? values[i - span]! : 0);
    if (i >= span - 1) means.push(sum / span);
  });
  return means;
}

/** The values nearest to a middle, all but the share that is trimmed. */
function nearest(values: readonly number[], middle: number): number[] {
  const byDistance = [...values].sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
  return byDistance.slice(0, Math.ceil(values.length * (1 - TRIM)));
}

/** Rounding leaves a constant sensor a spread of this share of its level; it is none. */
const ROUNDING = 1e-9;

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return spread > ROUNDING * Math.abs(mean) ? spread : 0;
}

function correlation(scaled: readonly (readonly number[])[], shrink: number): number[][] {
  const n = scaled[0]!.length;
  return scaled.map((a, i) =>
    scaled.map((b, j) => {
      if (i === j) return 1;
      let sum = 0;
      for (let k = 0; k < n; k++) sum += cut(a[k]!) * cut(b[k]!);
      return ((1 - shrink) * sum) / n;
    }),
  );
}

function cut(value: number): number {
  return Math.max(-FARTHEST_CORRELATED, Math.min(FARTHEST_CORRELATED, value));
}

/** @see H. F. Kaiser, The application of electronic computers to factor analysis, Educ. Psychol. Meas. 20 (1960) 141-151 */
function countFor(values: readonly number[], share: number | null): number {
  if (share === null) return values.filter((value) => value > 1).length;
  const total = values.reduce((sum, value) => sum + value, 0);
  let kept = 0;
  let sum = 0;
  while (kept < values.length && sum < share * total) sum += values[kept++]!;
  return kept;
}

/** Box: a sum of squares with these variances is about g·χ² with h degrees of freedom. Infinite when nothing is left over. */
function residualLimit(values: readonly number[], risk: number): number {
  const first = values.reduce((sum, value) => sum + value, 0);
  const second = values.reduce((sum, value) => sum + value * value, 0);
  if (values.length === 0 || first <= 0) return Number.MAX_VALUE;
  return (second / first) * chiSquaredQuantile(1 - risk, (first * first) / second);
}
