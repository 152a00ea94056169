import { z } from 'zod';
import { type App, pageOf, pageQuery, toPage } from '../../../platform/index.ts';
import { apply, type By, propose, revert, type SeenEdit, withdraw } from '../change/changes.ts';
import type { ThresholdDeps } from '../deps.ts';
import { thresholdErrors } from '../errors.ts';
import { editsSchema } from '../simulate/request.ts';
import { listChanges, readChange } from '../store/changes.ts';
import { changeSchema, reasonSchema, tags } from './shapes.ts';

const byId = z.object({ id: z.uuid() });
const byOf = (principal: { name: string; userId: string | null }): By => ({
  name: principal.name,
  id: principal.userId,
});

/** Proposing, applying, withdrawing and taking back, and the history of all of it. */
export function changeRoutes({ db, clock }: ThresholdDeps) {
  return (app: App): void => {
    app.route({
      method: 'GET',
      url: '/api/v1/thresholds/changes',
      config: { permission: 'anomalies:read' },
      schema: {
        tags,
        summary: 'Proposals, changes and reverts with author, reason and simulation, newest first',
        querystring: pageQuery.extend({
          status: z.enum(['proposed', 'applied', 'withdrawn']).optional(),
          setting: z.string().max(100).optional(),
          pointKey: z.string().max(300).optional().describe('changes made for this very point'),
          cursor: z.uuid().optional(),
        }),
        response: { 200: pageOf(changeSchema) },
      },
      handler: async ({ principal, query: { cursor, limit, ...filter } }) => {
        const rows = await db.tenant(principal.tenantId, (tx) => listChanges(tx, { ...filter, limit, before: cursor }));
        return toPage(rows, limit, (last) => last.id);
      },
    });
    app.route({
      method: 'GET',
      url: '/api/v1/thresholds/changes/:id',
      config: { permission: 'anomalies:read' },
      schema: { tags, summary: 'One change', params: byId, response: { 200: changeSchema } },
      handler: async ({ principal, params: { id } }) => {
        const change = await db.tenant(principal.tenantId, (tx) => readChange(tx, id));
        if (!change) throw thresholdErrors.THRESHOLD_CHANGE_UNKNOWN({ id });
        return change;
      },
    });
    app.route({
      method: 'POST',
      url: '/api/v1/thresholds/changes',
      config: { permission: 'thresholds:write' },
      schema: {
        tags,
        summary: 'Propose values; nothing changes until they are applied',
        body: z.object({
          edits: editsSchema.min(1),
          reason: reasonSchema,
          seen: z
            .array(z.uuid().nullable())
            .optional()
            .describe(
              'for each edit the changeId that was in force when you looked (null: none): refused when it is not',
            ),
        }),
        response: { 201: changeSchema },
      },
      handler: async ({ principal, body: { edits, reason, seen } }, reply) => {
        const given: SeenEdit[] = edits.map((edit, i) => ({ ...edit, seenChangeId: seen?.[i] }));
        const about = { origin: 'person' as const, reason, atMs: clock.nowMs() };
        const change = await db.tenant(principal.tenantId, (tx) => propose(tx, given, byOf(principal), about));
        return reply.code(201).send(change);
      },
    });
    app.route({
      method: 'POST',
      url: '/api/v1/thresholds/changes/:id/apply',
      config: { permission: 'thresholds:write' },
      schema: {
        tags,
        summary: 'Put a proposal in force, on a simulation of exactly its values',
        params: byId,
        body: z.object({ simulationId: z.uuid(), reason: reasonSchema.optional() }),
        response: { 200: changeSchema },
      },
      handler: async ({ principal, params: { id }, body: { simulationId, reason } }) => {
        const at = { atMs: clock.nowMs(), reason: reason ?? null };
        const by = byOf(principal);
        return db.tenant(principal.tenantId, (tx) => apply(tx, id, simulationId, by, at));
      },
    });
    for (const [verb, summary, act] of [
      ['withdraw', 'Withdraw a proposal', withdraw],
      ['revert', 'Take an applied change back; what held before holds again', revert],
    ] as const) {
      app.route({
        method: 'POST',
        url: `/api/v1/thresholds/changes/:id/${verb}`,
        config: { permission: 'thresholds:write' },
        schema: {
          tags,
          summary,
          params: byId,
          body: z.object({ reason: reasonSchema }),
          response: { 200: changeSchema },
        },
        handler: ({ principal, params: { id }, body: { reason } }) =>
          db.tenant(principal.tenantId, (tx) => act(tx, id, byOf(principal), clock.nowMs(), reason)),
      });
    }
  };
}
