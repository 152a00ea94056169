import { BATCH, batchGain } from '../../../analytics/evaluate/onnx/batchGain.ts';
import { loadShipped } from '../../../analytics/models/shipped.ts';
import type { BenchRow } from '../row.ts';

/** What one inference over many rows gains over one call each, with the model that ships. */
export async function onnxBatchGain(): Promise<BenchRow> {
  const model = await loadShipped('spectral-autoencoder');
  const { single, batched } = await batchGain(model);
  await model.close();
  const { name, version, input } = model.contract;
  return {
    ...{ name: 'onnx-batch', value: batched, unit: 'µs/row', better: 'lower', goal: 2 },
    ...{ reference: 'one call for each row', referenceValue: single, ratio: single / batched },
    breakdown: [`${name} ${version}, ${input.features.length} features, batches of ${BATCH}, one intra-op thread`],
  };
}
