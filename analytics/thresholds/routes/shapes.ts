import { z } from 'zod';
import { bilingual } from '../../evidence/bilingual.ts';
import { scoreSchema } from '../simulate/result.ts';

export const tags = ['thresholds'];

const kind = z.enum(['waveform', 'reading']);
const text = (longest: number) => z.string().trim().min(1).max(longest);
export const reasonSchema = text(1000).describe('why; it stands in the history');

const scope = z.object({
  machineClass: z.string().nullable(),
  machineId: z.uuid().nullable(),
  pointKey: z.string().nullable(),
  feature: z.string().nullable(),
  regime: z.string().nullable(),
});

export const settingSchema = z.object({
  name: z.string(),
  kind,
  label: bilingual,
  meaning: bilingual,
  unit: z.string(),
  min: z.number(),
  max: z.number(),
  whole: z.boolean(),
  default: z.number().nullable().describe('null: the limits of the standard, by group and mounting'),
  perFeature: z.boolean().describe('may be set for one feature and one regime'),
  higherMeans: z.enum(['fewer', 'more']).nullable().describe('alarms, with a higher value'),
});

const held = z.object({
  scope,
  value: z.number(),
  changeId: z.uuid(),
  author: z.string(),
  reason: z.string(),
  appliedBy: z.string(),
  appliedAt: z.date(),
});

export const heldValueSchema = held.extend({ setting: z.string() });

export const effectiveSchema = z.object({
  pointKey: z.string(),
  kind,
  version: z.int().describe('of the tenant’s thresholds; every verdict names the one it was judged under'),
  machine: z.object({ id: z.uuid(), name: z.string(), machineClass: z.string().nullable() }).nullable(),
  history: z
    .object({ fromMs: z.number(), toMs: z.number(), observations: z.int() })
    .nullable()
    .describe('what can be replayed'),
  features: z.array(z.string()),
  regimes: z.array(z.string()),
  settings: z.array(
    z.object({
      setting: z.string(),
      value: z.number().nullable().describe('null: the standard’s limit, and no verdict has told it yet'),
      source: z.enum(['point', 'machine', 'class', 'tenant', 'default']),
      held: held.nullable().describe('who set it, when and why; null for a default'),
      narrower: z.array(held).describe('what holds for features and regimes instead'),
    }),
  ),
});

export const changeSchema = z.object({
  id: z.uuid(),
  status: z.enum(['proposed', 'applied', 'withdrawn']),
  origin: z.enum(['person', 'labels', 'revert']),
  reason: z.string(),
  author: z.string(),
  proposedAt: z.date(),
  settledBy: z.string().nullable(),
  settledAt: z.date().nullable(),
  settledReason: z.string().nullable(),
  simulationId: z.uuid().nullable(),
  reverts: z.uuid().nullable(),
  version: z.int().nullable(),
  expected: z
    .object({ current: scoreSchema, proposed: scoreSchema })
    .nullable()
    .describe('what labelled history promises, for a proposal made from labels'),
  edits: z.array(
    z.object({
      setting: z.string(),
      scope,
      from: z.number().nullable().describe('null: nothing was set there'),
      fromChangeId: z.uuid().nullable(),
      to: z.number().nullable().describe('null: taken away, so that the wider scope holds'),
    }),
  ),
});

export const policySchema = z.object({
  autoApply: z.boolean().describe('proposals made from labels are applied without a person'),
  maxStepShare: z.number().min(0.01).max(1).describe('largest change of a value in one step, as a share of it'),
  minLabels: z.int().min(1).max(1000).describe('labelled alarms that a scope needs before anything is proposed'),
});

const scopeVerdict = z.object({
  scope,
  kind,
  labels: z.int(),
  points: z.int(),
  current: scoreSchema,
  best: z.object({ setting: z.string(), from: z.number(), to: z.number(), score: scoreSchema }).nullable(),
  changeId: z.uuid().nullable(),
  applied: z.boolean(),
});
export const labelsResult = z.object({ scopes: z.array(scopeVerdict), tooFew: z.int() });

export const runHead = z.object({
  id: z.uuid(),
  kind: z.enum(['simulation', 'labels']),
  status: z.enum(['waiting', 'running', 'finished', 'failed']),
  author: z.string(),
  done: z.number(),
  total: z.number(),
  reason: z.string().nullable(),
  createdAt: z.date(),
  finishedAt: z.date().nullable(),
});
