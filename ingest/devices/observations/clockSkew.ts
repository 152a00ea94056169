/** Deliveries over which a clock is judged: enough that some slow ones do not count. */
const WINDOW = 31;

/** How a device's clock stands to ours. */
export interface ClockEstimate {
  /** What must be added to the device's time: positive, its clock is behind. It includes the way here, a fraction of a second. */
  skewMs: number;
  /** Median distance of the deliveries from it: large when deliveries are slow or the clock is being set. */
  spreadMs: number;
  samples: number;
}

/**
 * Running median of arrival − sentAt over the last deliveries. A delivery that waited somewhere counts as one of many,
 * where a mean or the last value would follow it; repetitions (MQTT DUP) measure the delay and must not be given.
 */
export class ClockSkew {
  readonly #offsetsMs: number[] = [];
  #samples = 0;

  add(offsetMs: number): void {
    this.#offsetsMs[this.#samples % WINDOW] = offsetMs;
    this.#samples++;
  }

  estimate(): ClockEstimate {
    const skewMs = median(this.#offsetsMs);
    return { skewMs, spreadMs: median(this.#offsetsMs.map((ms) => Math.abs(ms - skewMs))), samples: this.#samples };
  }
}

/** NaN for none. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
