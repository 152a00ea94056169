import { z } from 'zod';

const problem = z.object({ en: z.string(), zh: z.string() });

export const misfit = z.object({
  ciId: z.uuid(),
  key: z.string(),
  type: z.string(),
  attribute: z.string(),
  problem,
});

export const modelChangeReport = z.object({
  version: z.number().int().describe('version of the model after the change'),
  graphVersion: z.bigint(),
  checkedCis: z.number().int().describe('CIs whose rules differ; all of them were looked at'),
  filledCis: z.number().int().describe('CIs that get the default of what is required now'),
  misfitCount: z.number().int(),
  misfits: z.array(misfit).describe('the first 200 by key'),
  misfitRelationCount: z.number().int(),
  misfitRelations: z
    .array(z.object({ from: z.string(), type: z.string(), to: z.string(), problem }))
    .describe('the first 200; relations cannot become tasks'),
});
