import { createHash } from 'node:crypto';
import { analyticsErrors } from '../errors.ts';
import type { ModelContract } from './contract.ts';
import type { ModelRunner } from './modelRunner.ts';

/**
 * The runtime reports its use to its maker unless told otherwise before it is loaded, and reads that from the
 * environment once: hence the late import, which also keeps it out of processes that run no model.
 */
async function loadRuntime(): Promise<typeof import('onnxruntime-node')> {
  process.env.ORT_DISABLE_TELEMETRY = '1';
  return import('onnxruntime-node');
}

/** Rows of one inference; larger batches gain nothing and hold up the event loop. */
const BATCH_ROWS = 256;

export function sha256Of(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * Loads a model: the file's SHA-256 must be the contract's. One intra-op thread, since the default pool costs
 * milliseconds at the 99th percentile on models this small.
 *
 * @throws ANALYTICS_MODEL_HASH, or what the runtime says of a file that it cannot load
 */
export async function onnxRunner(contract: ModelContract, data: Uint8Array): Promise<ModelRunner> {
  const found = sha256Of(data);
  const { name, input, output } = contract;
  if (found !== contract.sha256) {
    throw analyticsErrors.ANALYTICS_MODEL_HASH({ name, expected: contract.sha256, found });
  }
  const { InferenceSession, Tensor } = await loadRuntime();
  const session = await InferenceSession.create(data, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 4, // the runtime would write to our standard error; what matters is thrown
  });
  const width = input.features.length;
  const outputs = output.kind === 'classes' ? output.classes.length : 1;
  const infer = async (rows: readonly Float32Array[]): Promise<Float32Array> => {
    const values = new Float32Array(rows.length * width);
    for (const [index, row] of rows.entries()) values.set(row, index * width);
    const tensor = new Tensor('float32', values, [rows.length, width]);
    const { [output.name]: answer } = await session.run({ [input.name]: tensor }, [output.name]);
    const isShape = answer?.dims[0] === rows.length && answer.size === rows.length * outputs;
    if (!isShape || answer.type !== 'float32' || !(answer.data as Float32Array).every(Number.isFinite)) {
      throw analyticsErrors.ANALYTICS_MODEL_OUTPUT({ name, rows: rows.length, outputs });
    }
    return answer.data as Float32Array;
  };
  return {
    contract,
    outputs,
    run: async (rows) => {
      for (const row of rows) {
        if (row.length !== width || !row.every(Number.isFinite)) {
          throw analyticsErrors.ANALYTICS_MODEL_INPUT({ definition: input.definition });
        }
      }
      const answers = new Float32Array(rows.length * outputs);
      for (let from = 0; from < rows.length; from += BATCH_ROWS) {
        answers.set(await infer(rows.slice(from, from + BATCH_ROWS)), from * outputs);
      }
      return answers;
    },
    close: () => session.release(),
  };
}
