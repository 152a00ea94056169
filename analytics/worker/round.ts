import { completeBatches, takeBatches } from '../../ingest/index.ts';
import type { Database } from '../../platform/index.ts';
import type { CarryOutDeps } from '../anomalies/carryOut.ts';
import { type MachineFacts, type PlausibleRange, partsOfKey } from '../facts/machineFacts.ts';
import { readConsumed, type Skipped, saveConsumed, saveSkipped } from '../store/consumed.ts';
import { readDevices } from '../store/deviceMemory.ts';
import type { ReadInForce } from '../thresholds/inForce.ts';
import { type AnalyseDeps, analyseBlocks, type FactsByPoint } from './analyseBlocks.ts';
import { sortBatches } from './batches.ts';
import { type FedItem, judgeAll } from './judgeAll.ts';
import { devicesOf, findSilent } from './silentPoints.ts';

export interface RoundDeps extends CarryOutDeps, AnalyseDeps {
  readonly db: Database;
  readonly facts: MachineFacts;
  readonly thresholds: ReadInForce;
  /** How long observations are kept for replays. */
  readonly historyDays: number;
}

export interface RoundOptions {
  readonly atMost: number;
  /** One block per thread task: finds the block that a thread dies of. */
  readonly isolate?: boolean;
}

export interface RoundResult {
  /** Batches taken off the feed. */
  readonly batches: number;
  readonly repeated: number;
  readonly blocks: number;
  readonly readings: number;
  readonly skipped: readonly Skipped[];
}

const NOTHING: RoundResult = { batches: 0, repeated: 0, blocks: 0, readings: 0, skipped: [] };

/**
 * Takes the next batches of one partition and, in one transaction, commits everything that comes of them: memories,
 * features, anomalies, events and the consumed position. Killed at any moment, all of it happens or nothing does.
 */
export async function runRound(
  deps: RoundDeps,
  tenantId: string,
  partition: number,
  { atMost, isolate = false }: RoundOptions,
): Promise<RoundResult> {
  return deps.db.tenant(tenantId, async (tx) => {
    const batches = await takeBatches(tx, partition, atMost);
    if (batches.length === 0) return NOTHING;
    const { fresh, repeated, positions } = sortBatches(batches, await readConsumed(tx, partition));
    const items = fresh.flatMap((batch) => batch.items.map((item) => ({ batch, item })));
    const waveforms = items.map(({ item }) => item).filter((item) => item.kind === 'waveform');
    const devices = await readDevices(tx, devicesOf(items));
    const silent = await findSilent(tx, devices, items);
    const facts = await factsOf(deps.facts, tenantId, [...items.map(({ item }) => item.pointKey), ...silent.keys()]);
    const analysed = await analyseBlocks(deps, tx, waveforms, facts, isolate);
    const ranges = await rangesOf(deps.facts, tenantId, items);
    const thresholds = await deps.thresholds(tx);
    const known = { facts, devices, silent, ranges, analysed, thresholds, historyDays: deps.historyDays };
    const skipped = await judgeAll(deps, tx, items, known);
    await saveSkipped(tx, skipped, deps.clock.nowMs());
    await saveConsumed(tx, partition, positions, deps.clock.nowMs());
    await completeBatches(tx, batches);
    const blocks = waveforms.length;
    return { batches: batches.length, repeated: repeated.length, blocks, readings: items.length - blocks, skipped };
  });
}

async function factsOf(source: MachineFacts, tenantId: string, pointKeys: readonly string[]): Promise<FactsByPoint> {
  const keys = [...new Set(pointKeys)];
  return new Map(await Promise.all(keys.map(async (key) => [key, await source.facts(tenantId, key)] as const)));
}

/** Declared ranges of the plain readings, by point key. */
async function rangesOf(
  source: MachineFacts,
  tenantId: string,
  items: readonly FedItem[],
): Promise<Map<string, PlausibleRange>> {
  const keys = [...new Set(items.flatMap(({ item }) => (item.kind === 'reading' ? [item.pointKey] : [])))];
  const found = await Promise.all(
    keys.map(async (key) => {
      const { device, point } = partsOfKey(key);
      return [key, (await source.ranges(tenantId, device)).get(point)] as const;
    }),
  );
  return new Map(found.flatMap(([key, range]) => (range ? [[key, range]] : [])));
}
