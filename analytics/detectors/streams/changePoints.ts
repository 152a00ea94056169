/** One hypothesis: the current run has this length, with what its values tell of mean and spread. */
interface Run {
  length: number;
  logWeight: number;
  /** Normal-gamma posterior of the run: mean, its weight in values, shape and rate of the precision. */
  mean: number;
  weight: number;
  shape: number;
  rate: number;
}

/** Bayesian change points with a bounded number of hypotheses. Plain data. */
export interface ChangePointState {
  runs: Run[];
  /** Length of the likeliest run after the latest value. */
  likeliest: number;
}

export interface ChangePointSettings {
  /** Values between changes, on average, that are expected beforehand. > 1 */
  readonly expectedRun: number;
  /** Most hypotheses kept; the least likely give way. */
  readonly capacity: number;
  /** Prior of a run, in the unit of the values: where its mean lies and how far from there, and the spread within it. */
  readonly priorMean: number;
  readonly priorSpread: number;
  readonly spread: number;
}

export interface ChangePointVerdict {
  /** Probability that the current run began within the last `RECENT` values. */
  readonly probability: number;
  readonly likeliestRun: number;
  /** Whether the likeliest run has just become much shorter than it could be: a change, `likeliestRun` values ago. */
  readonly changed: boolean;
}

/** A run this short may have begun with a change; one value is too few to tell a change from an outlier. */
export const RECENT = 12;

export function newChangePoints(settings: ChangePointSettings): ChangePointState {
  return { runs: [{ length: 0, logWeight: 0, ...prior(settings) }], likeliest: 0 };
}

/**
 * One step of Bayesian online change-point detection: normal values whose mean and spread are unknown and jump together.
 * Only the likeliest `capacity` run lengths are followed, so that time and memory a value are bounded.
 *
 * @param value not finite: nothing happens
 * @see R. P. Adams, D. J. C. MacKay, Bayesian online changepoint detection, arXiv:0710.3742 (2007)
 */
export function changePointStep(
  state: ChangePointState,
  value: number,
  settings: ChangePointSettings,
): ChangePointVerdict {
  if (!Number.isFinite(value)) return verdictOf(state, state.likeliest);
  const hazard = 1 / settings.expectedRun;
  const grown: Run[] = [];
  const logChanges: number[] = [];
  for (const run of state.runs) {
    const logBoth = run.logWeight + logPredictive(run, value);
    grown.push({ ...learn(run, value), length: run.length + 1, logWeight: logBoth + Math.log1p(-hazard) });
    logChanges.push(logBoth + Math.log(hazard));
  }
  grown.push({ length: 0, logWeight: logSum(logChanges), ...prior(settings) });
  grown.sort((a, b) => b.logWeight - a.logWeight);
  const kept = grown.slice(0, settings.capacity);
  const total = logSum(kept.map((run) => run.logWeight));
  for (const run of kept) run.logWeight -= total;
  const before = state.likeliest;
  state.runs = kept;
  state.likeliest = kept[0]!.length;
  return verdictOf(state, before);
}

function verdictOf(state: ChangePointState, before: number): ChangePointVerdict {
  const probability = state.runs.reduce((sum, run) => sum + (run.length <= RECENT ? Math.exp(run.logWeight) : 0), 0);
  // An undisturbed run grows by one a value; a likeliest run that fell back began with a change.
  const changed = state.likeliest < before && before > RECENT;
  return { probability: Math.min(probability, 1), likeliestRun: state.likeliest, changed };
}

function prior({ priorMean, priorSpread, spread }: ChangePointSettings) {
  return { mean: priorMean, weight: (spread / priorSpread) ** 2, shape: 2, rate: 2 * spread * spread };
}

function learn(run: Run, value: number): Omit<Run, 'length' | 'logWeight'> {
  const weight = run.weight + 1;
  return {
    mean: run.mean + (value - run.mean) / weight,
    weight,
    shape: run.shape + 0.5,
    rate: run.rate + (run.weight * (value - run.mean) ** 2) / (2 * weight),
  };
}

/** Logarithm of Student's density of the next value of a run. */
function logPredictive({ mean, weight, shape, rate }: Run, value: number): number {
  const variance = (rate * (weight + 1)) / (shape * weight);
  const freedom = 2 * shape;
  return (
    logGammaRatio(shape) -
    0.5 * Math.log(Math.PI * freedom * variance) -
    (shape + 0.5) * Math.log1p((value - mean) ** 2 / (freedom * variance))
  );
}

/** ln Γ(x + ½) − ln Γ(x), by its asymptotic series after steps up to x ≥ 8; error below 10⁻⁹. */
function logGammaRatio(x: number): number {
  let shift = 0;
  let at = x;
  while (at < 8) {
    shift += Math.log(at / (at + 0.5));
    at += 1;
  }
  const inverse = 1 / at;
  return shift + 0.5 * Math.log(at) - inverse / 8 + inverse ** 3 / 192 - inverse ** 5 / 640;
}

function logSum(logs: readonly number[]): number {
  const most = Math.max(...logs);
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0));
}
