import type { LiveReading } from './items.ts';

/**
 * What waits for one watcher, bounded: readings in their order while it keeps up; when it does not, only the newest of
 * each series, and a count of what it missed. It never holds more than `limit` readings.
 */
export class Backlog {
  readonly #limit: number;
  #queue: LiveReading[] = [];
  /** Set while the watcher is behind: by series, in the order in which their first reading came to wait. */
  #newest: Map<string, LiveReading> | null = null;
  #skipped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#newest?.size ?? this.#queue.length;
  }

  offer(readings: readonly LiveReading[]): void {
    for (const reading of readings) {
      if (this.#newest) this.#coalesce(this.#newest, reading);
      else if (this.#queue.length < this.#limit) this.#queue.push(reading);
      else {
        const newest = new Map<string, LiveReading>();
        for (const waiting of this.#queue) this.#coalesce(newest, waiting);
        this.#coalesce(newest, reading);
        this.#queue = [];
        this.#newest = newest;
      }
    }
  }

  /** Takes up to `most` readings, and the number of those that were left out since the last time. */
  take(most: number): { readings: LiveReading[]; skipped: number } {
    const skipped = this.#skipped;
    this.#skipped = 0;
    if (!this.#newest) return { readings: this.#queue.splice(0, most), skipped };
    const readings: LiveReading[] = [];
    for (const [series, reading] of this.#newest) {
      if (readings.length === most) break;
      readings.push(reading);
      this.#newest.delete(series);
    }
    if (this.#newest.size === 0) this.#newest = null; // it has caught up
    return { readings, skipped };
  }

  #coalesce(newest: Map<string, LiveReading>, reading: LiveReading): void {
    const known = newest.get(reading.series);
    if (!known && newest.size < this.#limit) {
      newest.set(reading.series, reading);
      return;
    }
    // Either of the two is left out; of a series for which there is no room at all, the reading itself.
    this.#skipped++;
    if (known && reading.timeNs >= known.timeNs) newest.set(reading.series, reading);
  }
}
