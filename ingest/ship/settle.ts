import { FaultlineError, type Sql } from '../../platform/index.ts';
import type { Reading, WaveformBlock } from '../store/readings.ts';
import type { TelemetryStore } from '../store/telemetryStore.ts';
import type { WaveformStore } from '../store/waveformStore.ts';
import type { Rejection } from '../units.ts';

/** Readings offered to the store at once: enough to make a statement worth it, few enough not to stop the thread. */
const WRITE_READINGS = 8_000;

export interface Stores {
  telemetry: TelemetryStore;
  waveforms: WaveformStore;
}

/** What became of a unit that was offered: it was there already, it is stored now, or the store refuses it. */
export const DUPLICATE = 0;
export const STORED = 1;
export const REFUSED = 2;

/** What became of each of them, in their order; of those refused, why. */
export interface Settlement {
  outcomes: Uint8Array;
  reasons: ReadonlyMap<number, string>;
}

/** The entry in quarantine of what the store refuses. */
export function refusal(index: number, reason: string): Rejection {
  return { index, code: 'STORE_REFUSED', field: null, reason };
}

/**
 * Writes readings within one transaction. Those that the store refuses are cornered by halving, so that one bad reading
 * costs itself only; whatever else the store throws ends the attempt.
 */
export async function settleReadings(
  tx: Sql,
  store: TelemetryStore,
  readings: readonly Reading[],
): Promise<Settlement> {
  const outcomes = new Uint8Array(readings.length);
  const reasons = new Map<number, string>();
  const write = async (from: number, to: number): Promise<void> => {
    if (from === to) return;
    try {
      const some = from === 0 && to === readings.length ? readings : readings.slice(from, to);
      outcomes.set(await store.write(tx, some), from);
    } catch (error) {
      const reason = refusalOf(error);
      if (to - from === 1) {
        outcomes[from] = REFUSED;
        reasons.set(from, reason);
        return;
      }
      const middle = (from + to) >> 1;
      await write(from, middle);
      await write(middle, to);
    }
  };
  const atOnce = store.batchReadings ?? WRITE_READINGS;
  for (let start = 0; start < readings.length; start += atOnce)
    await write(start, Math.min(start + atOnce, readings.length));
  return { outcomes, reasons };
}

/** The same for blocks, each of which its store judges by itself. */
export async function settleBlocks(
  tx: Sql,
  store: WaveformStore,
  blocks: readonly WaveformBlock[],
): Promise<Settlement> {
  const outcomes = new Uint8Array(blocks.length);
  const reasons = new Map<number, string>();
  for (const [at, outcome] of (blocks.length === 0 ? [] : await store.put(tx, blocks)).entries()) {
    if ('refused' in outcome) {
      outcomes[at] = REFUSED;
      reasons.set(at, outcome.refused);
    } else outcomes[at] = outcome.stored ? STORED : DUPLICATE;
  }
  return { outcomes, reasons };
}

/** The reason of a refusal of the data; throws on anything that is none. */
function refusalOf(error: unknown): string {
  if (error instanceof FaultlineError && error.code === 'STORE_ROW_REFUSED') return error.message;
  throw error;
}
