import { z } from 'zod';
import { defineEvent } from '../platform/index.ts';

/** The CMDB of a tenant was changed; one event per committed change. Followers read the change itself by version. */
export const GraphChanged = defineEvent(
  'GraphChanged',
  z.object({
    /** Version of the graph after the change, a decimal number. */
    version: z.string(),
    cis: z.number().int().describe('CIs created, changed or removed'),
    relations: z.number().int().describe('relations created, changed or removed'),
  }),
);

/**
 * Two CIs have turned out to be one. Whoever keeps ids of CIs lets what referred to the one that is gone refer to the one
 * that was kept.
 */
export const CiMerged = defineEvent(
  'CiMerged',
  z.object({
    goneId: z.uuid(),
    goneKey: z.string(),
    keptId: z.uuid(),
    keptKey: z.string(),
    keptName: z.string(),
    by: z.string(),
    /** Where both were failing: the failure that is over, and the one that goes on in its place. */
    failure: z.object({ endedId: z.uuid(), goesOnAsId: z.uuid() }).nullable(),
  }),
);
export type MergedCi = z.output<typeof CiMerged.schema>;
