import { z } from 'zod';

const name = z.string().trim().min(1).max(200);
/** A name that is written into a query between backticks, and may hold nothing that is read otherwise there. */
const foreignName = name.refine((text) => !/[\\\p{C}]/u.test(text), 'may hold no backslash and no control character');
const attributes = z
  .record(name, name)
  .optional()
  .describe('property → attribute; left out, all properties keep their names');

/** What the labels, relations and properties of a site's graph are here. */
export const mappingSchema = z.object({
  labels: z
    .array(
      z.object({
        label: foreignName,
        type: name.describe('CI type'),
        key: name.describe('property that holds the key'),
        keyPrefix: z.string().max(50).default('').describe('written before it, where labels number by themselves'),
        name: name.optional().describe('property that holds the name'),
        status: name.optional().describe('property that holds the status'),
        attributes,
      }),
    )
    .min(1)
    .max(200)
    .describe('a node of several labels is what the first of them says'),
  relations: z
    .array(
      z.object({
        relation: foreignName,
        type: name.describe('relation type'),
        reversed: z.boolean().default(false).describe('it points the other way there'),
        group: name.optional().describe('property that holds the redundancy group'),
        attributes,
      }),
    )
    .max(200)
    .default([]),
});

export type Mapping = z.output<typeof mappingSchema>;
