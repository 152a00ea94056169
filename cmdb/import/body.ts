import { z } from 'zod';
import { ciRows, contactRows, relationRows } from './csv.ts';
import { readFiles } from './formats/readFiles.ts';
import { documentRows } from './ownItems.ts';
import type { ImportRows } from './rows.ts';

const text = (what: string) => z.string().optional().describe(what);
const MOST_FILES = 100;

/** CSV texts, lists, files of other tools, or all of them; lists are checked item by item: an error names its place. */
export const importBody = z.object({
  nodes: text('CSV with a header: id, type, name, status; other columns become attributes'),
  edges: text('CSV with a header: from, type, to, redundancy_group, min_up, min_up_percent, weight'),
  contacts: text('CSV with a header: contact, email, object, priority'),
  cis: z.array(z.unknown()).optional().describe('{key, type, name?, status?, attributes?}'),
  relations: z
    .array(z.unknown())
    .optional()
    .describe(
      '{from, type, to, redundancy_group?, min_up?, min_up_percent?, weight?, attributes?}; from and to are keys',
    ),
  files: z
    .array(z.object({ name: z.string().min(1).max(200).optional(), content: z.string() }))
    .max(MOST_FILES)
    .optional()
    .describe(
      'exports as text, told apart by their content: NetBox (dumpdata, API, CSV), iTop XML, ServiceNow CSV and JSON, Backstage catalog, node-link JSON, our own CSV, JSON and YAML',
    ),
  source: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe('where the data come from; a named source is remembered by CI, for authority and staleness'),
  complete: z
    .boolean()
    .optional()
    .describe('the source tells everything that it has: what it told before and now leaves out is marked'),
  expectedVersion: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional()
    .describe('baseVersion of a preview; refused when the graph has changed since'),
  reason: z.string().max(500).optional(),
});

export type ImportBody = z.output<typeof importBody>;

/** Rows of an import, and which tool wrote each of its files. */
export interface ReadBody extends ImportRows {
  readonly formats: readonly { readonly file: string; readonly format: string }[];
}

/** Reads what was sent. @throws {FaultlineError} CMDB_IMPORT_LINE */
export async function readBody(body: ImportBody): Promise<ReadBody> {
  const named = (body.files ?? []).map(({ name, content }, at) => ({ name: name ?? `file ${at + 1}`, text: content }));
  const files = await readFiles(named);
  const listed = documentRows('', body);
  return {
    cis: [...ciRows('nodes', body.nodes ?? ''), ...listed.cis, ...files.cis],
    relations: [...relationRows('edges', body.edges ?? ''), ...listed.relations, ...files.relations],
    contacts: [...contactRows('contacts', body.contacts ?? ''), ...files.contacts],
    notes: files.notes ?? [],
    formats: files.formats,
  };
}
