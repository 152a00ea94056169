import { z } from 'zod';
import { type App, isId, pageOf, pageQuery, toPage } from '../../platform/index.ts';
import { cmdbErrors } from '../errors.ts';
import { listAuthority, putAuthority } from '../import/authority.ts';
import { listRules, putRules, STARTING_RULES } from '../import/identificationRules.ts';
import {
  listProposals,
  type ProposalRow,
  putPolicy,
  type StaleQuery,
  sourceStates,
  staleCis,
  staleRelations,
} from '../import/staleness.ts';
import { requireCi } from '../lookups/ci.ts';
import { readingAs, seesAll } from '../model/redaction.ts';
import { currentModel } from '../model/store.ts';
import type { CmdbRouteDeps } from './deps.ts';
import { ciRef } from './shapes.ts';

const tags = ['cmdb'];
const read = { permission: 'cmdb:read' } as const;
const write = { permission: 'cmdb:write' } as const;
const name = z.string().trim().min(1).max(200);
const identifier = z.array(name).min(1).max(5);
const days = z.coerce.number().int().min(1).max(3650).default(40).describe('days without being seen');
const DAY_MS = 86_400_000;

const policy = {
  absentCis: z.enum(['keep', 'mark_stale', 'retire']).describe('what becomes of CIs that no source lists any more'),
  absentRelations: z.enum(['keep', 'remove']).describe('what becomes of relations that it no longer tells'),
};
const sourceShape = z.object({
  name: z.string(),
  ...policy,
  cis: z.number().int(),
  missing: z.number().int().describe('of them, listed no longer'),
  unseen: z.number().int().describe('of them, not listed for so many days'),
  relations: z.number().int(),
  unseenRelations: z.number().int(),
  lastSeenAt: z.date().nullable(),
});
const rulesShape = z.object({
  ciType: name.describe('a CI type, or * for types without rules of their own'),
  rules: z
    .array(identifier)
    .max(20)
    .describe('sets of attributes that name a CI, in the order in which they are asked'),
});
const authorityShape = z.object({
  ciType: name.describe('a CI type, or * for all'),
  attribute: name.describe('an attribute, .name, .status or .type, or * for all'),
  sources: z.array(name).max(50).describe('sources, the one that counts most first; those not named come last'),
});
const proposalShape = z.object({
  ciId: z.uuid(),
  key: z.string(),
  type: z.string(),
  field: z.string(),
  source: z.string(),
  value: z.unknown(),
  heldBy: z.string(),
  proposedAt: z.date(),
});
const staleCi = z.object({
  id: z.uuid(),
  key: z.string(),
  type: z.string(),
  name: z.string(),
  status: z.string(),
  lastSeenAt: z.date(),
  sources: z.array(z.object({ source: z.string(), lastSeenAt: z.string(), missingSince: z.string().nullable() })),
});
const staleRelation = z.object({
  id: z.uuid(),
  from: z.string(),
  type: z.string(),
  to: z.string(),
  source: z.string().nullable(),
  confidence: z.number(),
  lastSeenAt: z.date(),
});
const cursorText = z.string().max(1000);
const STALE_CURSOR = 'Use the nextCursor of the page before, or none.';
const timeCursor = cursorText
  .transform((text, context) => {
    const [, ms, id] = /^(\d{1,15})-(.{36})$/.exec(text) ?? [];
    if (ms !== undefined && id !== undefined && isId(id)) return { at: new Date(Number(ms)), id };
    context.addIssue({ code: 'custom', message: STALE_CURSOR });
    return z.NEVER;
  })
  .optional();
const proposalCursor = cursorText
  .transform((text, context): readonly [string, string, string] => {
    const [ciId, field, source] = [...new URLSearchParams(text).values()];
    if (ciId !== undefined && isId(ciId) && field !== undefined && source !== undefined) return [ciId, field, source];
    context.addIssue({ code: 'custom', message: STALE_CURSOR });
    return z.NEVER;
  })
  .optional();

/** Where data come from: sources, who is who, whose word counts, and what nobody has seen for long. */
export function sourceRoutes({ db, clock }: CmdbRouteDeps): (app: App) => void {
  const before = (daysAgo: number) => new Date(clock.nowMs() - daysAgo * DAY_MS);
  return (app) => {
    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/sources',
      config: read,
      schema: {
        tags,
        summary: 'Sources that imports have named, with how much of theirs was not seen for so many days',
        querystring: z.object({ days }),
        response: { 200: z.object({ items: z.array(sourceShape) }) },
      },
      handler: async ({ principal, query }) => ({
        items: await readingAs(db, principal, (tx) => sourceStates(tx, before(query.days))),
      }),
    });

    app.route({
      method: 'PUT',
      url: '/api/v1/cmdb/sources/:name',
      config: write,
      schema: {
        tags,
        summary: 'Set what becomes of what a source no longer lists',
        params: z.object({ name }),
        body: z.object(policy),
        response: { 200: z.object(policy) },
      },
      handler: async ({ principal, params, body }) => {
        const known = await readingAs(db, principal, (tx) => putPolicy(tx, params.name, body));
        if (!known) throw cmdbErrors.CMDB_SOURCE_UNKNOWN({ name: params.name });
        return body;
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/identification',
      config: read,
      schema: {
        tags,
        summary: 'By which attributes a CI of a file is told to be one that is there',
        response: { 200: z.object({ starting: z.array(rulesShape), own: z.array(rulesShape) }) },
      },
      handler: async ({ principal }) => ({
        starting: Object.entries(STARTING_RULES).map(([ciType, rules]) => ({
          ciType,
          rules: rules.map((of) => [...of]),
        })),
        own: await readingAs(db, principal, listRules),
      }),
    });

    app.route({
      method: 'PUT',
      url: '/api/v1/cmdb/identification',
      config: write,
      schema: {
        tags,
        summary: "Set a type's rules; none gives it back to the starting rules",
        body: rulesShape,
        response: { 200: rulesShape },
      },
      handler: async ({ principal, body }) => {
        await readingAs(db, principal, (tx) => putRules(tx, body));
        return body;
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/authority',
      config: read,
      schema: {
        tags,
        summary: 'Which source may overwrite which, by attribute',
        response: { 200: z.object({ items: z.array(authorityShape) }) },
      },
      handler: async ({ principal }) => ({ items: await readingAs(db, principal, listAuthority) }),
    });

    app.route({
      method: 'PUT',
      url: '/api/v1/cmdb/authority',
      config: write,
      schema: {
        tags,
        summary: 'Set the order of sources for an attribute; an empty order takes the rule back',
        body: authorityShape,
        response: { 200: authorityShape },
      },
      handler: async ({ principal, body }) => {
        await readingAs(db, principal, (tx) => putAuthority(tx, body));
        return body;
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/proposals',
      config: read,
      schema: {
        tags,
        summary: 'Values that a source told and that one of more authority keeps out',
        querystring: pageQuery.extend({ ciId: ciRef.optional(), cursor: proposalCursor }),
        response: { 200: pageOf(proposalShape) },
      },
      handler: async ({ principal, query: { limit, cursor, ciId } }) => {
        const rows = await readingAs(db, principal, async (tx) => {
          const id = ciId === undefined ? undefined : (await requireCi(tx, ciId)).id;
          const model = await currentModel(tx);
          const told = await listProposals(tx, { ciId: id, after: cursor, limit: limit + 1 });
          const hidden = (one: ProposalRow) => !seesAll(principal) && model.sensitive(one.type).has(one.field);
          return told.map((one) => (hidden(one) ? { ...one, value: null } : one));
        });
        return toPage(rows, limit, (last) =>
          String(new URLSearchParams({ ci: last.ciId, field: last.field, source: last.source })),
        );
      },
    });

    const staleQuery = pageQuery.extend({ days, source: name.optional(), cursor: timeCursor });
    const asked = ({ days: of, source, cursor, limit }: z.output<typeof staleQuery>): StaleQuery => ({
      before: before(of),
      source,
      after: cursor,
      limit: limit + 1,
    });
    const cursorOf = (last: { lastSeenAt: Date; id: string }) => `${last.lastSeenAt.getTime()}-${last.id}`;

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/stale/cis',
      config: read,
      schema: {
        tags,
        summary: 'CIs not seen for so many days, or that a source no longer lists; the longest unseen first',
        querystring: staleQuery,
        response: { 200: pageOf(staleCi) },
      },
      handler: async ({ principal, query }) => {
        const rows = await readingAs(db, principal, (tx) => staleCis(tx, asked(query)));
        return toPage(rows, query.limit, cursorOf) as z.input<ReturnType<typeof pageOf<typeof staleCi>>>;
      },
    });

    app.route({
      method: 'GET',
      url: '/api/v1/cmdb/stale/relations',
      config: read,
      schema: {
        tags,
        summary: 'Relations not seen for so many days, whose impact is uncertain; the longest unseen first',
        querystring: staleQuery,
        response: { 200: pageOf(staleRelation) },
      },
      handler: async ({ principal, query }) => {
        const rows = await readingAs(db, principal, (tx) => staleRelations(tx, asked(query)));
        return toPage(rows, query.limit, cursorOf);
      },
    });
  };
}
