import type { ModelVerdict } from '../detectors/waveformObservation.ts';
import { type ModelContract, serves } from '../models/contract.ts';
import type { DriftMonitor } from '../models/drift/monitor.ts';
import type { PlacedModel } from '../models/registry/shelf.ts';
import type { BlockResult } from '../threads/messages.ts';

/** What one model said of one block. */
export interface ModelAnswer {
  readonly contract: ModelContract;
  readonly live: boolean;
  readonly verdict: ModelVerdict;
}

/** A block that was analysed, with the models that are run at its point. */
export interface AskedBlock {
  readonly result: BlockResult;
  readonly models: readonly PlacedModel[];
}

/** Probabilities are kept this far from 0 and 1, where float32 ends. */
const LEAST_PROBABILITY = 1e-6;
/** Scores are compared by ratio, which nothing at or below zero has. */
const LEAST_SCORE = 1e-12;

/**
 * Asks every model about all of its blocks with one inference each.
 *
 * @returns the answers on each block, in the order of the blocks; none of a model that failed or does not serve the block
 */
export async function askModels(
  drift: DriftMonitor,
  tenantId: string,
  blocks: readonly AskedBlock[],
): Promise<ModelAnswer[][]> {
  const answers: ModelAnswer[][] = blocks.map(() => []);
  const asked = new Map<string, { model: PlacedModel; places: { index: number; row: Float32Array }[] }>();
  for (const [index, { result, models }] of blocks.entries()) {
    if ('failure' in result) continue;
    for (const model of models) {
      const { contract } = model;
      const row = result.rows[contract.input.definition];
      const { samplingRateHz, sampleCount } = result.analysis;
      if (!row || !serves(contract, samplingRateHz, sampleCount)) continue;
      const entry = asked.get(model.id) ?? { model, places: [] };
      entry.places.push({ index, row });
      asked.set(model.id, entry);
    }
  }
  for (const { model, places } of asked.values()) {
    const { contract } = model;
    const outputs = await model.run(places.map(({ row }) => row));
    if (!outputs) continue;
    const width = outputs.length / places.length;
    const values = places.map((_, i) => numberOf(contract, outputs.subarray(i * width, (i + 1) * width)));
    drift.note(
      tenantId,
      model.id,
      contract,
      places.map(({ row }, i) => [...row, values[i]!]),
    );
    for (const [i, { index }] of places.entries()) {
      const live = blocks[index]!.models.some(({ id, live }) => id === model.id && live);
      answers[index]!.push({ contract, live, verdict: verdictOf(contract, values[i]!, live) });
    }
  }
  return answers;
}

/** The one number that is compared with its past: the score, or the log odds of a fault. */
function numberOf({ output }: ModelContract, answer: Float32Array): number {
  if (output.kind === 'score') return answer[0]!;
  const healthy = answer[output.classes.indexOf(output.healthy)]!;
  const p = Math.min(1 - LEAST_PROBABILITY, Math.max(LEAST_PROBABILITY, 1 - healthy));
  return Math.log(p / (1 - p));
}

function verdictOf({ name, version, output }: ModelContract, value: number, live: boolean): ModelVerdict {
  const called = `${name} ${version}`;
  if (output.kind === 'classes') return { name: called, value, unit: 'log odds of a fault', scale: 'linear', live };
  return { name: called, value: Math.max(value, LEAST_SCORE), unit: output.unit, scale: 'log', live };
}
