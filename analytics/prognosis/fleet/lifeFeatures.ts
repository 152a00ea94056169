/** Sensor readings of one machine over its life so far: one row per cycle, oldest first, one value per sensor. */
export type Course = readonly (readonly number[])[];

/** How the sensors of a fleet are brought to one scale. */
export interface SensorScale {
  /** Columns that say anything: the others never change. */
  readonly sensors: readonly number[];
  readonly mean: readonly number[];
  readonly spread: readonly number[];
}

const WINDOWS = [5, 10, 20, 40] as const;
const SLOPE_WINDOW = 30;
const LAG = 20;
const START = 20;

/** Mean and standard deviation over a whole fleet, of the sensors that take more than two values. */
export function scaleOf(fleet: readonly Course[]): SensorScale {
  const width = fleet[0]?.[0]?.length ?? 0;
  const sensors: number[] = [];
  const mean: number[] = [];
  const spread: number[] = [];
  for (let s = 0; s < width; s++) {
    const values = fleet.flatMap((course) => course.map((row) => row[s]!));
    if (new Set(values.slice(0, 5000)).size <= 2) continue;
    const centre = values.reduce((sum, v) => sum + v, 0) / values.length;
    const sigma = Math.sqrt(values.reduce((sum, v) => sum + (v - centre) ** 2, 0) / values.length);
    if (!(sigma > 1e-9 * Math.max(1, Math.abs(centre)))) continue;
    sensors.push(s);
    mean.push(centre);
    spread.push(sigma);
  }
  return { sensors, mean, spread };
}

/**
 * What is known of a machine at each cycle of its course, from that cycle and those before it.
 *
 * @returns one row per cycle: per sensor the means of the last 5, 10, 20 and 40 cycles, the change of the 10-cycle mean over 20
 *          cycles, the slope over 30 cycles, and the level at the start; then the age in cycles
 */
export function lifeFeatures(course: Course, { sensors, mean, spread }: SensorScale): Float64Array[] {
  const width = sensors.length;
  const n = course.length;
  const sums = sensors.map((s, k) => {
    const sum = new Float64Array(n + 1);
    for (let i = 0; i < n; i++) sum[i + 1] = sum[i]! + (course[i]![s]! - mean[k]!) / spread[k]!;
    return sum;
  });
  const perSensor = WINDOWS.length + 3;
  const meanOf = (sum: Float64Array, at: number, window: number): number => {
    const from = Math.max(0, at + 1 - window);
    return (sum[at + 1]! - sum[from]!) / (at + 1 - from);
  };
  return Array.from({ length: n }, (_, i) => {
    const row = new Float64Array(width * perSensor + 1);
    for (let k = 0; k < width; k++) {
      const sum = sums[k]!;
      let at = k * perSensor;
      for (const window of WINDOWS) row[at++] = meanOf(sum, i, window);
      row[at++] = meanOf(sum, i, 10) - meanOf(sum, Math.max(0, i - LAG), 10);
      row[at++] = slope(sum, i);
      row[at] = sum[Math.min(i + 1, START)]! / Math.min(i + 1, START);
    }
    row[width * perSensor] = i + 1;
    return row;
  });
}

/** Columns of `lifeFeatures` in which remaining life is smooth: a short and a long mean, the slope, and the age. */
export function smoothInputs({ sensors }: SensorScale): number[] {
  const perSensor = WINDOWS.length + 3;
  const told = [WINDOWS.indexOf(10), WINDOWS.indexOf(40), WINDOWS.length + 1];
  return [...sensors.flatMap((_, k) => told.map((column) => k * perSensor + column)), sensors.length * perSensor];
}

/** Least-squares slope over the last cycles, per 30 cycles; 0 while there are few. */
function slope(sum: Float64Array, at: number): number {
  const from = Math.max(0, at + 1 - SLOPE_WINDOW);
  const count = at + 1 - from;
  if (count < 6) return 0;
  const middle = (count - 1) / 2;
  let weighted = 0;
  let squares = 0;
  for (let j = 0; j < count; j++) {
    weighted += (j - middle) * (sum[from + j + 1]! - sum[from + j]!);
    squares += (j - middle) ** 2;
  }
  return (weighted / squares) * SLOPE_WINDOW;
}
