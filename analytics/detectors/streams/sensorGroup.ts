import { SENSOR_GROUP_SETTINGS, type SensorGroupModel, type SensorGroupSettings } from './sensorGroupModel.ts';

/** What the monitor of a group remembers. Plain, serialisable: 2 × shiftSpan rows and a few numbers a sensor. */
export interface SensorGroupState {
  /** The latest values of the model's sensors, oldest first. */
  recent: number[][];
  /** Where each sensor's mean is held to be now; stands still while there is an alarm. */
  centre: number[];
  alarm: boolean;
  /** Values until a change point may be told again. */
  restLeft: number;
}

export interface SensorGroupVerdict {
  readonly alarm: boolean;
  /** Distance in the subspace, and from it, each as a share of its limit: above 1 is unusual. */
  readonly tShare: number;
  readonly qShare: number;
  /** 0 … 1; 0.5 is the limit. */
  readonly score: number;
  /** Each sensor's share in the greater of the two, in the places of the row; they add up to 1, or are all 0. */
  readonly contributions: readonly number[];
  /** Whether a change began or ended about here: an alarm came or went, or a sensor's mean has shifted. */
  readonly changed: boolean;
  /** The greatest shift of a sensor's mean, in units of its limit. */
  readonly shiftShare: number;
}

/** A sensor far beyond all limits says no more than this many scales: the others stay visible beside it. */
const FARTHEST = 30;

/** The monitor at the end of its baseline. */
export function newSensorGroup(
  model: SensorGroupModel,
  baseline: readonly ArrayLike<number>[],
  settings: SensorGroupSettings = SENSOR_GROUP_SETTINGS,
): SensorGroupState {
  const state: SensorGroupState = { recent: [], centre: [...model.centre], alarm: false, restLeft: 0 };
  for (const row of baseline.slice(-2 * settings.shiftSpan)) remember(state, model, row, settings);
  return state;
}

/**
 * One row of a group's sensors, by what came before it. Changes the state in place.
 *
 * @param row values in the places that the model was fitted on; one that is not finite keeps the sensor's last value
 * @see J. A. Westerhuis, S. P. Gurden, A. K. Smilde, Generalized contribution plots in multivariate statistical process
 *   monitoring, Chemom. Intell. Lab. Syst. 51 (2000) 95-114
 */
export function sensorGroupStep(
  state: SensorGroupState,
  model: SensorGroupModel,
  row: ArrayLike<number>,
  settings: SensorGroupSettings = SENSOR_GROUP_SETTINGS,
): SensorGroupVerdict {
  const values = remember(state, model, row, settings);
  const means = meansOf(state.recent, settings.span);
  const away = means.map((mean, s) =>
    Math.max(-FARTHEST, Math.min(FARTHEST, (mean - state.centre[s]!) / model.scale[s]!)),
  );
  const { tShare, qShare, parts } = distances(model, away);
  const share = Math.max(tShare, qShare);
  const before = state.alarm;
  state.alarm = before ? share >= settings.releaseShare : share > 1;
  if (!state.alarm)
    state.centre = state.centre.map((centre, s) => centre + (values[s]! - centre) / settings.followSpan);
  const shiftShare = greatestShift(state, model, settings);
  const changes = state.alarm !== before || shiftShare > 1;
  const changed = changes && state.restLeft <= 0;
  state.restLeft = changed ? settings.shiftRest : Math.max(0, state.restLeft - 1);
  return {
    alarm: state.alarm,
    tShare,
    qShare,
    score: share / (1 + share),
    contributions: spread(parts, model, row.length),
    changed,
    shiftShare,
  };
}

function remember(
  state: SensorGroupState,
  model: SensorGroupModel,
  row: ArrayLike<number>,
  settings: SensorGroupSettings,
): number[] {
  const last = state.recent.at(-1) ?? state.centre;
  const values = model.sensors.map((sensor, s) => (Number.isFinite(row[sensor]) ? row[sensor]! : last[s]!));
  state.recent.push(values);
  if (state.recent.length > 2 * settings.shiftSpan) state.recent.shift();
  return values;
}

/** Mean of each sensor over `span` rows, the last of which lies `back` rows ago. */
export function meansOf(recent: readonly (readonly number[])[], span: number, back = 0): number[] {
  const rows = recent.slice(Math.max(0, recent.length - back - span), recent.length - back);
  return recent[0]!.map((_, s) => rows.reduce((sum, row) => sum + row[s]!, 0) / rows.length);
}

/** T² and Q of a scaled row as shares of their limits, and each sensor's part in the greater one. */
function distances(model: SensorGroupModel, away: readonly number[]) {
  let t = 0;
  const inSubspace = away.map(() => 0);
  const weighted = away.map(() => 0);
  for (let k = 0; k < model.components; k++) {
    const vector = model.vectors[k]!;
    const along = vector.reduce((sum, v, s) => sum + v * away[s]!, 0);
    t += (along * along) / model.values[k]!;
    vector.forEach((v, s) => {
      inSubspace[s]! += v * along;
      weighted[s]! += (v * along) / model.values[k]!;
    });
  }
  const residual = away.map((value, s) => value - inSubspace[s]!);
  const q = residual.reduce((sum, value) => sum + value * value, 0);
  const tShare = t / model.tLimit;
  const qShare = q / model.qLimit;
  const parts =
    tShare >= qShare
      ? away.map((value, s) => Math.max(0, value * weighted[s]!))
      : residual.map((value) => value * value);
  return { tShare, qShare, parts };
}

function spread(parts: readonly number[], model: SensorGroupModel, width: number): number[] {
  const total = parts.reduce((sum, part) => sum + part, 0);
  const shares = new Array<number>(width).fill(0);
  if (total > 0)
    model.sensors.forEach((sensor, s) => {
      shares[sensor] = parts[s]! / total;
    });
  return shares;
}

function greatestShift(state: SensorGroupState, model: SensorGroupModel, settings: SensorGroupSettings): number {
  if (state.recent.length < 2 * settings.shiftSpan) return 0;
  const now = meansOf(state.recent, settings.shiftSpan);
  const then = meansOf(state.recent, settings.shiftSpan, settings.shiftSpan);
  return now.reduce(
    (most, mean, s) => Math.max(most, Math.abs(mean - then[s]!) / (settings.shiftLimit * model.shiftScale[s]!)),
    0,
  );
}
