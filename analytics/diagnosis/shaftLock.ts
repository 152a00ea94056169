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
