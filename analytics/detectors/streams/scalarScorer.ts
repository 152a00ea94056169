import { isSeasonal, newSeason, type SeasonState, seasonResidual } from './season.ts';
import { newSpot, riskFor, type SpotSettings, type SpotState, spotCalibrate, spotJudge, spotLearn } from './spot.ts';

/** What made a value surprising: its level (as such, or against the time of day), how suddenly it came, or its spread. */
export type ScalarReason = 'level' | 'season' | 'change' | 'spread';

/** How scalar streams (temperature, pressure, current) are judged. One object for all of them; no unit is assumed. */
export interface ScalarSettings {
  /** Surprise, in decades of improbability, at which an alarm is raised: 4.6 says 1 in 40,000 values. */
  readonly alarmDecades: number;
  /** Values gathered before anything is judged. */
  readonly calibration: number;
  /** Share of a sudden change's, or of a widened spread's, surprise that supports an unusual level. */
  readonly supportShare: number;
  /** Decades that a spread has to be rarer than a level, to be an alarm by itself. */
  readonly spreadHandicap: number;
  /** Values without surprise after which an alarm has ended. */
  readonly closeAfter: number;
  /** Values of an alarm after which the new state is learnt from the start: nobody ended it, so it is the normal now. */
  readonly acceptAfter: number;
  /** Extra decades for an alarm on the side of the one that ended up to `repeatSpan` values ago: it was told already. */
  readonly repeatHandicap: number;
  readonly repeatSpan: number;
}

export const SCALAR_STREAM_SETTINGS: ScalarSettings = {
  alarmDecades: 4.6,
  calibration: 400,
  supportShare: 0.25,
  spreadHandicap: 2,
  closeAfter: 100,
  acceptAfter: 600,
  repeatHandicap: 0.3,
  repeatSpan: 600,
};

/** Smoothed values and tails of one stream. Plain, serialisable, bounded: about 1,500 numbers, fewer at first. */
export interface ScalarState {
  version: 1;
  /** Times and values of the calibration; empty once it is over. */
  warmupMs: number[];
  warmup: number[];
  /** Values that the slow average spans, known after the calibration. */
  slowSpan: number;
  /** Values a day, known after the calibration. */
  perDay: number;
  averages: Record<AverageName, number | null>;
  spread: number | null;
  season: SeasonState;
  tails: Record<TailName, SpotState>;
  /** Newest time seen, ms; older values are history and are not judged. */
  newestMs: number | null;
  /** Values since the alarm was raised and values without surprise since; null without an alarm. */
  alarm: { side: ScalarVerdict['side']; age: number; quiet: number } | null;
  /** The alarm that ended last, and how many values ago; null without one or once it is forgotten. */
  ended: { side: ScalarVerdict['side']; age: number } | null;
}

export interface ScalarVerdict {
  /** `raised` once an alarm; then `open` until it ends. `late` and `invalid` values were not looked at. */
  readonly kind: 'learning' | 'normal' | 'raised' | 'open' | 'late' | 'invalid';
  /** 0 … 1; 0.5 is where an alarm is raised. */
  readonly score: number;
  readonly reason: ScalarReason | null;
  /** On which side of its past the value lies; null for a spread or when nothing is unusual. */
  readonly side: 'high' | 'low' | null;
}

type AverageName = 'medium' | 'slow' | 'brief' | 'before' | 'residual' | 'local';
type TailName = (typeof TAILS)[number];

const SIDES = ['level', 'medium', 'slow', 'season', 'change'] as const;
const TAILS = [...SIDES.flatMap((name) => [`${name}+`, `${name}-`] as const), 'spread+' as const];

/** Spans in values. The slow average spans a day, or as many values as the calibration can still tell something of. */
const MEDIUM_SPAN = 12;
const BRIEF_SPAN = 3;
const BEFORE_SPAN = 36;
const LOCAL_SPAN = 24;
const SLOW_SPAN_MOST = 288;
const SLOW_SPAN_LEAST = 24;
const DAY_MS = 86_400_000;

const TAIL_SETTINGS: SpotSettings = {
  risk: 1e-4,
  calibration: 400,
  peakQuantile: 0.93,
  capacity: 128,
  clusterGap: 24,
  estimator: 'moments',
  shapeRange: [-0.2, 0.3],
};
/** Rarer values are not learnt: a detector must not learn the fault. */
const LEARN_ABOVE = 1e-4;
const SURPRISE_MOST = 12;

export function newScalarState(): ScalarState {
  return {
    version: 1,
    warmupMs: [],
    warmup: [],
    slowSpan: SLOW_SPAN_MOST,
    perDay: SLOW_SPAN_MOST,
    averages: { medium: null, slow: null, brief: null, before: null, residual: null, local: null },
    spread: null,
    season: newSeason(),
    tails: Object.fromEntries(TAILS.map((name) => [name, newSpot()])) as Record<TailName, SpotState>,
    newestMs: null,
    alarm: null,
    ended: null,
  };
}

/**
 * Settings for a budget of false alarms per month on an undisturbed stream.
 *
 * @param falseAlarmsPerMonth > 0
 * @param intervalMs time between values, > 0
 */
export function scalarSettingsFor(falseAlarmsPerMonth: number, intervalMs: number): ScalarSettings {
  const decades = BUDGET_OFFSET - Math.log10(riskFor(falseAlarmsPerMonth, intervalMs));
  return { ...SCALAR_STREAM_SETTINGS, alarmDecades: Math.min(Math.max(decades, 3), SURPRISE_MOST / 2) };
}

/** Eleven tails are watched at once, and support adds to them: measured on undisturbed noise with a memory. */
const BUDGET_OFFSET = 0.75;

/**
 * One value of a scalar stream: judged by what came before it, then learnt unless it is too unusual.
 *
 * Five things are compared with their own past, each by the tail of its distribution (peaks over threshold): the value,
 * its average over 12 values and over a day, what is left of it once the usual course of the day is taken off (where
 * there is such a course), and its spread. A sudden change supports an unusual level. Changes the state in place.
 *
 * @param timeMs time of the value; a value older than the newest is `late` and changes nothing
 * @param value in any unit: the answer is the same in °C and in °F
 */
export function scalarStep(
  state: ScalarState,
  timeMs: number,
  value: number,
  settings: ScalarSettings = SCALAR_STREAM_SETTINGS,
): ScalarVerdict {
  if (!Number.isFinite(value) || !Number.isFinite(timeMs)) return nothing('invalid');
  if (state.newestMs !== null && timeMs < state.newestMs) return nothing('late');
  state.newestMs = timeMs;
  if (state.warmup.length < settings.calibration && state.tails['level+'].threshold === null) {
    state.warmupMs.push(timeMs);
    state.warmup.push(value);
    if (state.warmup.length >= settings.calibration) calibrate(state);
    return nothing('learning');
  }
  if ((state.alarm?.age ?? 0) > settings.acceptAfter) {
    Object.assign(state, newScalarState(), { newestMs: timeMs });
    return scalarStep(state, timeMs, value, settings);
  }
  const surprise = judgeAndLearn(state, featuresOf(state, timeMs, value), settings);
  return conclude(state, surprise, settings);
}

function nothing(kind: ScalarVerdict['kind']): ScalarVerdict {
  return { kind, score: 0, reason: null, side: null };
}

/** What of a value is compared with its past, in the unit of the value (spread: logarithm). NaN: not there. */
type Features = Record<(typeof SIDES)[number] | 'spread', number>;

function featuresOf(state: ScalarState, timeMs: number, value: number): Features {
  const { averages } = state;
  const before = averages.before;
  const brief = smooth(averages, 'brief', value, BRIEF_SPAN);
  smooth(averages, 'before', value, BEFORE_SPAN);
  const local = averages.local;
  smooth(averages, 'local', value, LOCAL_SPAN);
  const away = local === null ? 0 : Math.abs(value - local);
  state.spread = state.spread === null ? away : state.spread + ((away - state.spread) * 2) / (LOCAL_SPAN + 1);
  const residual = seasonResidual(state.season, timeMs, value, state.perDay);
  return {
    level: value,
    medium: smooth(averages, 'medium', value, MEDIUM_SPAN),
    slow: smooth(averages, 'slow', value, state.slowSpan),
    season:
      residual !== null && isSeasonal(state.season) ? smooth(averages, 'residual', residual, MEDIUM_SPAN) : Number.NaN,
    change: before === null ? 0 : brief - before,
    spread: state.spread,
  };
}

/** Exponential average over about `span` values. */
function smooth(averages: ScalarState['averages'], name: AverageName, value: number, span: number): number {
  const last = averages[name];
  const next = last === null ? value : last + ((value - last) * 2) / (span + 1);
  averages[name] = next;
  return next;
}

/** Runs the gathered values through the averages, and sets each tail's threshold by what comes out. */
function calibrate(state: ScalarState): void {
  const steps = state.warmupMs.slice(1).map((time, i) => time - state.warmupMs[i]!);
  const interval = steps.sort((a, b) => a - b)[steps.length >> 1] ?? 0;
  state.perDay = interval > 0 ? Math.max(DAY_MS / interval, 1) : SLOW_SPAN_MOST;
  state.slowSpan = Math.min(Math.max(Math.round(state.perDay), SLOW_SPAN_LEAST), SLOW_SPAN_MOST);
  const rows = state.warmup.map((value, i) => featuresOf(state, state.warmupMs[i]!, value));
  for (const name of TAILS) {
    // The course of a day takes longer to learn: its tails gather their own values.
    if (name.startsWith('season')) continue;
    const values = rows.map((row) => featureOf(row, name));
    spotCalibrate(state.tails[name], values, TAIL_SETTINGS);
  }
  state.warmup = [];
  state.warmupMs = [];
}

function featureOf(features: Features, tail: TailName): number {
  const name = tail.slice(0, -1) as keyof Features;
  return tail.endsWith('-') ? -features[name] : features[name];
}

interface Surprise {
  decades: number;
  reason: ScalarReason | null;
  side: ScalarVerdict['side'];
}

function judgeAndLearn(state: ScalarState, features: Features, settings: ScalarSettings): Surprise {
  const decades = {} as Record<TailName, number>;
  for (const name of TAILS) {
    const tail = state.tails[name];
    const value = featureOf(features, name);
    const { probability } = spotJudge(tail, value, TAIL_SETTINGS.risk);
    decades[name] = Math.min(-Math.log10(probability), SURPRISE_MOST);
    if (probability > LEARN_ABOVE) spotLearn(tail, value, TAIL_SETTINGS);
  }
  let best: Surprise = { decades: 0, reason: null, side: null };
  for (const name of ['level', 'medium', 'slow', 'season'] as const) {
    for (const side of ['+', '-'] as const) {
      const found = decades[`${name}${side}`];
      if (found > best.decades)
        best = { decades: found, reason: name === 'season' ? 'season' : 'level', side: side === '+' ? 'high' : 'low' };
    }
  }
  const change = Math.max(decades['change+'], decades['change-']);
  const spread = decades['spread+'];
  const supported = best.decades + settings.supportShare * Math.max(change, spread);
  if (spread - settings.spreadHandicap > supported)
    return { decades: spread - settings.spreadHandicap, reason: 'spread', side: null };
  // Where suddenness says more than the level does, it is what a person should look at.
  const reason = best.reason === 'level' && change > best.decades ? 'change' : best.reason;
  return { ...best, decades: supported, reason };
}

function conclude(state: ScalarState, surprise: Surprise, settings: ScalarSettings): ScalarVerdict {
  if (state.ended && ++state.ended.age >= settings.repeatSpan) state.ended = null;
  const repeats = state.alarm === null && state.ended !== null && state.ended.side === surprise.side;
  const needed = settings.alarmDecades + (repeats ? settings.repeatHandicap : 0);
  const unusual = surprise.decades > needed;
  const said = { score: Math.min(surprise.decades / (2 * needed), 1), reason: surprise.reason, side: surprise.side };
  if (!state.alarm) {
    if (!unusual) return { kind: 'normal', ...said };
    state.alarm = { side: surprise.side, age: 0, quiet: 0 };
    return { kind: 'raised', ...said };
  }
  state.alarm.age += 1;
  state.alarm.quiet = unusual ? 0 : state.alarm.quiet + 1;
  if (state.alarm.quiet < settings.closeAfter) return { kind: 'open', ...said };
  state.ended = { side: state.alarm.side, age: 0 };
  state.alarm = null;
  return { kind: 'normal', ...said };
}
