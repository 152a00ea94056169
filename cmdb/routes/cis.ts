import { z } from 'zod';
import { type App, isId, pageOf, pageQuery, toPage } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import { applyChanges } from '../graph/postgres/apply.ts';
import { historyOf } from '../graph/postgres/history.ts';
import { lockVersion } from '../graph/postgres/lockVersion.ts';
import { keysOf } from '../history/diff.ts';
import { findCi, listCis, neighboursOf, requireCi } from '../lookups/ci.ts';
import { readingAs, redactedCi, redactedState } from '../model/redaction.ts';
import { currentModel } from '../model/store.ts';
import type { CmdbRouteDeps } from './deps.ts';
import { applyReport, changedCi, ciParams, ciShape, historyShape, neighbourShape, newCi } from './shapes.ts';

const tags = ['cmdb'];
const read = { permission: 'cmdb:read' } as const;
const write = { permission: 'cmdb:write' } as const;
/** Relations shown with a CI itself; the rest is in its list of neighbours. */
const RELATIONS_SHOWN = 200;

export function ciRoutes(deps: CmdbRouteDeps): (app: App) => void {
  const { db } = deps;
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/cis',
      config: read,
      schema: {
        tags,
        summary: 'List CIs by key',
        querystring: pageQuery.extend({
          type: z.string().optional(),
          key: z.string().optional(),
          q: z.string().min(1).max(200).optional().describe('part of a key or name'),
        }),
        response: { 200: pageOf(ciShape) },
      },
      handler: async ({ principal, query }) => {
        const { cursor, limit, ...filter } = query;
        const rows = await readingAs(db, principal, async (tx) => {
          const cis = await listCis(tx, { ...filter, after: cursor, limit: limit + 1 });
          const model = await currentModel(tx);
          return cis.map((ci) => redactedCi(model, principal, ci));
        });
        return toPage(rows, limit, (last) => last.key);
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/cis/:id',
      config: read,
      schema: {
        tags,
        summary: 'One CI with its relations',
        params: ciParams,
        response: {
          200: ciShape.extend({
            relations: z.array(neighbourShape),
            moreRelations: z.boolean().describe('whether the list of neighbours holds more'),
          }),
        },
      },
      handler: ({ principal, params }) =>
        readingAs(db, principal, async (tx) => {
          const ci = await requireCi(tx, params.id);
          const relations = await neighboursOf(tx, ci.id, { limit: RELATIONS_SHOWN + 1 });
          const moreRelations = relations.length > RELATIONS_SHOWN;
          const shown = redactedCi(await currentModel(tx), principal, ci);
          return { ...shown, relations: relations.slice(0, RELATIONS_SHOWN), moreRelations };
        }),
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/cis/:id/neighbours',
      config: read,
      schema: {
        tags,
        summary: 'The CIs that one is related to',
        params: ciParams,
        querystring: pageQuery.extend({
          cursor: z.uuid().optional(),
          direction: z.enum(['out', 'in']).optional(),
          type: z.string().optional().describe('type of relation'),
        }),
        response: { 200: pageOf(neighbourShape) },
      },
      handler: async ({ principal, params, query }) => {
        const { cursor, limit, ...filter } = query;
        const rows = await readingAs(db, principal, async (tx) =>
          neighboursOf(tx, (await requireCi(tx, params.id)).id, { ...filter, after: cursor, limit: limit + 1 }),
        );
        return toPage(rows, limit, (last) => last.relationId);
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/cis/:id/history',
      config: read,
      schema: {
        tags,
        summary: 'Changes of a CI and of its relations, newest first; also of a removed CI, by id',
        params: ciParams,
        querystring: pageQuery.extend({
          cursor: z
            .string()
            .regex(/^\d{1,18}-\d{1,9}$/)
            .optional(),
        }),
        response: { 200: pageOf(historyShape) },
      },
      handler: async ({ principal, params, query }) => {
        const [version, seq] = query.cursor?.split('-') ?? [];
        const before = version === undefined ? undefined : { version: BigInt(version), seq: Number(seq) };
        const { rows, model, keys } = await readingAs(db, principal, async (tx) => {
          const ci = await findCi(tx, params.id);
          if (ci === null && !isId(params.id)) throw cmdbErrors.CMDB_CI_UNKNOWN({ ci: params.id });
          const rows = await historyOf(tx, ci?.id ?? params.id, { limit: query.limit + 1, before });
          const ends = rows.flatMap(({ ciId, otherId }) => (otherId === null ? [ciId] : [ciId, otherId]));
          return { rows, model: await currentModel(tx), keys: await keysOf(tx, ends) };
        });
        const shown = rows.map((row) => ({
          ...row,
          key: keys.get(row.ciId) ?? row.ciId,
          otherKey: row.otherId && (keys.get(row.otherId) ?? row.otherId),
          before: redactedState(model, principal, row.before),
          after: redactedState(model, principal, row.after),
        }));
        return toPage(shown, query.limit, (last) => `${last.version}-${last.seq}`);
      },
    });

    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/cis',
      config: write,
      schema: { tags, summary: 'Create a CI', body: newCi, response: { 201: ciShape } },
      handler: async ({ principal, body }, reply) => {
        const { reason, name, status, ...ci } = body;
        const put = { ...ci, ...(name && { name }), ...(status && { status }) };
        const created = await readingAs(db, principal, async (tx) => {
          const origin = { author: principal.name, reason, source: 'api' };
          const report = await applyChanges(deps, tx, { cis: [put], attributes: 'replace' }, origin);
          // Decided after the write, which queues with all others: two who create the same key cannot both succeed.
          if (report.cis.created === 0) throw cmdbErrors.CMDB_KEY_TAKEN({ key: ci.key }, { field: 'key' });
          return redactedCi(await currentModel(tx), principal, await requireCi(tx, ci.key));
        });
        return reply.code(201).send(created);
      },
    });

    app.route({
      method: 'PATCH',
      url: '/api/v1/cmdb/cis/:id',
      config: write,
      schema: {
        tags,
        summary: 'Change a CI; attributes that are not named stay',
        params: ciParams,
        body: changedCi,
        response: { 200: ciShape },
      },
      handler: ({ principal, params, body }) =>
        readingAs(db, principal, async (tx) => {
          const { expectedVersion: expected, reason, name, status, attributes = {} } = body;
          // Before it is read, so that nobody changes it between the comparison and the write.
          if (expected !== undefined) await lockVersion(tx);
          const { key, type, version } = await requireCi(tx, params.id);
          if (expected !== undefined && BigInt(expected) !== version) {
            throw cmdbErrors.CMDB_CI_CHANGED({ key, expected, version: String(version) }, { field: 'expectedVersion' });
          }
          const put = { key, type: body.type ?? type, attributes, ...(name && { name }), ...(status && { status }) };
          const origin = { author: principal.name, reason, source: 'api' };
          await applyChanges(deps, tx, { cis: [put], attributes: 'merge' }, origin);
          return redactedCi(await currentModel(tx), principal, await requireCi(tx, key));
        }),
    });

    app.route({
      method: 'DELETE',
      url: '/api/v1/cmdb/cis/:id',
      config: write,
      schema: {
        tags,
        summary: 'Remove a CI and its relations; its history stays',
        params: ciParams,
        querystring: z.object({ reason: z.string().max(500).optional() }),
        response: { 200: applyReport },
      },
      handler: ({ principal, params, query }) =>
        readingAs(db, principal, async (tx) => {
          const { key } = await requireCi(tx, params.id);
          const origin = { author: principal.name, reason: query.reason, source: 'api' };
          return applyChanges(deps, tx, { removeCis: [key], attributes: 'merge' }, origin);
        }),
    });
  };
}
