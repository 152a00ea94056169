import { loadShipped } from '../../../analytics/models/shipped.ts';
import type { BenchRow } from '../row.ts';

const BATCH = 64;
const CALLS = 3000;

/** What one inference over many rows gains over one call each, with the model that ships. */
export async function onnxBatchGain(): Promise<BenchRow> {
  const model = await loadShipped('spectral-autoencoder');
  const width = model.contract.input.features.length;
  const rows = Array.from({ length: BATCH }, (_, r) =>
    Float32Array.from({ length: width }, (_v, i) => Math.sin(r + i)),
  );
  const microsPerRow = async (batch: readonly Float32Array[], calls: number) => {
    for (let i = 0; i < calls / 10; i++) await model.run(batch);
    let best = Number.POSITIVE_INFINITY;
    for (let slice = 0; slice < 20; slice++) {
      const start = performance.now();
      for (let i = 0; i < calls / 20; i++) await model.run(batch);
      best = Math.min(best, (1000 * (performance.now() - start)) / (calls / 20) / batch.length);
    }
    return best;
  };
  const single = await microsPerRow(rows.slice(0, 1), CALLS);
  const batched = await microsPerRow(rows, CALLS);
  await model.close();
  return {
    ...{ name: 'onnx-batch', value: batched, unit: 'µs/row', better: 'lower', goal: 2 },
    ...{ reference: 'one call for each row', referenceValue: single, ratio: single / batched },
    breakdown: [
      `${model.contract.name} ${model.contract.version}, ${width} features, batches of ${BATCH}, one intra-op thread`,
    ],
  };
}
