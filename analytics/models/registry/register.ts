import { type Clock, type Database, newId } from '../../../platform/index.ts';
import { analyticsErrors } from '../../errors.ts';
import type { ModelContract } from '../contract.ts';
import { sha256Of } from '../onnxRunner.ts';
import { modelLimits } from '../validation/report.ts';
import { validateModel } from '../validation/validateModel.ts';
import { countModels, insertModel, isVersionTaken, MAX_MODELS, type RegisteredModel } from './models.ts';
import { lockPlacements, takeStep } from './placements.ts';
import { type Scope, scopeKey } from './stages.ts';

export interface NewModel {
  readonly contract: ModelContract;
  readonly data: Uint8Array;
  readonly origin: 'uploaded' | 'fitted';
  readonly scope: Scope;
  readonly author: string;
  readonly reason: string;
}

/**
 * Validates a model and puts it into the tenant's registry, in shadow.
 *
 * @throws ANALYTICS_MODEL_TOO_LARGE, ANALYTICS_MODEL_HASH, ANALYTICS_MODEL_REFUSED, ANALYTICS_MODEL_EXISTS, ANALYTICS_MODELS_MANY
 */
export async function registerModel(
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  tenantId: string,
  { contract, data, origin, scope, author, reason }: NewModel,
): Promise<RegisteredModel> {
  const { name, version } = contract;
  if (data.byteLength > modelLimits.fileBytes) {
    throw analyticsErrors.ANALYTICS_MODEL_TOO_LARGE({ limitBytes: modelLimits.fileBytes });
  }
  const found = sha256Of(data);
  if (found !== contract.sha256) throw analyticsErrors.ANALYTICS_MODEL_HASH({ name, expected: contract.sha256, found });
  // Looked up first as well, since validation takes seconds.
  if (await db.tenant(tenantId, (tx) => isVersionTaken(tx, name, version))) {
    throw analyticsErrors.ANALYTICS_MODEL_EXISTS({ name, version });
  }
  const report = await validateModel(contract, data, { clock });
  const createdAt = new Date(clock.nowMs());
  const model = { id: newId(), origin, contract, report, createdAt, createdBy: author };
  await db.tenant(tenantId, async (tx) => {
    await lockPlacements(tx);
    if ((await countModels(tx)) >= MAX_MODELS) throw analyticsErrors.ANALYTICS_MODELS_MANY({ most: MAX_MODELS });
    if (!(await insertModel(tx, model, data))) throw analyticsErrors.ANALYTICS_MODEL_EXISTS({ name, version });
    await takeStep(tx, {
      ...{ modelId: model.id, modelName: name, kind: scope.kind, key: scopeKey(scope) },
      ...{ from: null, to: 'shadow', author, reason, becauseOf: null, at: createdAt },
    });
  });
  return model;
}
