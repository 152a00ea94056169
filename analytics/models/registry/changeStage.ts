import type { Tx } from '../../../platform/index.ts';
import { analyticsErrors } from '../../errors.ts';
import { readContracts, readModel } from './models.ts';
import {
  type DatedPlacement,
  lockPlacements,
  readDisplaced,
  readPlacements,
  type Step,
  takeStep,
} from './placements.ts';
import { isAllowed, SCOPE_KINDS, type Scope, type Stage, scopeKey } from './stages.ts';

export interface StageChange {
  readonly modelId: string;
  readonly scope: Scope;
  readonly author: string;
  readonly reason: string;
  readonly at: Date;
}

/**
 * Moves a model to another stage in one scope. A version that goes live there retires the version of the same name that
 * was: one name speaks once.
 *
 * @returns the steps taken, the model's own first
 * @throws ANALYTICS_MODEL_UNKNOWN, ANALYTICS_MODEL_STAGE
 */
export async function changeStage(tx: Tx, change: StageChange, to: Stage): Promise<Step[]> {
  await lockPlacements(tx);
  const { modelId, scope } = change;
  const model = await readModel(tx, modelId);
  if (!model) throw analyticsErrors.ANALYTICS_MODEL_UNKNOWN({ id: modelId });
  const placements = await readPlacements(tx);
  const from = stageIn(placements, modelId, scope);
  if (!isAllowed(from, to)) throw analyticsErrors.ANALYTICS_MODEL_STAGE({ from: from ?? 'none', to });
  const { name } = model.contract;
  const step = await takeStep(tx, { ...stepOf(change, name), from, to, becauseOf: null });
  if (to !== 'live') return [step];
  return [step, ...(await retireOthers(tx, placements, change, name, step))];
}

/**
 * Takes back that a version went live: it is retired, and the version that it displaced is live again.
 *
 * @throws ANALYTICS_MODEL_UNKNOWN; ANALYTICS_MODEL_NO_PREDECESSOR when it is not live there or displaced nothing
 */
export async function rollBack(tx: Tx, change: StageChange): Promise<Step[]> {
  await lockPlacements(tx);
  const { modelId, scope } = change;
  const model = await readModel(tx, modelId);
  if (!model) throw analyticsErrors.ANALYTICS_MODEL_UNKNOWN({ id: modelId });
  const isLive = (await readPlacements(tx)).some((p) => isIn(p, modelId, scope) && p.stage === 'live');
  const displaced = isLive ? await readDisplaced(tx, modelId, scope.kind, scopeKey(scope)) : null;
  if (!displaced) throw analyticsErrors.ANALYTICS_MODEL_NO_PREDECESSOR({ name: model.contract.name });
  const own = stepOf(change, model.contract.name);
  const retired = await takeStep(tx, { ...own, from: 'live', to: 'retired', becauseOf: null });
  const back = { ...own, modelId: displaced.modelId, modelName: displaced.modelName };
  return [retired, await takeStep(tx, { ...back, from: 'retired', to: 'live', becauseOf: retired.id })];
}

async function retireOthers(
  tx: Tx,
  placements: readonly DatedPlacement[],
  change: StageChange,
  name: string,
  because: Step,
): Promise<Step[]> {
  const live = placements.filter((p) => p.stage === 'live' && isIn(p, p.modelId, change.scope));
  const contracts = await readContracts(
    tx,
    live.map(({ modelId }) => modelId),
  );
  const steps: Step[] = [];
  for (const { modelId } of live) {
    if (modelId === change.modelId || contracts.get(modelId)?.name !== name) continue;
    const step = {
      ...stepOf({ ...change, modelId }, name),
      from: 'live',
      to: 'retired',
      becauseOf: because.id,
    } as const;
    steps.push(await takeStep(tx, step));
  }
  return steps;
}

function stepOf({ modelId, scope, author, reason, at }: StageChange, modelName: string) {
  return { modelId, modelName, kind: scope.kind, key: scopeKey(scope), author, reason, at };
}

function isIn(placement: DatedPlacement, modelId: string, scope: Scope): boolean {
  return placement.modelId === modelId && placement.kind === scope.kind && placement.key === scopeKey(scope);
}

/** The stage in the scope itself; else that of the tenant as a whole, which covers every scope. */
function stageIn(placements: readonly DatedPlacement[], modelId: string, scope: Scope): Stage | null {
  const own = placements.find((placement) => isIn(placement, modelId, scope));
  const wide = placements.find((p) => p.modelId === modelId && p.kind === SCOPE_KINDS[0]);
  return (own ?? wide)?.stage ?? null;
}
