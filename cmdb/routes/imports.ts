import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { z } from 'zod';
import { type App, newId, pageOf, pageQuery, reasonOf, toPage } from '../../platform/index.ts';
import { importBody, readBody } from '../import/body.ts';
import { type ExportFormat, exportGraph } from '../import/exportGraph.ts';
import { importGraph } from '../import/importGraph.ts';
import { beginRun, findRun, listRuns } from '../import/runs.ts';
import { type Reader, readingAs, seesRestricted } from '../model/redaction.ts';
import type { CmdbRouteDeps } from './deps.ts';
import { applyReport } from './shapes.ts';

const tags = ['cmdb'];
/** A CMDB of a few hundred thousand CIs as text. */
const LARGEST_IMPORT_BYTES = 256 * 1024 * 1024;

const note = z.object({ message: z.string(), count: z.number().int() });
export const importReport = applyReport.extend({
  runId: z.uuid().describe('GET /api/v1/cmdb/imports/{id} tells how the import goes'),
  dryRun: z.boolean(),
  baseVersion: z.bigint().describe('version of the graph before; expectedVersion of the commit after a preview'),
  formats: z.array(z.object({ file: z.string(), format: z.string() })).describe('which tool wrote each file'),
  warnings: z.array(note).describe('what was left out, or taken otherwise than it was written'),
  changes: z
    .array(
      z.object({
        kind: z.enum(['ci', 'relation']),
        change: z.enum(['created', 'changed', 'removed']),
        key: z.string(),
        type: z.string(),
        to: z.string().nullable(),
        differences: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
      }),
    )
    .describe('of a preview: the first 500 changes'),
  conflicts: z
    .array(z.object({ key: z.string(), message: z.string() }))
    .describe('who is who is not certain; 500 at most'),
  conflictCount: z.number().int(),
  rejected: z
    .array(
      z.object({
        key: z.string(),
        type: z.string(),
        field: z.string(),
        value: z.unknown(),
        kept: z.unknown(),
        heldBy: z.string(),
      }),
    )
    .describe('values that a source of more authority keeps out; 500 at most'),
  rejectedCount: z.number().int(),
  absent: z
    .array(z.object({ key: z.string(), type: z.string(), status: z.string() }))
    .describe('CIs that the source no longer lists; 500 at most'),
  absentCount: z.number().int(),
  duplicates: z.number().int().describe('tasks opened for CIs that seem to be one'),
});

const runShape = z.object({
  id: z.uuid(),
  author: z.string(),
  source: z.string().nullable(),
  dryRun: z.boolean(),
  state: z.enum(['running', 'done', 'failed']),
  stage: z.string().describe('reading, comparing, writing, remembering'),
  done: z.number().int().describe('rows of total that the stage has dealt with'),
  total: z.number().int(),
  summary: z.unknown(),
  problem: z.string().nullable(),
  startedAt: z.date(),
  updatedAt: z.date(),
});

/** Files into the graph and the graph into files. */
export function importRoutes(deps: CmdbRouteDeps): (app: App) => void {
  const { db, clock } = deps;
  return (app) => {
    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/import',
      bodyLimit: LARGEST_IMPORT_BYTES,
      config: { permission: 'cmdb:write' },
      schema: {
        tags,
        summary: 'Import CIs and relations from files, CSV texts or lists: everything or nothing',
        querystring: z.object({ dryRun: z.enum(['true', 'false']).default('false').describe('preview only') }),
        body: importBody.extend({
          runId: z.uuid().optional().describe('an id of your own by which to ask how the import goes'),
        }),
        response: { 200: importReport },
      },
      handler: async ({ principal, query, body }) => {
        const { tenantId, name: author } = principal;
        const { source, reason, complete, runId = newId() } = body;
        const dryRun = query.dryRun === 'true';
        const ground = { db, nowMs: () => clock.nowMs() };
        const run = await beginRun(ground, tenantId, { id: runId, author, source, dryRun });
        try {
          const { formats, ...rows } = await readBody(body);
          const origin = { author, source: source ?? 'import', reason };
          const expectedVersion = body.expectedVersion === undefined ? undefined : BigInt(body.expectedVersion);
          const options = { source, complete, expectedVersion, progress: run.step, reader: principal };
          const report = await importGraph(deps, tenantId, rows, origin, dryRun, options);
          const { cis, relations, version } = report;
          await run.finish({ cis, relations, version: String(version) });
          return { ...report, runId, formats: [...formats] } as z.input<typeof importReport>;
        } catch (error) {
          await run.fail(reasonOf(error));
          throw error;
        }
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/imports',
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'Imports and previews, the newest first',
        querystring: pageQuery.extend({ cursor: z.uuid().optional() }),
        response: { 200: pageOf(runShape) },
      },
      handler: async ({ principal, query: { limit, cursor } }) => {
        const rows = await readingAs(db, principal, (tx) => listRuns(tx, { before: cursor, limit: limit + 1 }));
        return toPage(rows.map(shownRun(principal)), limit, (last) => last.id);
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/imports/:id',
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'How an import goes, or went',
        params: z.object({ id: z.uuid() }),
        response: { 200: runShape },
      },
      handler: async ({ principal, params }) =>
        shownRun(principal)(await readingAs(db, principal, (tx) => findRun(tx, params.id))),
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/export',
      exposeHeadRoute: false,
      config: { permission: 'cmdb:read' },
      schema: {
        tags,
        summary: 'The whole graph as a file that imports to the same graph',
        querystring: z.object({
          format: z.enum(['json', 'yaml', 'csv-cis', 'csv-relations']).default('json').describe('CSV takes two files'),
        }),
        produces: [...new Set(Object.values(FILES).map(({ type }) => type))],
        response: { 200: z.custom<Readable>((body) => body instanceof Readable).describe('JSON, YAML or CSV') },
      },
      handler: async ({ principal, query: { format } }, reply) => {
        const { type, name } = FILES[format];
        const out = new PassThrough();
        const write = async (text: string) => {
          if (out.destroyed) throw new Error('the export is read no further');
          if (!out.write(text)) await Promise.race([once(out, 'drain'), once(out, 'close')]);
        };
        void exportGraph(db, principal, format, write).then(
          () => out.end(),
          (error: Error) => out.destroy(error),
        );
        return reply.type(type).header('content-disposition', `attachment; filename="${name}"`).send(out);
      },
    });
  };
}

/** An import as somebody may see it: what went wrong may name what it met. */
function shownRun(reader: Reader) {
  return <Run extends { problem: string | null }>(run: Run): Run =>
    run.problem === null || seesRestricted(reader) ? run : { ...run, problem: WITHHELD };
}

const WITHHELD = 'Told to those who may see restricted CIs.';

const FILES: Readonly<Record<ExportFormat, { type: string; name: string }>> = {
  json: { type: 'application/json', name: 'cmdb.json' },
  yaml: { type: 'application/yaml', name: 'cmdb.yaml' },
  'csv-cis': { type: 'text/csv', name: 'cmdb-cis.csv' },
  'csv-relations': { type: 'text/csv', name: 'cmdb-relations.csv' },
};
