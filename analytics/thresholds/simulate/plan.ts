import type { Tx } from '../../../platform/index.ts';
import { type HistorySpan, spanOf } from '../../history/store.ts';
import type { PointKind } from '../../store/pointMemory.ts';
import { settingNamed } from '../catalogue.ts';
import type { ThresholdDeps } from '../deps.ts';
import { thresholdErrors } from '../errors.ts';
import type { InForce } from '../inForce.ts';
import { reaches } from '../scope.ts';
import type { Edit } from './request.ts';
import type { KnownPoint } from './truth.ts';

/** A year of one point at an observation a second; a minute or two of work for the thread. */
export const MOST_OBSERVATIONS = 30_000_000;

export interface PlannedPoint extends KnownPoint {
  readonly span: HistorySpan;
}

/** What will be replayed. */
export interface Plan {
  readonly inForce: InForce;
  readonly points: readonly PlannedPoint[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly observations: number;
}

export interface Selection {
  readonly edits: readonly Edit[];
  readonly pointKeys?: readonly string[] | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/**
 * Finds the points and how much of their history there is.
 *
 * @throws THRESHOLD_NO_HISTORY, THRESHOLD_TOO_MUCH
 */
export async function planReplay(deps: ThresholdDeps, tenantId: string, selection: Selection): Promise<Plan> {
  const { fromMs = 0, toMs = deps.clock.nowMs() + AHEAD_MS } = selection;
  const { inForce, candidates } = await deps.db.tenant(tenantId, async (tx) => ({
    inForce: await deps.inForce(tx),
    candidates: await candidatesOf(tx, selection),
  }));
  const known = await Promise.all(candidates.map((candidate) => placed(deps, tenantId, candidate)));
  const chosen = selection.pointKeys ? known : known.filter((point) => isReached(point, selection.edits));
  const points = await deps.db.tenant(tenantId, async (tx) => {
    const found: PlannedPoint[] = [];
    for (const point of chosen) {
      const span = await spanOf(tx, point.pointKey, fromMs, toMs);
      if (span) found.push({ ...point, span });
    }
    return found;
  });
  if (points.length === 0) {
    const what = selection.pointKeys?.join(', ') ?? 'any point that the edits reach';
    throw thresholdErrors.THRESHOLD_NO_HISTORY({ what });
  }
  const observations = points.reduce((sum, { span }) => sum + span.observations, 0);
  if (observations > MOST_OBSERVATIONS)
    throw thresholdErrors.THRESHOLD_TOO_MUCH({ observations, limit: MOST_OBSERVATIONS });
  return {
    inForce,
    points,
    fromMs: Math.max(fromMs, Math.min(...points.map(({ span }) => span.fromMs))),
    toMs: Math.min(toMs, Math.max(...points.map(({ span }) => span.toMs)) + 1),
    observations,
  };
}

/** Device clocks may run ahead by so much and still be believed. */
const AHEAD_MS = 86_400_000;

interface Candidate {
  readonly pointKey: string;
  readonly kind: PointKind;
}

/** The points that a selection names, or all that have a history. */
async function candidatesOf(tx: Tx, { pointKeys, edits }: Selection): Promise<Candidate[]> {
  const own = edits.map(({ scope }) => scope.pointKey);
  const named = pointKeys ?? (own.length > 0 && own.every((key) => key !== null) ? own : null);
  const { rows } = await tx.query<Candidate>(
    `select point_key as "pointKey", kind from analytics_point
     where tenant_id = current_tenant() and ($1::text[] is null or point_key = any($1)) order by point_key`,
    [named],
  );
  return rows;
}

export async function placed(deps: ThresholdDeps, tenantId: string, candidate: Candidate): Promise<KnownPoint> {
  const facts = await deps.facts.facts(tenantId, candidate.pointKey);
  return {
    ...candidate,
    machineId: facts?.machineId ?? null,
    machineClass: facts?.machineClass ?? null,
    assetId: facts?.assetId ?? null,
  };
}

function isReached(point: KnownPoint, edits: readonly Edit[]): boolean {
  return (
    edits.length === 0 || edits.some((e) => settingNamed(e.setting)?.kind === point.kind && reaches(e.scope, point))
  );
}
