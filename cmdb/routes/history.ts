import { z } from 'zod';
import { type App, type Principal, pageOf, pageQuery, type Tx, toPage } from '../../platform/index.ts';
import { neighbourhoodAsOf, requireCiAsOf } from '../history/asOf.ts';
import { type Difference, type DiffPlace, diff, fieldDifferences, keysOf } from '../history/diff.ts';
import { momentOf, pastVersion } from '../history/moment.ts';
import { PastImpact } from '../history/pastImpact.ts';
import { verifyChain } from '../history/verifyChain.ts';
import type { CmdbModel } from '../model/cmdbModel.ts';
import { readingAs, redactedCi, redactedState } from '../model/redaction.ts';
import { currentModel } from '../model/store.ts';
import type { CmdbRouteDeps } from './deps.ts';
import { chainPart, difference, moment, pastCiShape, pastPart } from './historyShapes.ts';
import { ciParams, failedCi, failureOf, verdictShape } from './shapes.ts';

const tags = ['cmdb history'];
const read = { permission: 'cmdb:read' } as const;
/** CIs that one answer about a neighbourhood holds. */
const MOST_CIS = 1_000;
/** Links that one request verifies. */
const MOST_LINKS = 2_000;

export function historyRoutes({ db }: Pick<CmdbRouteDeps, 'db'>): (app: App) => void {
  const past = new PastImpact(db);
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
          cursor: z
            .string()
            .regex(/^(ci|relation)\|[0-9a-f-]{36}\|([0-9a-f-]{36})?\|\w*$/)
            .optional(),
        }),
        response: { 200: pageOf(difference).extend({ from: z.bigint(), to: z.bigint() }) },
      },
      handler: ({ principal, query }) =>
        readingAs(db, principal, async (tx) => {
          const one = await pastVersion(tx, momentOf(query.from)!);
          const other = await pastVersion(tx, query.to === undefined ? { at: new Date(8.64e15) } : momentOf(query.to)!);
          const [from, to] = [one.version, other.version];
          const rows = await diff(tx, from, to, { after: placeOf(query.cursor), limit: query.limit + 1 });
          const page = toPage(rows, query.limit, cursorOf);
          return { ...page, items: await shown(tx, principal, page.items), from, to };
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

/** Differences as somebody may see them, with the keys of what they are about. */
async function shown(tx: Tx, principal: Principal, rows: readonly Difference[]): Promise<z.input<typeof difference>[]> {
  const model = await currentModel(tx);
  const ids = rows.flatMap(({ ciId, otherId }) => (otherId === null ? [ciId] : [ciId, otherId]));
  const keys = await keysOf(tx, ids);
  return rows.map((row) => ({
    ...row,
    key: keys.get(row.ciId) ?? row.ciId,
    otherKey: row.otherId && (keys.get(row.otherId) ?? row.otherId),
    ...changeOf(model, principal, row),
  }));
}

function changeOf(model: CmdbModel, principal: Principal, { before, after }: Difference) {
  const [was, is] = [redactedState(model, principal, before), redactedState(model, principal, after)];
  const change = before === null ? 'created' : after === null ? 'removed' : 'changed';
  const differing = before && after ? fieldDifferences(was as object as never, is as object as never) : [];
  // The names of what is left out stand in the states, and are no field of theirs.
  const fields = differing.filter(({ field }) => field !== 'redacted');
  return { change: change as 'created' | 'removed' | 'changed', before: was, after: is, fields };
}

function cursorOf({ kind, ciId, otherId, relationType }: Difference): string {
  return `${kind}|${ciId}|${otherId ?? ''}|${relationType ?? ''}`;
}

function placeOf(cursor: string | undefined): DiffPlace | undefined {
  if (cursor === undefined) return undefined;
  const [kind, ciId, otherId, relationType] = cursor.split('|') as ['ci' | 'relation', string, string, string];
  return { kind, ciId, otherId: otherId || null, relationType: relationType || null };
}
