import { z } from 'zod';

/** What a model may be at most. A call's processor time is measured on the machine that validates. */
export const modelLimits = {
  fileBytes: 16 * 1024 * 1024,
  nodes: 5000,
  parameters: 4_000_000,
  p99Us: 20_000,
  /** A validation that takes longer is ended, and the model refused. */
  validationMs: 60_000,
  /** Memory of data of the process that validates. */
  validationMib: 2048,
} as const;

const shape = z.array(z.int().nullable());
const value = z.object({ name: z.string(), isFloat: z.boolean(), shape });

/** What validation found; kept with the model. */
export const validationReport = z.object({
  irVersion: z.int(),
  opsets: z.record(z.string(), z.int()),
  operators: z.array(z.string()),
  nodes: z.int(),
  parameters: z.int(),
  inputs: z.array(value),
  outputs: z.array(value),
  forbidden: z.array(z.string()),
  probes: z.int(),
  p50Us: z.number(),
  p99Us: z.number(),
  cpuP99Us: z.number(),
  batchUsPerRow: z.number(),
});
export type ValidationReport = z.infer<typeof validationReport>;
