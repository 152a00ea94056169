import { z } from 'zod';
import type { App } from '../../platform/index.ts';
import { requireCi } from '../lookups/ci.ts';
import { neighbourhood, type PartRoot } from '../lookups/neighbourhood.ts';
import { readingAs } from '../model/redaction.ts';
import { CI_STATES } from '../model/state.ts';
import { currentModel } from '../model/store.ts';
import type { CmdbRouteDeps } from './deps.ts';
import { ciRef, failureOf, whatIfRequest } from './shapes.ts';

const MOST_CIS = 300;
const state = z.enum(CI_STATES);
const beside = (what: string) => z.number().int().describe(what);

const partRequest = whatIfRequest.omit({ affectedLimit: true }).extend({
  around: z.array(ciRef).min(1).max(50),
  direction: z.enum(['providers', 'dependents', 'both']).default('both').describe('what they need, or what needs them'),
  depth: z.number().int().min(0).max(6).default(2),
  facts: z.boolean().default(false).describe('also relations that carry no impact: owners, places, agreements'),
  fanout: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(12)
    .describe('neighbours of each CI that are told at most, in each direction'),
  open: z.array(z.uuid()).max(MOST_CIS).default([]).describe('CIs of which all neighbours are told'),
  limit: z.number().int().min(1).max(MOST_CIS).default(150).describe('CIs that are told at most'),
});

const part = z.object({
  graphVersion: z.string(),
  healthVersion: z.string(),
  cis: z.array(
    z.object({
      id: z.uuid(),
      key: z.string(),
      type: z.string(),
      name: z.string(),
      status: z.string(),
      state: state.describe('by itself and by all that it needs'),
      own: state.exclude(['ok']).nullable().describe('what is told, or supposed, of the CI itself'),
      planned: z.boolean().describe('it is being worked on'),
      distance: z.number().int(),
      hidden: z
        .object({
          providers: beside('relations to what it needs'),
          dependents: beside('relations to what needs it'),
          facts: beside('relations that carry no impact'),
        })
        .describe('relations whose other end is not in the answer'),
    }),
  ),
  relations: z.array(
    z.object({
      id: z.uuid(),
      type: z.string(),
      fromId: z.uuid(),
      toId: z.uuid(),
      impact: z.enum(['to-fails', 'from-fails', 'none']).describe('which end takes the other with it'),
      redundancyGroup: z.string().nullable(),
      confidence: z.number(),
      lastSeenAt: z.date(),
    }),
  ),
  groups: z.array(
    z.object({
      ciId: z.uuid().describe('the CI that needs the group'),
      group: z.string(),
      up: z.number(),
      members: z.number(),
      minUp: z.number().describe('of a weighted group: weight'),
      weight: z.object({ up: z.number(), all: z.number() }).nullable(),
    }),
  ),
  truncated: z.boolean().describe('there was more than the limit'),
});

/** A part of the graph to be drawn. */
export function neighbourhoodRoutes({ db, impact }: Pick<CmdbRouteDeps, 'db' | 'impact'>): (app: App) => void {
  return (app) => {
    app.route({
      method: 'POST',
      url: '/api/v1/cmdb/neighbourhood',
      config: { permission: 'cmdb:read' },
      schema: {
        tags: ['cmdb'],
        summary:
          'What some CIs need and what needs them, each with its state at present, or if something were otherwise',
        body: partRequest,
        response: { 200: part },
      },
      handler: async ({ principal, body }) => {
        const { fail, maintain, restore, around, limit, open, ...how } = body;
        const overlay = await impact.overlay(principal.tenantId, {
          fail: fail.map(failureOf),
          maintain,
          restore,
          reader: principal,
        });
        const found = await readingAs(db, principal, async (tx) => {
          const roots: PartRoot[] = [];
          for (const ci of around) {
            const { id, key, type, name, status } = await requireCi(tx, ci);
            roots.push({ id, key, type, name, status });
          }
          const rank = (ciId: string) => -CI_STATES.indexOf(overlay.stateOf(ciId));
          const most = Math.max(limit, roots.length);
          const question = { ...how, around: roots, open: new Set(open), most, rank };
          return neighbourhood(tx, await currentModel(tx), question);
        });
        const named = new Map<string, { ciId: string; group: string }>();
        for (const { impact: direction, redundancyGroup: group, fromId, toId } of found.relations) {
          if (group === null || direction === 'none') continue;
          const ciId = direction === 'to-fails' ? fromId : toId;
          named.set(`${ciId} ${group}`, { ciId, group });
        }
        return {
          graphVersion: overlay.graphVersion,
          healthVersion: overlay.healthVersion,
          cis: found.cis.map((ci) => {
            const own = overlay.ownOf(ci.id);
            return { ...ci, state: overlay.stateOf(ci.id), own: own?.state ?? null, planned: own?.planned ?? false };
          }),
          relations: found.relations,
          groups: [...named.values()].flatMap(({ ciId, group }) => {
            const told = overlay.groupOf(ciId, group);
            return told === null ? [] : [{ ciId, group, ...told }];
          }),
          truncated: found.truncated,
        };
      },
    });
  };
}
