import { z } from 'zod';
import { modelContract } from '../contract.ts';
import type { DriftReport } from '../drift/sketch.ts';
import { FIT_STATUSES } from '../fit/fits.ts';
import { validationReport } from '../validation/report.ts';
import { ORIGINS, type RegisteredModel } from './models.ts';
import type { DatedPlacement, Step } from './placements.ts';
import { scope, scopeOf, stage } from './stages.ts';

/** What the routes of the registry answer. */
export const modelBody = z
  .object({
    id: z.uuid(),
    name: z.string(),
    version: z.string(),
    sha256: z.string(),
    origin: z.enum(ORIGINS),
    stages: z
      .array(z.object({ scope, stage, since: z.date().nullable().describe('null: as the product ships it') }))
      .describe('The narrowest scope that holds a point decides there'),
    contract: modelContract,
    report: validationReport.nullable().describe('What validation found; null of what comes with the product'),
    createdAt: z.date().nullable(),
    createdBy: z.string().nullable(),
  })
  .meta({ id: 'Model' });

export function bodyOf(model: RegisteredModel, placements: readonly DatedPlacement[]): z.input<typeof modelBody> {
  const { name, version, sha256 } = model.contract;
  const stages = placements
    .filter(({ modelId }) => modelId === model.id)
    .map(({ kind, key, stage, since }) => ({ scope: scopeOf(kind, key), stage, since }));
  return { ...model, name, version, sha256, stages };
}

export const stepBody = z
  .object({
    id: z.uuid(),
    modelId: z.uuid(),
    modelName: z.string(),
    scope,
    from: stage.nullable(),
    to: stage,
    author: z.string(),
    reason: z.string(),
    becauseOf: z.uuid().nullable().describe('The step of another version that this one followed from'),
    at: z.date(),
  })
  .meta({ id: 'ModelStep' });

export function stepOf({ kind, key, ...step }: Step): z.input<typeof stepBody> {
  return { ...step, scope: scopeOf(kind, key) };
}

const index = z.number().nullable();
export const driftBody = z
  .object({
    reference: z
      .enum(['training', 'baseline'])
      .describe('training: by the contract; baseline: the first rows in service'),
    rows: z.int().describe('Rows seen'),
    state: z
      .enum(['learning', 'stable', 'watch', 'drifted'])
      .describe('By the greatest index: 0.1 watch, 0.25 drifted'),
    inputs: z.array(z.object({ name: z.string(), index })).describe('Population stability index of each input'),
    output: index,
    updatedAt: z.date(),
  })
  .meta({ id: 'ModelDrift' });

export function driftOf(
  { contract }: RegisteredModel,
  report: DriftReport & { updatedAt: Date },
): z.input<typeof driftBody> {
  const inputs = contract.input.features.map(({ name }, i) => ({ name, index: report.inputs[i] ?? null }));
  return { ...report, inputs };
}

export const agreementBody = z
  .object({
    observations: z.int(),
    points: z.int(),
    bothSpeak: z.int(),
    bothSilent: z.int(),
    onlyModel: z.int().describe('It would have spoken and no fault was open'),
    onlyFault: z.int().describe('A fault was open and it was silent'),
    share: z.number().nullable().describe('Share of the observations on which they agree; null: nothing to compare'),
  })
  .meta({ id: 'ModelAgreement' });

export const fitBody = z
  .object({
    id: z.uuid(),
    pointKey: z.string(),
    status: z.enum(FIT_STATUSES),
    percent: z.number(),
    rows: z.int().nullable().describe('Blocks of the baseline that were there'),
    modelId: z.uuid().nullable().describe('The model made, in shadow at the point'),
    reason: z.string().nullable().describe('Why it failed'),
    requestedBy: z.string(),
    createdAt: z.date(),
    finishedAt: z.date().nullable(),
  })
  .meta({ id: 'ModelFit' });
