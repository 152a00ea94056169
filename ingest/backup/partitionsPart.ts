import { z } from 'zod';
import type { BackupPart } from '../../platform/index.ts';

const savedSchema = z.array(z.object({ parent: z.enum(['telemetry', 'waveform']), fromNs: z.string().regex(/^\d+$/) }));

/** The days that telemetry and waveforms have partitions for: they must be there before rows can be. */
export const partitionsPart: BackupPart = {
  name: 'partitions',
  save: async ({ sql }) => {
    const { rows } = await sql.query<{ parent: string; from_ns: string }>(
      `select parent, from_ns::text from unnest(array['telemetry', 'waveform']) parent, ingest_partitions(parent) p (from_ns)`,
    );
    return rows.map((row) => ({ parent: row.parent, fromNs: row.from_ns }));
  },
  prepare: async ({ sql }, saved) => {
    for (const { parent, fromNs } of savedSchema.parse(saved))
      await sql.query('select ingest_create_partition($1, $2::bigint)', [parent, fromNs]);
  },
  restore: async () => undefined,
};
