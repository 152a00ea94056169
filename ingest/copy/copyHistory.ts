import type { Clock, Database, Sql } from '../../platform/index.ts';
import { FaultlineError } from '../../platform/index.ts';
import { partitionsOf } from '../store/postgres/partitions.ts';
import { postgresTelemetryStore } from '../store/postgres/telemetryStore.ts';
import type { Reading } from '../store/readings.ts';
import type { StoredReading, TelemetryStore } from '../store/telemetryStore.ts';
import { type Comparison, compareDay, readDay } from './compare.ts';
import { daysOfHistory, noteCopied, type SeriesDay, seriesOfDay, uncopied } from './history.ts';

/** Written in one transaction, whose end is also the durable position. */
const BATCH_READINGS = 20_000;
const PROOFS_AT_ONCE = 4;

/** One delivery of its own: offered again after a kill, each reading is known by it and by its identity. */
const RECEIPT = '00000000-0000-0000-0000-c09100000000:0';

export interface CopyDeps {
  db: Database;
  target: TelemetryStore;
  /** Names the target, so that positions of one are not taken for another's. */
  targetName: string;
  clock: Clock;
  /** Called as work goes on, with what is under way. */
  told: (progress: CopyProgress) => void;
}

export interface CopyProgress {
  phase: 'copying' | 'proving';
  done: number;
  total: number;
  at: SeriesDay;
}

/** A series and day of which both stores do not hold the same. */
export interface Difference {
  day: SeriesDay;
  comparison: Comparison;
}

export interface CopyReport {
  days: number;
  seriesDays: number;
  readings: number;
  copied: number;
  /** Already there from an earlier run. */
  skipped: number;
  refused: { day: SeriesDay; timeNs: bigint; reason: string }[];
  newer: number;
  differences: Difference[];
}

/**
 * Copies the history that the database holds into another store, series by series and day by day, and then reads both
 * to prove that they hold the same. What an earlier run has copied is not copied again, but it is proved again.
 */
export async function copyHistory(deps: CopyDeps): Promise<CopyReport> {
  const { db } = deps;
  const source = postgresTelemetryStore(db, partitionsOf(db));
  const { days, newestArrivalNs } = await daysOfHistory(db);
  const total = days.reduce((sum, day) => sum + day.readings, 0);
  const report: CopyReport = {
    ...{ days: days.length, seriesDays: 0, readings: total, copied: 0, skipped: 0 },
    ...{ refused: [], newer: 0, differences: [] },
  };
  for (const { dayNs } of days) await copyDay(deps, source, dayNs, total, report);
  let proved = 0;
  for (const { dayNs } of days) {
    const waiting = await seriesOfDay(db, dayNs);
    report.seriesDays += waiting.length;
    const prove = async () => {
      for (let day = waiting.shift(); day; day = waiting.shift()) {
        const comparison = await compareDay({ source, target: deps.target }, day, newestArrivalNs);
        report.newer += comparison.newer;
        if (!comparison.equal) report.differences.push({ day, comparison });
        proved += day.readings;
        deps.told({ phase: 'proving', done: proved, total, at: day });
      }
    };
    await Promise.all(Array.from({ length: PROOFS_AT_ONCE }, prove));
  }
  return report;
}

async function copyDay(
  deps: CopyDeps,
  source: TelemetryStore,
  dayNs: bigint,
  total: number,
  report: CopyReport,
): Promise<void> {
  const { db, clock, target, targetName } = deps;
  const all = await seriesOfDay(db, dayNs);
  const left = await uncopied(db, targetName, dayNs, all);
  const count = (some: readonly SeriesDay[]) => some.reduce((sum, one) => sum + one.readings, 0);
  report.skipped += count(all) - count(left);
  let batch: Reading[] = [];
  let complete: SeriesDay[] = [];
  const shed = async (at: SeriesDay) => {
    const [readings, ended] = [batch, complete];
    [batch, complete] = [[], []];
    await db.as('shipper', async (tx) => {
      for (const { reading, reason } of await writeAll(tx, target, readings))
        report.refused.push({ day: { ...at, ...reading, dayNs }, timeNs: reading.timeNs, reason });
      await noteCopied(tx, targetName, ended, new Date(clock.nowMs()));
    });
    report.copied += readings.length;
    deps.told({ phase: 'copying', done: report.skipped + report.copied, total, at });
  };
  for (const day of left) {
    for await (const stored of readDay(source, day)) {
      batch.push(readingOf(day, stored));
      if (batch.length >= BATCH_READINGS) await shed(day);
    }
    complete.push(day);
  }
  if (complete.length > 0) await shed(left.at(-1)!);
}

function readingOf({ tenantId, device, point }: SeriesDay, stored: StoredReading): Reading {
  const delivery = { receipt: RECEIPT, index: 0, boot: null, seq: null, windowed: false };
  return { tenantId, device, point, ...stored, ...delivery };
}

/** Writes what the target takes; data that it refuses are cornered by halving. */
async function writeAll(
  tx: Sql,
  target: TelemetryStore,
  batch: readonly Reading[],
): Promise<{ reading: Reading; reason: string }[]> {
  if (batch.length === 0) return [];
  try {
    await target.write(tx, batch);
    return [];
  } catch (error) {
    if (!(error instanceof FaultlineError) || error.code !== 'STORE_ROW_REFUSED') throw error;
    if (batch.length === 1) return [{ reading: batch[0]!, reason: error.message }];
    const middle = batch.length >> 1;
    return [
      ...(await writeAll(tx, target, batch.slice(0, middle))),
      ...(await writeAll(tx, target, batch.slice(middle))),
    ];
  }
}
