import { FaultlineError, type Sql } from '../../platform/index.ts';
import type { Reading } from '../store/readings.ts';
import type { TelemetryStore } from '../store/telemetryStore.ts';
import type { WaveformStore } from '../store/waveformStore.ts';
import type { MessageUnits, Rejection } from '../units.ts';

/** Readings offered to the store at once: enough to make a statement worth it, few enough not to stop the thread. */
const WRITE_READINGS = 8_000;

export interface Stores {
  telemetry: TelemetryStore;
  waveforms: WaveformStore;
}

/** Where the units of one message came to be: their numbers add up to the units offered. */
export interface Settlement {
  stored: number;
  duplicate: number;
  /** What could not be decoded, placed in time, or stored. */
  rejections: Rejection[];
}

/**
 * Writes the units of many messages within one transaction. Data that the store refuses are cornered by halving, so
 * that one bad reading costs itself only; whatever else the store throws ends the attempt.
 */
export async function settle(tx: Sql, stores: Stores, messages: readonly MessageUnits[]): Promise<Settlement[]> {
  const settlements = messages.map(
    // Only what rejects something gets a list of its own.
    (units): Settlement => ({ stored: 0, duplicate: 0, rejections: units.rejections }),
  );
  // Side by side rather than a pair of objects for each reading: this runs for every one.
  const readings: Reading[] = [];
  const owners: Settlement[] = [];
  for (let message = 0; message < messages.length; message++) {
    for (const { unit } of messages[message]!.readings) {
      readings.push(unit);
      owners.push(settlements[message]!);
    }
  }
  const atOnce = stores.telemetry.batchReadings ?? WRITE_READINGS;
  for (let start = 0; start < readings.length; start += atOnce)
    await writeReadings(tx, stores.telemetry, readings, owners, start, Math.min(start + atOnce, readings.length));
  const blocks = messages.flatMap((units, message) => units.blocks.map((block) => ({ message, ...block })));
  const outcomes =
    blocks.length === 0
      ? []
      : await stores.waveforms.put(
          tx,
          blocks.map(({ unit }) => unit),
        );
  for (const [i, { message, index }] of blocks.entries()) {
    const outcome = outcomes[i]!;
    const settlement = settlements[message]!;
    if ('refused' in outcome) reject(settlement, index, outcome.refused);
    else if (outcome.stored) settlement.stored++;
    else settlement.duplicate++;
  }
  return settlements;
}

async function writeReadings(
  tx: Sql,
  store: TelemetryStore,
  readings: readonly Reading[],
  owners: readonly Settlement[],
  from: number,
  to: number,
): Promise<void> {
  if (from === to) return;
  try {
    const outcome = await store.write(tx, from === 0 && to === readings.length ? readings : readings.slice(from, to));
    for (let i = from; i < to; i++) {
      if (outcome[i - from] === 1) owners[i]!.stored++;
      else owners[i]!.duplicate++;
    }
  } catch (error) {
    const reason = refusalOf(error);
    if (to - from === 1) {
      reject(owners[from]!, readings[from]!.index, reason);
      return;
    }
    const middle = (from + to) >> 1;
    await writeReadings(tx, store, readings, owners, from, middle);
    await writeReadings(tx, store, readings, owners, middle, to);
  }
}

/** The units' own list is never changed: the other reader of the spool may be looking at it. */
function reject(settlement: Settlement, index: number, reason: string): void {
  settlement.rejections = [...settlement.rejections, { index, code: 'STORE_REFUSED', field: null, reason }];
}

/** The reason of a refusal of the data; throws on anything that is none. */
function refusalOf(error: unknown): string {
  if (error instanceof FaultlineError && error.code === 'STORE_ROW_REFUSED') return error.message;
  throw error;
}
