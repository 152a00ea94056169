import { z } from 'zod';
import type { App, Tx } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import type { RelationEnds } from '../graph/assetGraph.ts';
import { applyChanges } from '../graph/postgres/apply.ts';
import { findCi } from '../lookups/ci.ts';
import { readingAs } from '../model/redaction.ts';
import type { CmdbRouteDeps } from './deps.ts';
import { applyReport, putRelation, relationEnds } from './shapes.ts';

const tags = ['cmdb'];
const write = { permission: 'cmdb:write' } as const;

export function relationRoutes(deps: CmdbRouteDeps): (app: App) => void {
  const { db } = deps;
  return (app) => {
    app.route({
      method: 'PUT',
      url: '/api/v1/cmdb/relations',
      config: write,
      schema: {
        tags,
        summary: 'Create a relation, or change its redundancy group and attributes',
        body: putRelation,
        response: { 200: applyReport },
      },
      handler: ({ principal, body }) =>
        readingAs(db, principal, async (tx) => {
          const { redundancyGroup, minUp, minUpPercent, weight, attributes, confidence, reason } = body;
          const relation = {
            ...(await byKey(tx, body)),
            group: redundancyGroup ?? null,
            minUp: minUp ?? null,
            minUpPercent: minUpPercent ?? null,
            weight: weight ?? null,
            attributes,
            ...(confidence === undefined ? {} : { confidence }),
          };
          const origin = { author: principal.name, reason, source: 'api' };
          return applyChanges(deps, tx, { relations: [relation], attributes: 'replace' }, origin);
        }),
    });

    app.route({
      method: 'DELETE',
      url: '/api/v1/cmdb/relations',
      config: write,
      schema: {
        tags,
        summary: 'Remove a relation, named by its ends and type',
        querystring: relationEnds.extend({ reason: z.string().max(500).optional() }),
        response: { 200: applyReport },
      },
      handler: ({ principal, query }) =>
        readingAs(db, principal, async (tx) => {
          const origin = { author: principal.name, reason: query.reason, source: 'api' };
          const ends = await byKey(tx, query);
          const report = await applyChanges(deps, tx, { removeRelations: [ends], attributes: 'merge' }, origin);
          if (report.relations.removed === 0) throw cmdbErrors.CMDB_RELATION_UNKNOWN(ends);
          return report;
        }),
    });
  };
}

/** Ends as keys, whether they were given as keys or ids. */
async function byKey(tx: Tx, ends: RelationEnds): Promise<RelationEnds> {
  const end = async (field: 'from' | 'to') => {
    const ci = await findCi(tx, ends[field]);
    if (ci === null) throw cmdbErrors.CMDB_RELATION_END_UNKNOWN({ end: field, key: ends[field] }, { field });
    return ci.key;
  };
  return { from: await end('from'), type: ends.type, to: await end('to') };
}
