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

/** A reading of the batch together with the message that it came in. */
interface Offered {
  message: number;
  index: number;
  unit: Reading;
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
  const offered: Offered[] = [];
  for (let message = 0; message < messages.length; message++)
    for (const { index, unit } of messages[message]!.readings) offered.push({ message, index, unit });
  const atOnce = stores.telemetry.batchReadings ?? WRITE_READINGS;
  for (let start = 0; start < offered.length; start += atOnce) {
    const batch = offered.length <= atOnce ? offered : offered.slice(start, start + atOnce);
    await writeReadings(tx, stores.telemetry, batch, settlements);
  }
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

async function writeReadings(tx: Sql, store: TelemetryStore, batch: Offered[], into: Settlement[]): Promise<void> {
  if (batch.length === 0) return;
  try {
    const outcome = await store.write(
      tx,
      batch.map((offered) => offered.unit),
    );
    for (const [i, offered] of batch.entries()) {
      const settlement = into[offered.message]!;
      if (outcome[i] === 1) settlement.stored++;
      else settlement.duplicate++;
    }
  } catch (error) {
    const reason = refusalOf(error);
    if (batch.length === 1) {
      const [{ message, index }] = batch as [Offered];
      reject(into[message]!, index, reason);
      return;
    }
    const middle = batch.length >> 1;
    await writeReadings(tx, store, batch.slice(0, middle), into);
    await writeReadings(tx, store, batch.slice(middle), into);
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
