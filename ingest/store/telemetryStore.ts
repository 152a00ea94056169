import type { Sql } from '../../platform/index.ts';
import type { Reading } from './readings.ts';

export const AGGREGATES = ['mean', 'min', 'max', 'sum', 'count', 'first', 'last'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** One measuring point of a tenant. */
export interface Series {
  device: string;
  point: string;
}

export interface StoredReading {
  timeNs: bigint;
  value: number;
  unit: string | null;
  arrivalNs: bigint;
  deviceTimeNs: bigint | null;
  sentAtNs: bigint | null;
  future: boolean;
  corrected: boolean;
  arrivalTimed: boolean;
  identity: string;
}

/** One window of an aggregated range; empty windows are left out. */
export interface WindowValue {
  /** The window's start; windows are counted from the epoch, so that two queries share their borders. */
  timeNs: bigint;
  value: number;
  /** How many readings the window holds. */
  count: number;
}

/** One reading picked out of many. */
export interface Sample {
  timeNs: bigint;
  value: number;
}

/**
 * What a window of a range looks like from afar: the readings at its borders and its extremes, each at its own time. Of
 * equal extremes the earliest is given; of readings of one instant, the same one each time.
 */
export interface WindowExtremes {
  /** The window's start, counted from the epoch. */
  timeNs: bigint;
  count: number;
  first: Sample;
  last: Sample;
  lowest: Sample;
  highest: Sample;
}

export interface LatestReading extends Series {
  timeNs: bigint;
  value: number;
  unit: string | null;
  arrivalNs: bigint;
}

/** How much of a device of a tenant something concerns. */
export interface DeviceCount {
  tenantId: string;
  device: string;
  count: number;
}

/** Told of each portion that was removed, in the transaction that removes it: the ledger moves with it or not at all. */
export type Settle = (tx: Sql, gone: readonly DeviceCount[]) => Promise<void>;

/** Per reading of the batch, in its order: 1 stored now, 0 was there already. */
export type Outcome = Uint8Array;

/** Where raw range reading goes on. */
export interface RangePosition {
  timeNs: bigint;
  identity: string;
}

/** The order in which readings are told: by time, those of one instant by their identity. */
export function byTimeThenIdentity(a: RangePosition, b: RangePosition): number {
  if (a.timeNs !== b.timeNs) return a.timeNs < b.timeNs ? -1 : 1;
  return a.identity < b.identity ? -1 : a.identity > b.identity ? 1 : 0;
}

export interface CountFilter {
  device?: string;
  point?: string;
  fromNs?: bigint;
  toNs?: bigint;
}

/**
 * Where readings live. Every reading offered is either stored or was there already; two different readings of the same
 * instant are both kept. Left out on purpose: deletion of single readings (only retention removes), joins with other
 * tables, subscriptions (the feed tells analytics), and the spool's cursor, which its owner keeps.
 */
export interface TelemetryStore {
  /** How many readings it likes to be offered at once; absent: it does not care. */
  readonly batchReadings?: number;
  /**
   * Takes the whole batch or nothing. `tx` is the shipper's open transaction: an adapter on the same database writes in
   * it, so that readings and cursor are committed together; any other relies on the identity being idempotent,
   * and on the receipt: a delivery is offered again until a transaction that offered it was committed, and never after.
   *
   * @throws {FaultlineError} STORE_ROW_REFUSED when the data are at fault, not the store: offering less may succeed.
   * Anything else thrown means that the store is not to be had: hold, and offer the same batch again. `tx` stays usable
   * after STORE_ROW_REFUSED only.
   */
  write(tx: Sql, batch: readonly Reading[]): Promise<Outcome>;
  /** Readings with fromNs <= time < toNs in the order of time, at most `limit`, after `after` when given. */
  range(
    tenantId: string,
    series: Series,
    fromNs: bigint,
    toNs: bigint,
    options: { limit: number; after?: RangePosition },
  ): Promise<StoredReading[]>;
  /** One value for each window that holds readings, in the order of time, at most `limit` windows. */
  windows(
    tenantId: string,
    series: Series,
    fromNs: bigint,
    toNs: bigint,
    options: { windowNs: bigint; aggregate: Aggregate; limit: number },
  ): Promise<WindowValue[]>;
  /**
   * The extremes of each window that holds readings, in the order of time, at most `limit` windows. An adapter with
   * rollups may answer from them where raw readings are gone; a time is then the start of the rollup's own window.
   */
  extremes(
    tenantId: string,
    series: Series,
    fromNs: bigint,
    toNs: bigint,
    options: { windowNs: bigint; limit: number },
  ): Promise<WindowExtremes[]>;
  /** The newest reading of each series that has one; readings from the future do not count. */
  latest(tenantId: string, series: readonly Series[]): Promise<LatestReading[]>;
  /** Every series of the tenant, or of one device, with its newest reading. */
  series(tenantId: string, device?: string): Promise<LatestReading[]>;
  /** Counts what is stored, by looking. `within` makes it see one snapshot with other queries, where that is possible. */
  count(tenantId: string, filter?: CountFilter, within?: Sql): Promise<{ device: string; count: number }[]>;
  /**
   * Runs `work` while no batch is on its way into the store, so that `count` agrees with a snapshot taken within it.
   * Absent where `count` can see the snapshot itself.
   */
  still?<T>(work: () => Promise<T>): Promise<T>;
  /** Removes what is older, in portions; called by retention alone. */
  expire(beforeNs: bigint, settle: Settle): Promise<void>;
}
