import { createHash, type Hash } from 'node:crypto';
import { DAY_NS } from '../store/postgres/partitions.ts';
import { byTimeThenIdentity, type StoredReading, type TelemetryStore } from '../store/telemetryStore.ts';
import type { SeriesDay } from './history.ts';

const PAGE = 5_000;

/** What one store holds of a series and day: how many readings, and a checksum over their times and values. */
export interface Content {
  readings: number;
  checksum: string;
}

/** What both stores hold of a series and day. */
export interface Comparison {
  source: Content;
  target: Content;
  equal: boolean;
  /** Readings of the target that came to it by another way since; they are no part of the checksum. */
  newer: number;
  /** Time of the first reading that only one has, or that has another value. */
  firstDifferenceNs: bigint | null;
}

/** All readings of a series and day, in the order of time and identity, page by page. */
export async function* readDay(store: TelemetryStore, day: SeriesDay): AsyncGenerator<StoredReading> {
  let after: StoredReading | undefined;
  for (;;) {
    const options = { limit: PAGE, ...(after ? { after } : {}) };
    const page = await store.range(day.tenantId, day, day.dayNs, day.dayNs + DAY_NS, options);
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)!;
  }
}

/** SHA-256 over time (64 bits) and value (the 64 bits of the double) of each reading, little endian, in their order. */
class Sum {
  readonly #hash: Hash = createHash('sha256');
  readonly #record = Buffer.alloc(16);
  #readings = 0;

  add({ timeNs, value }: StoredReading): void {
    this.#record.writeBigInt64LE(timeNs, 0);
    this.#record.writeDoubleLE(value, 8);
    this.#hash.update(this.#record);
    this.#readings++;
  }

  content(): Content {
    return { readings: this.#readings, checksum: this.#hash.digest('hex') };
  }
}

/**
 * Reads a series and day from both stores, side by side, and compares them.
 *
 * @param newestArrivalNs the newest arrival in the source: what only the target has and arrived later came to it directly,
 * after the switch, and is no difference
 * @remarks O(readings) time; two pages in memory, however long the day
 */
export async function compareDay(
  stores: { source: TelemetryStore; target: TelemetryStore },
  day: SeriesDay,
  newestArrivalNs: bigint,
): Promise<Comparison> {
  const [here, there] = [readDay(stores.source, day), readDay(stores.target, day)];
  const sums = { source: new Sum(), target: new Sum() };
  let newer = 0;
  let firstDifferenceNs: bigint | null = null;
  let [mine, theirs] = [await here.next(), await there.next()];
  while (!mine.done || !theirs.done) {
    const order = mine.done ? 1 : theirs.done ? -1 : byTimeThenIdentity(mine.value, theirs.value);
    if (order <= 0) sums.source.add(mine.value);
    const direct = order > 0 && theirs.value.arrivalNs > newestArrivalNs;
    if (direct) newer++;
    else if (order >= 0) sums.target.add(theirs.value);
    const same = order === 0 && Object.is(mine.value.value, theirs.value.value);
    if (!same && !direct) firstDifferenceNs ??= (order <= 0 ? mine : theirs).value.timeNs;
    if (order <= 0) mine = await here.next();
    if (order >= 0) theirs = await there.next();
  }
  const [source, target] = [sums.source.content(), sums.target.content()];
  const equal = source.readings === target.readings && source.checksum === target.checksum;
  return { source, target, equal, newer, firstDifferenceNs };
}
