import { z } from 'zod';
import { momentOf } from '../history/moment.ts';
import { attributes } from './shapes.ts';

export const moment = z
  .string()
  .max(40)
  .refine((text) => momentOf(text) !== null, 'a version of the graph as 17, or a time as 2026-03-31T08:00:00Z')
  .describe('a version of the graph as 17, or an ISO 8601 time; the newest version made by then');

export const pastCiShape = z.object({
  id: z.uuid(),
  key: z.string(),
  type: z.string(),
  name: z.string(),
  status: z.string(),
  attributes,
  redacted: z.array(z.string()),
});

export const pastPart = z.object({
  version: z.bigint(),
  at: z.date().nullable().describe('when that version was made'),
  cis: z.array(pastCiShape).describe('the CI itself first'),
  relations: z.array(
    z.object({
      fromId: z.uuid(),
      toId: z.uuid(),
      type: z.string(),
      redundancyGroup: z.string().nullable(),
      minUp: z.number().int().nullable(),
      attributes,
    }),
  ),
  truncated: z.boolean().describe('there was more than an answer holds'),
});

export const difference = z.object({
  change: z.enum(['created', 'changed', 'removed']),
  kind: z.enum(['ci', 'relation']),
  ciId: z.uuid().describe('the CI, or the from of the relation'),
  key: z.string(),
  otherId: z.uuid().nullable().describe('the to of the relation'),
  otherKey: z.string().nullable(),
  relationType: z.string().nullable(),
  before: z.unknown(),
  after: z.unknown(),
  fields: z
    .array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() }))
    .describe('of a change: what differs, attributes one by one'),
});

export const chainPart = z.object({
  broken: z
    .object({
      version: z.bigint(),
      at: z.date().nullable(),
      author: z.string().nullable(),
      problem: z
        .enum(['content', 'link', 'known', 'state'])
        .describe(
          'content: the link does not fit what its version says; link: a version has none; known: it is not the link that was kept elsewhere',
        ),
    })
    .nullable()
    .describe('the first link that is broken; null when all that were looked at hold'),
  links: z.number().int().describe('links looked at'),
  last: z.object({ version: z.bigint(), hash: z.string().describe('to be kept where the database is not') }).nullable(),
  whole: z.boolean().describe('whether the chain ends here; else ask again with after: last.version'),
});
