import { z } from 'zod';
import { type App, pageOf, pageQuery, toPage } from '../../../platform/index.ts';
import { faultName } from '../../events.ts';
import type { ThresholdDeps } from '../deps.ts';
import { performanceOf, quarterBefore } from '../labels/report.ts';
import { listPolicies, readPolicy, savePolicy } from '../store/policies.ts';
import { policySchema, tags } from './shapes.ts';

const share = z.number().min(0).max(1).nullable();
const performance = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  rows: z.array(
    z.object({
      machineClass: z.string().nullable(),
      basis: z.string().describe('what made it believed: agreement, geometry, deviation, severity'),
      fault: faultName,
      confirmed: z.int(),
      falseAlarms: z.int(),
      otherCauses: z.int(),
      open: z.int(),
      precision: share,
    }),
  ),
  told: z.int().describe('confirmed faults that an anomaly told of'),
  foundByPeople: z.int().describe('confirmed faults at analysed assets that nobody was told of'),
  recall: share,
  precision: share,
});
const policyState = policySchema.extend({
  changedBy: z.string().nullable(),
  changedAt: z.date().nullable(),
  reason: z.string().nullable(),
});
const policyChange = policySchema.extend({
  id: z.uuid(),
  changedBy: z.string(),
  changedAt: z.date(),
  reason: z.string().nullable().describe('null where none was given'),
});
const why = z.string().trim().min(3).max(1000).optional().describe('Why; kept with your name');

/** What labels say of the detectors, and what may follow from them by itself. */
export function labelRoutes(deps: ThresholdDeps) {
  const { db, clock } = deps;
  return (app: App): void => {
    app.route({
      method: 'GET',
      url: '/api/v1/thresholds/performance',
      config: { permission: 'anomalies:read' },
      schema: {
        tags,
        summary: 'Precision per way of believing, fault and machine class, and recall, by closed orders',
        querystring: z.object({
          fromMs: z.coerce.number().min(0).optional().describe('absent: a quarter before toMs'),
          toMs: z.coerce.number().min(0).optional().describe('absent: now'),
        }),
        response: { 200: performance },
      },
      handler: async ({ principal, query }) => {
        const toMs = query.toMs ?? clock.nowMs() + 1;
        const fromMs = query.fromMs ?? quarterBefore(toMs);
        return performanceOf(deps, principal.tenantId, { fromMs, toMs });
      },
    });
    app.route({
      method: 'GET',
      url: '/api/v1/thresholds/policy',
      config: { permission: 'anomalies:read' },
      schema: {
        tags,
        summary: 'Whether proposals from labels may be applied without a person',
        response: { 200: policyState },
      },
      handler: ({ principal }) => db.tenant(principal.tenantId, readPolicy),
    });
    app.route({
      method: 'PUT',
      url: '/api/v1/thresholds/policy',
      config: { permission: 'thresholds:write' },
      schema: {
        tags,
        summary: 'Allow or forbid that; nothing changes by itself unless it is allowed here',
        body: policySchema.extend({ reason: why }),
        response: { 200: policyState },
      },
      handler: ({ principal, body }) =>
        db.tenant(principal.tenantId, async (tx) => {
          const at = new Date(clock.nowMs());
          await savePolicy(tx, body, { by: principal.name, at, reason: body.reason ?? null });
          return readPolicy(tx);
        }),
    });
    app.route({
      method: 'GET',
      url: '/api/v1/thresholds/policy/history',
      config: { permission: 'anomalies:read' },
      schema: {
        tags,
        summary: 'Every policy that was set, newest first, with author and reason',
        querystring: pageQuery.extend({ cursor: z.uuid().optional().describe('nextCursor of the page before') }),
        response: { 200: pageOf(policyChange) },
      },
      handler: async ({ principal, query: { cursor, limit } }) => {
        const rows = await db.tenant(principal.tenantId, (tx) => listPolicies(tx, { limit, before: cursor }));
        return toPage(rows, limit, (last) => last.id);
      },
    });
  };
}
