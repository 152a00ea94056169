import { z } from 'zod';
import type { App } from '../../platform/index.ts';
import { dispatchPolicySchema } from '../dispatch/policy.ts';
import { type Policies, type PolicyKind, policyHistory, writePolicy } from '../policies/policies.ts';
import { priorityPolicySchema } from '../priority/policy.ts';
import { responsePolicySchema } from '../response/policy.ts';
import { ownersPolicySchema } from '../telling/policy.ts';
import { actorOf, inTenant, type RouteDeps } from './deps.ts';

const tags = ['ticketing policies'];

/** The policies by which orders are prioritised, answered and dispatched and owners are told: data, versioned, each version kept. */
export function policyRoutes(deps: RouteDeps): (app: App) => void {
  return (app) => {
    add(app, deps, 'priority', priorityPolicySchema, 'impact × urgency → priority and due times');
    add(app, deps, 'response', responsePolicySchema, 'which actions follow which fault');
    add(app, deps, 'dispatch', dispatchPolicySchema, 'skills, weights and accept times');
    add(app, deps, 'owners', ownersPolicySchema, 'when deputies are told, how long links of messages hold');
  };
}

function add<K extends PolicyKind>(
  app: App,
  deps: RouteDeps,
  kind: K,
  document: z.ZodType<Policies[K]>,
  about: string,
): void {
  const url = `/api/v1/ticketing/policies/${kind}`;
  const versionBody = z.object({
    kind: z.literal(kind as string),
    version: z.number().int().describe('0 is the shipped one'),
    document,
    updatedAt: z.date().nullable(),
    updatedBy: z.string().nullable(),
  });

  app.route({
    method: 'GET',
    url,
    config: { permission: 'orders:read' },
    schema: { tags, summary: `The ${kind} policy in force: ${about}`, response: { 200: versionBody } },
    handler: async ({ principal }) => {
      const [newest] = await deps.db.tenant(principal.tenantId, (tx) => policyHistory(tx, kind, 1));
      return newest!;
    },
  });

  app.route({
    method: 'GET',
    url: `${url}/history`,
    config: { permission: 'orders:read' },
    schema: {
      tags,
      summary: `The last versions of the ${kind} policy: who wrote what, when`,
      querystring: z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
      response: { 200: z.object({ items: z.array(versionBody) }) },
    },
    handler: async ({ principal, query }) => ({
      items: await deps.db.tenant(principal.tenantId, (tx) => policyHistory(tx, kind, query.limit)),
    }),
  });

  app.route({
    method: 'PUT',
    url,
    config: { permission: 'orders:dispatch' },
    schema: {
      tags,
      summary: `Write the next version of the ${kind} policy`,
      body: z.object({ version: z.number().int().min(0).describe('The version that you have read'), document }),
      response: { 200: versionBody },
    },
    handler: async ({ principal, body }) =>
      inTenant(deps, principal, (unit) => {
        const by = { ...actorOf(principal), at: unit.at };
        return writePolicy(unit.tx, kind, body.document as Policies[K], body.version, by);
      }),
  });
}
