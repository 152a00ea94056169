/** True shaft speed over the reported one, as the envelope's own shaft lines show it. */
export interface ShaftLock {
  readonly scale: number;
  /** False when no shaft lines stand out; then `scale` is 1 and the reported speed has to do. */
  readonly locked: boolean;
}

const SPEED_ERROR = 0.012;
const ORDERS = 8;
/** ln of the mean power over the floor (geometric, over the orders used) from which the lines are believed. */
const LOCK_LEVEL = Math.log(2.5);
/** Wider lines than this, in orders, cannot place the eighth order to half a percent. */
const MAX_RESOLUTION = 0.05;

/**
 * Finds the shaft's comb (1×, 2×, … 8×) within 1.2 % of the reported speed.
 *
 * @param power      averaged envelope power over its floor, on orders of the reported speed
 * @param step       orders per cell
 * @param resolution line width, orders
 * @remarks O(scales · orders). Only the four strongest orders count, since machines rarely show all eight.
 */
export function lockShaft(power: Float32Array, step: number, resolution: number): ShaftLock {
  if (resolution > MAX_RESOLUTION) return { scale: 1, locked: false };
  const stride = Math.max(0.0005, resolution / (2 * ORDERS));
  let best = Number.NEGATIVE_INFINITY;
  let scale = 1;
  const levels = new Float64Array(ORDERS);
  for (let s = 1 - SPEED_ERROR; s <= 1 + SPEED_ERROR + 1e-9; s += stride) {
    for (let k = 1; k <= ORDERS; k++) {
      const at = (k * s) / step;
      const c = Math.floor(at);
      const value = power[c]! + (power[c + 1]! - power[c]!) * (at - c);
      levels[k - 1] = Math.log(Math.max(value, 0.05));
    }
    levels.sort();
    const score = (levels[ORDERS - 1]! + levels[ORDERS - 2]! + levels[ORDERS - 3]! + levels[ORDERS - 4]!) / 4;
    if (score > best) {
      best = score;
      scale = s;
    }
  }
  return best >= LOCK_LEVEL ? { scale, locked: true } : { scale: 1, locked: false };
}

/** A speed may be read off the wrong sheet: 3 % is a motor at another load. */
const SHEET_ERROR = 0.03;
/** Power over the floor at which a line of a run counts, and at which it counts in full. */
const LINE = { least: 6, full: 40 } as const;
/** Lines needed, and how many of them from the first on; more for a speed that is beyond its usual error. */
const LEAST_LINES = { near: 3, far: 5 } as const;
const LEAST_IN_ROW = { near: 1, far: 3 } as const;
/** ln that a deviation of 1 % costs: reported speeds are mostly right. */
const COST_OF_DEVIATION = Math.log(3) / 0.01;

/**
 * Finds the shaft's comb in the spectrum of a run, whose lines are sharp enough to allow for a speed that is wrong by 3 %.
 *
 * @remarks O(scales · orders). No order counts for more than a full line, since one order of a strong defect may lie near a
 *   multiple of the shaft. A far speed is only thought of where no near one shows.
 */
export function findShaft(power: Float32Array, step: number, resolution: number): ShaftLock {
  const stride = resolution / (2 * ORDERS);
  const near = Math.floor(SPEED_ERROR / stride);
  const far = Math.floor(SHEET_ERROR / stride);
  const best = { near: { score: 0, scale: 1 }, far: { score: 0, scale: 1 } };
  for (let i = -far; i <= far; i++) {
    const scale = 1 + i * stride;
    const range = Math.abs(i) <= near ? 'near' : 'far';
    let score = -COST_OF_DEVIATION * Math.abs(scale - 1);
    let lines = 0;
    let inRow = 0;
    for (let k = 1; k <= ORDERS; k++) {
      const value = power[((k * scale) / step + 0.5) | 0]!;
      if (!(value >= LINE.least)) continue;
      score += Math.log(Math.min(value, LINE.full));
      lines++;
      if (inRow === k - 1) inRow = k;
    }
    if (lines < LEAST_LINES[range] || inRow < LEAST_IN_ROW[range]) continue;
    if (score > best[range].score) best[range] = { score, scale };
  }
  const found = best.near.score > 0 ? best.near : best.far;
  return { scale: found.scale, locked: found.score > 0 };
}
