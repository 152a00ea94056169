import { z } from 'zod';
import { CI_STATES } from '../model/state.ts';

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

export const changedCi = newCi.omit({ key: true }).partial();

export const neighbourShape = z.object({
  relationId: z.uuid(),
  direction: z.enum(['out', 'in']),
  type: z.string(),
  redundancyGroup: z.string().nullable(),
  minUp: z.number().int().nullable(),
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
    .describe('members of the group that must be up; 1 by default'),
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
export const importReport = applyReport.extend({
  dryRun: z.boolean(),
  warnings: z.array(z.object({ message: z.string(), count: z.number().int() })),
});

export const failedState = z.enum(CI_STATES).exclude(['ok']);
const owner = z.object({
  ciId: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  locale: z.string(),
  role: z.enum(['accountable', 'deputy']),
});
const step = z.object({ ciId: z.string(), key: z.string(), name: z.string(), type: z.string(), state: failedState });

export const impactRequest = z.object({
  failed: z
    .array(z.object({ ci: ciRef, state: failedState.default('down') }))
    .min(1)
    .max(1000),
  minVersion: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional()
    .describe('a version that the verdict must know; waits up to 1 s'),
  affectedLimit: z.number().int().min(0).max(1000).default(100).describe('how many affected CIs to list'),
});

export const verdictShape = z.object({
  graphVersion: z.string(),
  healthVersion: z.string(),
  affectedCount: z.number().int().describe('CIs that are worse off, the failed ones not counted'),
  services: z.array(
    z.object({
      ciId: z.string(),
      key: z.string(),
      name: z.string(),
      state: failedState,
      criticality: z.number(),
      costPerHour: z.number(),
      users: z.number(),
      owners: z.array(owner),
      causeChain: z.array(step).describe('from a failed CI to the service'),
      redundancyLeft: z.string().nullable(),
      redundancy: z
        .object({
          ciId: z.string(),
          ciName: z.string(),
          group: z.string(),
          up: z.number(),
          members: z.number(),
          minUp: z.number(),
        })
        .nullable(),
    }),
  ),
  affected: z.array(step.extend({ owners: z.array(owner) })).describe('nearest affected CIs of every type'),
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
  ciId: z.uuid(),
  otherId: z.uuid().nullable(),
  before: z.unknown(),
  after: z.unknown(),
  author: z.string(),
  reason: z.string().nullable(),
  source: z.string().nullable(),
  at: z.date(),
});
