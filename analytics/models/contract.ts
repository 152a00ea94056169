import { z } from 'zod';
import { reasonOf } from '../../platform/index.ts';
import { analyticsErrors } from '../errors.ts';
import { DEFINITIONS } from './features/definitions.ts';

const MAX_FEATURES = 512;
const MAX_CLASSES = 64;
const text = z.string().min(1).max(1000);

/** Nine deciles of each feature over the training rows; drift is measured against them. */
const deciles = z.array(z.number()).length(9);

/**
 * What a model promises. It is checked against the file when the model is uploaded and again when it is loaded; nothing
 * in it is the file's word alone.
 */
export const modelContract = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/, 'lower-case letters, digits and dashes'),
  version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,39}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'the SHA-256 of the file in lower-case hex'),
  purpose: text,
  input: z.object({
    /** Name of the graph's input, shape (batch, features), float32. */
    name: text,
    /** How the product makes the features; see `features/definitions.ts`. */
    definition: z.string().refine((name) => DEFINITIONS.has(name), {
      error: `Faultline makes these features: ${[...DEFINITIONS.keys()].join(', ')}`,
    }),
    features: z
      .array(z.object({ name: text, unit: z.string().max(80) }))
      .min(1)
      .max(MAX_FEATURES),
  }),
  output: z.discriminatedUnion('kind', [
    /** One number for each row, shape (batch,) or (batch, 1); the larger, the less the row is like the training data. */
    z.object({ kind: z.literal('score'), name: text, unit: text }),
    /** One probability for each class, shape (batch, classes); `healthy` names the class that stands for no fault. */
    z
      .object({
        kind: z.literal('classes'),
        name: text,
        unit: z.literal('probability'),
        classes: z.array(text).min(2).max(MAX_CLASSES),
        healthy: text,
      })
      .refine(({ classes, healthy }) => classes.includes(healthy) && new Set(classes).size === classes.length, {
        error: 'classes must differ from each other, and healthy must be one of them',
      }),
  ]),
  samplingRateHz: z.object({ min: z.number().positive(), max: z.number().positive(), note: z.string().max(300) }),
  windowSamples: z.object({ min: z.int().min(1) }),
  training: z.object({
    data: text,
    licence: text,
    rows: z.int().min(1),
    seed: z.int().optional(),
    script: z.string().max(300).optional(),
    deciles: z.array(deciles).max(MAX_FEATURES).optional(),
    outputDeciles: deciles.optional(),
  }),
  /** Figures of merit, by name. */
  validation: z.record(z.string().max(80), z.number()),
});
export type ModelContract = z.infer<typeof modelContract>;

/**
 * Reads a contract and compares its inputs with the features that the product makes.
 *
 * @throws ANALYTICS_MODEL_CONTRACT with what has to be corrected
 */
export function readContract(given: unknown): ModelContract {
  const parsed = modelContract.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'contract'}: ${message}`);
    throw analyticsErrors.ANALYTICS_MODEL_CONTRACT(
      { reason: problems.slice(0, 8).join('; ') },
      { cause: parsed.error },
    );
  }
  const contract = parsed.data;
  const problem = mismatch(contract);
  if (problem) throw analyticsErrors.ANALYTICS_MODEL_CONTRACT({ reason: problem });
  return contract;
}

function mismatch({ input, samplingRateHz, training }: ModelContract): string | null {
  const made = DEFINITIONS.get(input.definition)!;
  if (made.length !== input.features.length) {
    return `input.features: ${input.definition} has ${made.length} features, the contract names ${input.features.length}`;
  }
  for (const [i, { name, unit }] of made.entries()) {
    const said = input.features[i]!;
    if (said.name !== name || said.unit !== unit) {
      return `input.features.${i}: ${input.definition} has "${name}" in "${unit}" here, not "${said.name}" in "${said.unit}"`;
    }
  }
  if (samplingRateHz.min > samplingRateHz.max) return 'samplingRateHz: min is above max';
  if (training.deciles && training.deciles.length !== made.length) {
    return 'training.deciles: one list of nine for each feature';
  }
  return null;
}

/** Parses the text of a contract. */
export function parseContract(json: string): ModelContract {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch (cause) {
    throw analyticsErrors.ANALYTICS_MODEL_CONTRACT({ reason: reasonOf(cause) }, { cause });
  }
  return readContract(given);
}

/** Whether a block of this rate and length is what the model was made for. */
export function serves({ samplingRateHz, windowSamples }: ModelContract, rateHz: number, samples: number): boolean {
  return rateHz >= samplingRateHz.min && rateHz <= samplingRateHz.max && samples >= windowSamples.min;
}
