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
