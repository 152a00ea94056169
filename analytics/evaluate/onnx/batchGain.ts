import type { ModelRunner } from '../../models/modelRunner.ts';
import { seededRandom } from '../../models/training/random.ts';

/** Rows of a batch. */
export const BATCH = 64;
const CALLS = 2000;
const ROUNDS = 20;

/** Microseconds a row, with the checks of the rows included. */
export interface BatchGain {
  /** One call for each row. */
  readonly single: number;
  /** One call for `BATCH` rows. */
  readonly batched: number;
}

/** What one inference over many rows costs beside one call each. */
export async function batchGain(model: ModelRunner): Promise<BatchGain> {
  const rows = someRows(model, BATCH);
  return { single: await microsPerRow(model, rows.slice(0, 1)), batched: await microsPerRow(model, rows) };
}

/** Rows that the model takes, the same at every call. */
export function someRows(model: ModelRunner, count: number): Float32Array[] {
  const random = seededRandom(7);
  const width = model.contract.input.features.length;
  return Array.from({ length: count }, () => Float32Array.from({ length: width }, () => random.normal()));
}

/** Best of several rounds: others on the machine only ever make a call slower. */
async function microsPerRow(model: ModelRunner, rows: readonly Float32Array[]): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const from = performance.now();
    for (let call = 0; call < CALLS / ROUNDS; call++) await model.run(rows);
    best = Math.min(best, (1000 * (performance.now() - from)) / ((CALLS / ROUNDS) * rows.length));
  }
  return best;
}
