import { z } from 'zod';
import type { Failure } from '../impact/health.ts';
import { CI_STATES } from '../model/state.ts';

/** A list of an answer, which may be one that others share and that is only read. */
export const listOf = <Item extends z.ZodType>(
  item: Item,
): z.ZodType<readonly z.output<Item>[], readonly z.input<Item>[]> => z.array(item);

export const attributes = z.record(z.string(), z.unknown());
export const ciRef = z.string().trim().min(1).max(200).describe('id or key of a CI');
export const ciParams = z.object({ id: ciRef });
const key = z.string().trim().min(1).max(200);
const confidence = z.number().min(0).max(1).describe('how sure the source is; 1: certain');

export const ciShape = z.object({
  id: z.uuid(),
  key: z.string(),
  type: z.string(),
  name: z.string(),
  status: z.string(),
  attributes,
  version: z.bigint().describe('version of the graph in which it last changed'),
  sources: z
    .record(z.string(), z.string().nullable())
    .describe(
      'source of each attribute that differs from "*", the source of all others; .name, .status, .type likewise',
    ),
  redacted: z.array(z.string()).describe('sensitive attributes that are left out for want of cmdb:sensitive'),
  modelVersion: z.number().int().describe('version of the model that it was last checked with'),
  firstSeenAt: z.date(),
  lastSeenAt: z.date().describe('when a source last told of it, changed or not; within 12 hours'),
});

export const newCi = z.object({
  key,
  type: z.string().describe('a CI type of the model that is not abstract'),
  name: z.string().trim().min(1).max(500).optional(),
  status: z.string().trim().min(1).max(100).optional(),
  attributes: attributes.default({}),
  reason: z.string().max(500).optional(),
});

export const changedCi = newCi
  .omit({ key: true })
  .partial()
  .extend({
    expectedVersion: z
      .string()
      .regex(/^\d{1,18}$/)
      .optional()
      .describe('version of the CI as it was read; refused when somebody has changed it since'),
  });

export const neighbourShape = z.object({
  relationId: z.uuid(),
  direction: z.enum(['out', 'in']),
  type: z.string(),
  redundancyGroup: z.string().nullable(),
  minUp: z.number().int().nullable(),
  minUpPercent: z.number().nullable(),
  weight: z.number().int().nullable(),
  attributes,
  source: z.string().nullable().describe('who told of it last with a difference'),
  confidence,
  firstSeenAt: z.date(),
  lastSeenAt: z.date(),
  ci: z.object({ id: z.uuid(), key: z.string(), type: z.string(), name: z.string(), status: z.string() }),
});

export const relationEnds = z.object({ from: ciRef, type: z.string().min(1).max(100), to: ciRef });

export const putRelation = relationEnds.extend({
  redundancyGroup: z.string().trim().min(1).max(100).nullish(),
  minUp: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .nullish()
    .describe('weight of the group that must be up, its members where none is told a weight; 1 by default'),
  minUpPercent: z.number().min(0.01).max(100).nullish().describe('percentage of the group’s weight that must be up'),
  weight: z.number().int().min(1).max(10_000).nullish().describe('what `to` counts for in the group; 1 by default'),
  attributes: attributes.default({}),
  confidence: confidence.optional(),
  reason: z.string().max(500).optional(),
});

const counts = z.object({
  created: z.number().int(),
  changed: z.number().int(),
  unchanged: z.number().int(),
  removed: z.number().int(),
});
export const applyReport = z.object({ version: z.bigint(), cis: counts, relations: counts });

const failedState = z.enum(CI_STATES).exclude(['ok']);
const owner = z.object({
  ciId: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  locale: z.string(),
  role: z.enum(['accountable', 'deputy']),
});
const ciCard = z.object({ ciId: z.string(), key: z.string(), name: z.string(), type: z.string() });
const step = ciCard.extend({ state: failedState });

export const failedCi = z.object({ ci: ciRef, state: failedState.default('down') });
const failure = failedCi.extend({
  since: z.iso.datetime({ offset: true }).optional().describe('when it failed; counts for what SLAs allow yet'),
});
const affectedLimit = z.coerce.number().int().min(0).max(1000).default(100).describe('how many affected CIs to list');

export const impactRequest = z.object({
  failed: z.array(failure).min(1).max(1000),
  minVersion: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional()
    .describe('a version that the verdict must know; waits up to 1 s'),
  affectedLimit,
});

export const presentQuery = z.object({ affectedLimit });

export const whatIfRequest = z.object({
  fail: z.array(failure).max(1000).default([]),
  maintain: z.array(ciRef).max(1000).default([]).describe('to be worked on, with all that is part of them'),
  restore: z.array(ciRef).max(1000).default([]).describe('not ok at present, supposed to work again'),
  affectedLimit,
});

export const lifeShape = z
  .object({ p10Hours: z.number(), p50Hours: z.number(), p90Hours: z.number(), method: z.string(), at: z.date() })
  .nullable()
  .describe('what is left of its life, where a prognosis was made');

const lossShape = z.object({
  servicesDown: z.number().int(),
  servicesDegraded: z.number().int(),
  costPerHour: z.number().describe('of services that are down; of services that need each other the dearest counts'),
  users: z.number(),
  costPerHourAtRisk: z.number().describe('of services that are degraded'),
  usersAtRisk: z.number(),
});

const howBad = lossShape.extend({
  sla: z
    .object({ ciId: z.string(), key: z.string(), name: z.string(), minutesLeft: z.number() })
    .nullable()
    .describe('the service that is down whose SLA is broken first'),
  nearestEnd: lifeShape.unwrap().extend({ ciId: z.string(), name: z.string() }).nullable(),
});

export const verdictShape = z.object({
  graphVersion: z.string(),
  healthVersion: z.string(),
  failed: listOf(step.extend({ planned: z.boolean().describe('it is being worked on'), remainingLife: lifeShape })),
  howBad,
  affectedCount: z.number().int().describe('CIs that are worse off, the failed ones not counted'),
  services: listOf(
    z.object({
      ciId: z.string(),
      key: z.string(),
      name: z.string(),
      state: failedState,
      criticality: z.number(),
      costPerHour: z.number(),
      users: z.number(),
      planned: z.boolean().describe('announced work alone would do as much'),
      slaMinutesLeft: z
        .number()
        .nullable()
        .describe('how much longer the outage may last; null: nothing was agreed on'),
      owners: listOf(owner),
      causeChain: listOf(step).describe('from a failed CI to the service'),
      redundancyLeft: z.string().nullable(),
      redundancy: z
        .object({
          ciId: z.string(),
          ciName: z.string(),
          group: z.string(),
          up: z.number(),
          members: z.number(),
          minUp: z.number().describe('of a weighted group: weight'),
          weight: z.object({ up: z.number(), all: z.number() }).nullable(),
        })
        .nullable(),
      uncertainty: z.string().nullable().describe('why the chain may no longer be true'),
      unseen: z
        .object({ days: z.number().int(), provider: ciCard, dependent: ciCard })
        .nullable()
        .describe('the relation of the chain that no source has seen for longest'),
    }),
  ),
  affected: listOf(step.extend({ owners: listOf(owner) })).describe('nearest affected CIs of every type'),
  withheld: z
    .object({ services: z.number().int(), affected: z.number().int(), owners: z.number().int() })
    .describe('how many are left out of the lists for want of cmdb:restricted; counts, sums and states count them'),
});

export const windowShape = z.object({
  id: z.uuid(),
  ciId: z.uuid(),
  from: z.date(),
  to: z.date(),
  reason: z.string(),
  author: z.string(),
});

export const historyShape = z.object({
  version: z.bigint(),
  seq: z.number().int(),
  kind: z.enum(['ci', 'relation']),
  ciId: z.uuid().describe('the CI, or the from of the relation'),
  key: z.string(),
  otherId: z.uuid().nullable().describe('the to of the relation'),
  otherKey: z.string().nullable(),
  before: z.unknown(),
  after: z.unknown(),
  author: z.string(),
  reason: z.string().nullable(),
  source: z.string().nullable(),
  at: z.date(),
});

const ciState = z.enum(CI_STATES);
export const whatIfShape = z.object({
  verdict: verdictShape.describe('on what is supposed to fail, on top of the present health'),
  difference: z.object({
    services: listOf(
      z.object({
        ciId: z.string(),
        key: z.string(),
        name: z.string(),
        criticality: z.number(),
        before: ciState.describe('at present'),
        after: ciState,
      }),
    ).describe('services that would be in another state than now'),
    withheld: z.number().int().describe('how many of them are left out for want of cmdb:restricted'),
    before: lossShape,
    after: lossShape,
  }),
});

/** A failure as the impact takes it. */
export function failureOf({ ci, state, since }: z.output<typeof failure>): Failure {
  return { ciId: ci, state, sinceMs: since === undefined ? undefined : Date.parse(since) };
}
