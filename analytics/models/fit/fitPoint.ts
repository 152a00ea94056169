import { z } from 'zod';
import { type Clock, type Database, defineJob, reasonOf } from '../../../platform/index.ts';
import { analyticsErrors } from '../../errors.ts';
import { readShapes } from '../../store/featureHistory.ts';
import type { ModelContract } from '../contract.ts';
import { SPECTRAL_SHAPE, SPECTRAL_SHAPE_FEATURES } from '../features/spectralShape.ts';
import { sha256Of } from '../onnxRunner.ts';
import { registerModel } from '../registry/register.ts';
import { baselineScore, encodeBaseline, fitBaseline } from '../training/baselineModel.ts';
import { decilesOf } from '../training/standardise.ts';
import { noteFit, readFit } from './fits.ts';

/** A nudge to work on an order; the order itself is a row of analytics_model_fit. */
export const fitPointJob = defineJob('analytics.fit-point', z.object({ tenantId: z.uuid(), fitId: z.uuid() }));

/** Blocks of the baseline that a model takes at least: about twice the features. */
export const LEAST_ROWS = 48;
/** Newest share of the rows that is kept out of the fit, to see how a healthy block scores that was not fitted to. */
const HELD_BACK = 0.2;

/**
 * Fits a model to a point's own baseline and registers it, in shadow at that point. What fails is written to the order
 * and not tried again: the same rows would fail again.
 *
 * @throws when the database cannot be reached
 */
export async function fitPoint(
  deps: { readonly db: Database; readonly clock: Clock },
  { tenantId, fitId }: { tenantId: string; fitId: string },
): Promise<void> {
  const { db, clock } = deps;
  const note = (now: Parameters<typeof noteFit>[2]) => db.tenant(tenantId, (tx) => noteFit(tx, fitId, now));
  const fit = await db.tenant(tenantId, (tx) => readFit(tx, fitId));
  if (!fit || fit.status === 'finished' || fit.status === 'failed') return;
  await note({ status: 'running', percent: 10 });
  const { pointKey, requestedBy } = fit;
  const rows = await db.tenant(tenantId, (tx) => readShapes(tx, pointKey));
  try {
    if (rows.length < LEAST_ROWS) {
      throw analyticsErrors.ANALYTICS_FIT_ROWS({ pointKey, rows: rows.length, needed: LEAST_ROWS });
    }
    await note({ percent: 30, rows: rows.length });
    const { contract, data } = fitted(pointKey, rows, new Date(clock.nowMs()));
    await note({ percent: 60 });
    const reason = `fitted to ${rows.length} blocks of the point's own baseline`;
    const scope = { kind: 'point', key: pointKey } as const;
    const made = { contract, data, origin: 'fitted', scope, author: requestedBy, reason } as const;
    const model = await registerModel(deps, tenantId, made);
    await note({ status: 'finished', percent: 100, modelId: model.id, finishedAt: new Date(clock.nowMs()) });
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== 'string' || !code.startsWith('ANALYTICS_')) throw error;
    await note({ status: 'failed', reason: reasonOf(error), finishedAt: new Date(clock.nowMs()) });
  }
}

/** The model of a point's baseline rows, as a file and its contract. */
export function fitted(
  pointKey: string,
  rows: readonly Float32Array[],
  at: Date,
): { contract: ModelContract; data: Uint8Array } {
  const cut = Math.round(rows.length * (1 - HELD_BACK));
  const model = fitBaseline(rows.slice(0, cut));
  const scores = rows.map((row) => baselineScore(model, row));
  const unseen = scores.slice(cut).sort((a, b) => a - b);
  const data = encodeBaseline(model);
  const figure = (value: number) => Number(value.toPrecision(4));
  const contract: ModelContract = {
    name: nameOf(pointKey),
    version: at.toISOString().replaceAll(/[-:]/g, '').slice(0, 15),
    sha256: sha256Of(data),
    purpose: `Distance of a block's spectral shape from the baseline of ${pointKey}; compared with the point's own past.`,
    input: { name: 'features', definition: SPECTRAL_SHAPE, features: [...SPECTRAL_SHAPE_FEATURES] },
    output: { kind: 'score', name: 'distance', unit: 'mean squared whitened residual' },
    samplingRateHz: { min: 2000, max: 200_000, note: 'bands are shares of the sampling rate, 0.004 to 0.4' },
    windowSamples: { min: 1024 },
    training: {
      data: `${rows.length} blocks of the baseline of ${pointKey}, as stored here`,
      licence: 'the operator’s own recordings',
      rows: cut,
      deciles: decilesOf(rows),
      outputDeciles: decilesOf(scores.map((score) => [score]))[0]!,
    },
    validation: {
      shrinkage: figure(model.shrinkage),
      unseenRows: unseen.length,
      unseenMedian: figure(unseen[unseen.length >> 1]!),
      unseenGreatest: figure(unseen.at(-1)!),
    },
  };
  return { contract, data };
}

/** Every version that is fitted to a point has one name, so that the next one replaces it when it goes live. */
function nameOf(pointKey: string): string {
  const plain = pointKey
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 50);
  // Keys that differ in what a name cannot hold stay apart.
  return `baseline-${plain || 'point'}-${sha256Of(new TextEncoder().encode(pointKey)).slice(0, 8)}`;
}
