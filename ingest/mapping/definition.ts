import { z } from 'zod';
import { CONVERSION_NAMES } from './conversions.ts';
import { parsePath } from './path.ts';
import { parseTemplate, singlePath } from './template.ts';
import { isZone, parsePattern } from './timeText.ts';
import { parseTopicRule } from './topicRule.ts';

/** A text that must be readable as something; what is wrong with it becomes the error's sentence. */
function readable(read: (text: string) => unknown, maxCharacters = 256) {
  return z
    .string()
    .max(maxCharacters)
    .superRefine((text, context) => {
      const result = read(text);
      if (typeof result === 'string') context.addIssue({ code: 'custom', message: result });
    });
}

/** Entries are found from the root. */
function entriesPath(text: string): unknown {
  const found = parsePath(text);
  return typeof found !== 'string' && !found.fromRoot
    ? 'begin the path with /: entries are found from the root'
    : found;
}

const scalar = z.union([z.string().max(256), z.number(), z.boolean(), z.null()]);
const path = readable(singlePath).describe(
  'Where a value stands: a JSON Pointer from the root (`/data/temp`), or without the first `/` from the entry at hand (`temp`, `../name`, `.`)',
);

const condition = z
  .strictObject({
    path,
    equals: z
      .union([scalar, z.array(scalar).max(64)])
      .optional()
      .describe('One of these'),
    exists: z.boolean().optional(),
  })
  .refine(({ equals, exists }) => (equals === undefined) !== (exists === undefined), 'give either equals or exists');

const time = z
  .strictObject({
    path,
    format: z
      .enum(['auto', 'iso', 's', 'ms', 'us', 'ns'])
      .default('auto')
      .describe('Unit of an epoch; auto: ISO 8601, or an epoch by its magnitude'),
    pattern: readable(parsePattern, 64)
      .optional()
      .describe("Instead of a format, e.g. dd.MM.yyyy HH:mm:ss or yyyyMMdd'T'HHmmss"),
    zone: z
      .string()
      .max(64)
      .refine(isZone, 'a zone is an offset such as +08:00 or a name such as Europe/Berlin')
      .optional()
      .describe('Whose clocks show times without a zone; default UTC'),
  })
  .describe('A time; absent in a message: the arrival stands for it');

const reading = z.strictObject({
  each: readable(entriesPath)
    .default('/')
    .describe('The entries, from the root; `*` is every key or position, e.g. `/sensors/*`'),
  when: z.array(condition).max(8).default([]).describe('Only entries for which all hold'),
  skip: z.array(condition).max(8).default([]).describe('Not the entries for which one holds'),
  point: readable(parseTemplate).describe('Name of the point, e.g. `{key}`, `{name}.rms`, `{topic.point}`'),
  value: path.default('.'),
  missing: z.enum(['reject', 'skip']).default('reject').describe('What an entry without the value is'),
  decimalComma: z.boolean().default(false).describe('Texts such as 1.234,5'),
  booleans: z.boolean().default(true).describe('true, on, yes are 1; false, off, no are 0'),
  enumeration: z.record(z.string().max(64), z.number()).optional().describe('Numbers for texts, e.g. {"RUN": 1}'),
  convert: z
    .union([z.enum(CONVERSION_NAMES), z.strictObject({ scale: z.number().default(1), offset: z.number().default(0) })])
    .optional()
    .describe('By name, or value × scale + offset'),
  unit: z
    .union([
      z.string().max(32),
      z.strictObject({ path, aliases: z.record(z.string().max(32), z.string().max(32)).default({}) }),
    ])
    .optional()
    .describe('After the conversion; absent: what the conversion leads to'),
  time: time.optional().describe('Instead of the message’s'),
  seq: path.optional(),
});

/** How a vendor's messages are read: data, kept in immutable versions. */
export const mappingDefinition = z.strictObject({
  format: z.enum(['json', 'cbor', 'csv', 'line']).default('json').describe('How the bytes are parsed; see the guide'),
  csv: z
    .strictObject({
      columns: z
        .array(z.string().min(1).max(128))
        .min(1)
        .max(200)
        .optional()
        .describe('Headings of a table that has none'),
      delimiter: z.enum([',', ';', '\t', '|']).optional(),
    })
    .optional(),
  topics: z
    .array(readable(parseTopicRule, 512))
    .max(16)
    .default([])
    .describe('The vendor’s topics: levels, +, {device}, {point}, # at the end'),
  ignore: z.array(condition).max(8).default([]).describe('Messages for which one holds carry no reading'),
  time: time.optional(),
  sentAt: time.optional(),
  boot: path.optional(),
  seq: path.optional(),
  readings: z.array(reading).min(1).max(64),
});

export type MappingDefinition = z.output<typeof mappingDefinition>;
export type MappingInput = z.input<typeof mappingDefinition>;
export type ReadingRule = MappingDefinition['readings'][number];
export type Condition = z.output<typeof condition>;
export type TimeRule = z.output<typeof time>;
