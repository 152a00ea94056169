import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { reasonOf } from '../../platform/index.ts';
import { analyticsErrors } from '../errors.ts';

/** What a model file promises; lies beside the file as JSON and is checked when the model is loaded. */
export const modelContract = z.object({
  name: z.string(),
  version: z.string(),
  file: z.string().regex(/^[\w.-]+\.onnx$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** live: its error is evidence. shadow: it is computed and shown, and never speaks. */
  stage: z.enum(['live', 'shadow']),
  purpose: z.string(),
  input: z.object({
    name: z.string(),
    definition: z.string(),
    features: z.array(z.object({ name: z.string(), unit: z.string() })),
  }),
  output: z.object({ name: z.string(), unit: z.string() }),
  samplingRateHz: z.object({ min: z.number(), max: z.number(), note: z.string() }),
  windowSamples: z.object({ min: z.int() }),
  training: z.object({
    data: z.string(),
    licence: z.string(),
    seed: z.int(),
    rows: z.int(),
    script: z.string(),
  }),
  validation: z.object({
    healthyBlocks: z.int(),
    faultyBlocks: z.int(),
    healthyP99LnShift: z.number(),
    detectedAtThatLimit: z.number(),
  }),
});
export type ModelContract = z.infer<typeof modelContract>;

/** Reads a contract; says what is wrong with one that cannot be used. */
export async function readContract(url: URL): Promise<ModelContract> {
  try {
    return modelContract.parse(JSON.parse(await readFile(url, 'utf8')));
  } catch (cause) {
    throw analyticsErrors.ANALYTICS_MODEL_CONTRACT({ file: url.pathname, reason: reasonOf(cause) }, { cause });
  }
}
