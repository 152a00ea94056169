import { z } from 'zod';
import { type App, pageOf, pageQuery } from '../../platform/index.ts';
import { neighbourhoodAsOf, requireCiAsOf } from '../history/asOf.ts';
import { DIFF_CURSOR, diffPage } from '../history/diffPage.ts';
import { momentOf, pastVersion } from '../history/moment.ts';
import type { PastImpact } from '../history/pastImpact.ts';
import { verifyChain } from '../history/verifyChain.ts';
import { readingAs, redactedCi } from '../model/redaction.ts';
import { currentModel } from '../model/store.ts';
import type { CmdbRouteDeps } from './deps.ts';
import { chainPart, difference, moment, pastCiShape, pastPart } from './historyShapes.ts';
import { ciParams, failedCi, failureOf, verdictShape } from './shapes.ts';
import { asVerdict } from './verdictText.ts';

const tags = ['cmdb history'];
const differencePage = pageOf(difference).extend({ from: z.bigint(), to: z.bigint() });
const read = { permission: 'cmdb:read' } as const;
/** CIs that one answer about a neighbourhood holds. */
const MOST_CIS = 1_000;
/** Links that one request verifies. */
const MOST_LINKS = 2_000;

export function historyRoutes({ db }: Pick<CmdbRouteDeps, 'db'>, past: PastImpact): (app: App) => void {
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/as-of/cis/:id',
      config: read,
      schema: {
        tags,
        summary: 'A CI as it stood, and what stood within some steps of it; also of one that was removed since',
        params: ciParams,
        querystring: z.object({
          at: moment,
          depth: z.coerce.number().int().min(0).max(6).default(1).describe('steps, whatever the direction'),
        }),
        response: { 200: pastPart.extend({ ci: pastCiShape }) },
      },
      handler: ({ principal, params, query }) =>
        readingAs(db, principal, async (tx) => {
          const { version, at } = await pastVersion(tx, momentOf(query.at)!);
          const model = await currentModel(tx);
          const root = await requireCiAsOf(tx, version, params.id);
          const part = await neighbourhoodAsOf(tx, version, root, { depth: query.depth, most: MOST_CIS });
          const cis = part.cis.map((ci) => redactedCi(model, principal, ci));
          return { version, at, ci: cis[0]!, cis, relations: part.relations, truncated: part.truncated };
        }),
    });

    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/as-of/impact',
      config: read,
      serializerCompiler: asVerdict,
      schema: {
        tags,
        summary: 'What would have broken: the verdict on the graph and the model as they stood, all else being well',
        body: z.object({
          at: moment,
          failed: z.array(failedCi).min(1).max(1000),
        }),
        response: { 200: verdictShape },
      },
      handler: async ({ principal, body }) => {
        const failed = body.failed.map(failureOf);
        const verdict = await past.verdict(principal, momentOf(body.at)!, failed);
        return verdict;
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/diff',
      config: read,
      schema: {
        tags,
        summary: 'What was created, changed and removed between two versions or times, CIs first',
        querystring: pageQuery.extend({
          from: moment,
          to: moment.optional().describe('now by default'),
          cursor: z.string().regex(DIFF_CURSOR).optional(),
        }),
        response: { 200: differencePage },
      },
      handler: ({ principal, query }) =>
        readingAs(db, principal, async (tx) => {
          const { from, to, cursor = null, limit } = query;
          const moments = { from: momentOf(from)!, to: to === undefined ? null : momentOf(to) };
          return diffPage(tx, principal, { ...moments, cursor, limit }) as Promise<z.input<typeof differencePage>>;
        }),
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/audit',
      config: { permission: 'cmdb:model' },
      schema: {
        tags,
        summary: 'Verify the chain of the history, 2,000 links at a time; names the first that is broken',
        querystring: z.object({
          after: z.coerce.bigint().min(0n).optional().describe('version of the last link verified already'),
          knownVersion: z.coerce.bigint().min(1n).optional().describe('a link that was kept elsewhere…'),
          knownHash: z
            .string()
            .regex(/^[0-9a-f]{64}$/)
            .optional()
            .describe('…and its hash'),
        }),
        response: { 200: chainPart },
      },
      handler: ({ principal, query }) => {
        const { after = null, knownVersion, knownHash } = query;
        const known =
          knownVersion !== undefined && knownHash !== undefined
            ? { version: knownVersion, hash: knownHash }
            : undefined;
        return readingAs(db, principal, (tx) => verifyChain(tx, { after, links: MOST_LINKS, known }));
      },
    });
  };
}
