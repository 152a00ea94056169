import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const table = z.object({
  name: z.string(),
  columns: z.array(z.string()),
  rows: z.int().min(0),
  file: z.string(),
  sha256,
});

/** What a backup's folder holds; written last. */
export const manifestSchema = z.object({
  format: z.literal('faultline-backup/1'),
  version: z.string().describe('Of the Faultline that wrote it'),
  postgres: z.string(),
  takenAt: z.iso.datetime(),
  /** Steps of the schema that were applied, in order. */
  migrations: z.array(z.string()),
  /** First half of the SHA-256 of the secret key: tells another key, tells nothing else. */
  secretKeyPrint: z.string(),
  tables: z.array(table),
  sequences: z.array(z.object({ name: z.string(), value: z.string() })),
  files: z.array(z.object({ path: z.string(), bytes: z.int().min(0), sha256 })),
  /** What each part wrote down about what it saved by itself. */
  parts: z.record(z.string(), z.unknown()),
  /** Figures per tenant that must be the same after a restore. */
  proof: z.array(z.record(z.string(), z.union([z.string(), z.number()]))),
});
export type Manifest = z.output<typeof manifestSchema>;
export type SavedTable = z.output<typeof table>;
