import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { analyticsErrors } from '../errors.ts';
import { readContract } from './contract.ts';
import type { ModelRunner } from './modelRunner.ts';

/**
 * The runtime reports its use to its maker unless told otherwise before it is loaded, and reads that from the
 * environment once: hence the late import.
 */
async function loadRuntime(): Promise<typeof import('onnxruntime-node')> {
  process.env.ORT_DISABLE_TELEMETRY = '1';
  return import('onnxruntime-node');
}

/** Rows of one inference; larger batches gain nothing and hold up the event loop. */
const BATCH_ROWS = 256;

/**
 * Loads a model by its contract: the file's SHA-256 must be the contract's. One intra-op thread, since the default
 * pool costs milliseconds at the 99th percentile on models this small.
 */
export async function onnxRunner(contractUrl: URL): Promise<ModelRunner> {
  const contract = await readContract(contractUrl);
  const data = await readFile(new URL(contract.file, contractUrl));
  const found = createHash('sha256').update(data).digest('hex');
  if (found !== contract.sha256) {
    throw analyticsErrors.ANALYTICS_MODEL_HASH({ file: contract.file, expected: contract.sha256, found });
  }
  const { InferenceSession, Tensor } = await loadRuntime();
  const session = await InferenceSession.create(data, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
  });
  const width = contract.input.features.length;
  const infer = async (rows: readonly Float32Array[]): Promise<Float32Array> => {
    const input = new Float32Array(rows.length * width);
    for (const [index, row] of rows.entries()) input.set(row, index * width);
    const tensor = new Tensor('float32', input, [rows.length, width]);
    const outputs = await session.run({ [contract.input.name]: tensor }, [contract.output.name]);
    return outputs[contract.output.name]!.data as Float32Array;
  };
  return {
    contract,
    score: async (rows) => {
      for (const row of rows) {
        if (row.length !== width || !row.every(Number.isFinite)) {
          throw analyticsErrors.ANALYTICS_MODEL_INPUT({ definition: contract.input.definition });
        }
      }
      const scores = new Float32Array(rows.length);
      for (let from = 0; from < rows.length; from += BATCH_ROWS) {
        scores.set(await infer(rows.slice(from, from + BATCH_ROWS)), from);
      }
      return scores;
    },
    close: () => session.release(),
  };
}
