import type { Tx } from '../../../platform/index.ts';
import { readStretches } from '../../history/store.ts';
import type { PointKind } from '../../store/pointMemory.ts';
import { CATALOGUE, type Setting, settingNamed } from '../catalogue.ts';
import { applyUnasked, propose, withdraw } from '../change/changes.ts';
import type { ThresholdDeps } from '../deps.ts';
import { inForceOf } from '../inForce.ts';
import { type NumberPath, numberAt } from '../numberPath.ts';
import { type Scope, scopeText, TENANT_WIDE } from '../scope.ts';
import { type Plan, placed, planReplay } from '../simulate/plan.ts';
import { type Edit, withEdits } from '../simulate/request.ts';
import type { ReplayRunner } from '../simulate/runner.ts';
import { type PlacedFiring, type Score, scoreFirings } from '../simulate/score.ts';
import type { Progress } from '../simulate/simulate.ts';
import { type KnownPoint, truthsOf } from '../simulate/truth.ts';
import { listChanges } from '../store/changes.ts';
import { type PolicyTerms, readPolicy } from '../store/policies.ts';

/** What proposals are asked for with; everything else is the tenant's policy. */
export interface LabelsRequest {
  readonly closeAfterHours: number;
}

/** What the labels of one scope say. */
export interface ScopeVerdict {
  readonly scope: Scope;
  readonly kind: PointKind;
  readonly labels: number;
  readonly points: number;
  readonly current: Score;
  /** The best of what was tried; null when nothing is better than what holds. */
  readonly best: { readonly setting: string; readonly from: number; readonly to: number; readonly score: Score } | null;
  readonly changeId: string | null;
  readonly applied: boolean;
}

export interface LabelsResult {
  readonly scopes: readonly ScopeVerdict[];
  /** Scopes with labels, but fewer than the policy wants. */
  readonly tooFew: number;
}

export const BY_LABELS = { name: 'Faultline (labels)', id: null } as const;

/** What is tried: how far a feature must deviate, and how often a name on geometry alone must come back. */
const TUNED: Readonly<Record<PointKind, readonly NumberPath[]>> = {
  waveform: ['deviationZ', 'geometry.needed'],
  reading: ['deviationZ', 'deviation.needed'],
};
const HOUR_MS = 3_600_000;
/** A fault that nobody was told of costs as much as so many false alarms; an alarm nobody knows about, half of one. */
const MISSED_COST = 4;
const UNKNOWN_COST = 0.5;
/** Less than one label's worth of improvement is chance. */
const WORTH_PROPOSING = 1;
const MOST_SCOPES = 50;

/**
 * Tries one bounded step up and down for every scope with enough labels, and proposes what would have been better:
 * fewer false alarms at no price in missed faults, or fewer missed faults. Applies it when the tenant allows that.
 */
export async function proposeFromLabels(
  deps: ThresholdDeps,
  tenantId: string,
  request: LabelsRequest,
  runner: ReplayRunner,
  progress: Progress,
): Promise<LabelsResult> {
  const { policy, labelled } = await deps.db.tenant(tenantId, async (tx) => ({
    policy: await readPolicy(tx),
    labelled: await labelledPoints(tx),
  }));
  const groups = await groupsOf(deps, tenantId, labelled);
  const enough = groups.filter((group) => group.labels >= policy.minLabels).slice(0, MOST_SCOPES);
  const scopes: ScopeVerdict[] = [];
  for (const [i, group] of enough.entries()) {
    await progress(i, enough.length);
    scopes.push(await judgeScope(deps, tenantId, request, policy, group, runner));
  }
  return { scopes, tooFew: groups.length - enough.length };
}

interface Labelled {
  readonly pointKey: string;
  readonly kind: PointKind;
  readonly labels: number;
}

async function labelledPoints(tx: Tx): Promise<Labelled[]> {
  const { rows } = await tx.query<Labelled>(
    `select a.point_key as "pointKey", p.kind, count(*)::int as labels
     from anomaly a join analytics_point p on p.tenant_id = a.tenant_id and p.point_key = a.point_key
     where a.tenant_id = current_tenant() and a.label in ('confirmed', 'false_alarm') and a.fault <> 'sensor'
     group by a.point_key, p.kind order by a.point_key`,
  );
  return rows;
}

interface Group {
  readonly scope: Scope;
  readonly kind: PointKind;
  labels: number;
  readonly pointKeys: string[];
}

/** Labels by machine class where there is one, else by point: what one machine teaches serves its like. */
async function groupsOf(deps: ThresholdDeps, tenantId: string, labelled: readonly Labelled[]): Promise<Group[]> {
  const groups = new Map<string, Group>();
  for (const { labels, ...candidate } of labelled) {
    const point = await placed(deps, tenantId, candidate);
    const scope: Scope =
      point.machineClass === null
        ? { ...TENANT_WIDE, pointKey: point.pointKey }
        : { ...TENANT_WIDE, machineClass: point.machineClass };
    const key = `${point.kind} ${scopeText(scope)}`;
    const group = groups.get(key) ?? { scope, kind: point.kind, labels: 0, pointKeys: [] };
    group.labels += labels;
    group.pointKeys.push(point.pointKey);
    groups.set(key, group);
  }
  return [...groups.values()];
}

interface Candidate {
  readonly setting: Setting;
  readonly from: number;
  readonly edit: Edit;
}

/** One step down and up, and half of it; whole numbers by one. */
function candidatesFor(group: Group, base: KnownPoint, plan: Plan, { maxStepShare }: PolicyTerms): Candidate[] {
  const { detector } = plan.inForce.settingsFor(base);
  return TUNED[group.kind].flatMap((path) => {
    const setting = settingNamed(`${group.kind}.${path}`) ?? CATALOGUE[0]!;
    const from = numberAt(detector, path);
    const steps = setting.whole
      ? [from - 1, from + 1]
      : [-1, -0.5, 0.5, 1].map((share) => Number((from * (1 + share * maxStepShare)).toPrecision(3)));
    return steps
      .filter((value) => value >= setting.min && value <= setting.max && value !== from)
      .map((value) => ({ setting, from, edit: { setting: setting.name, scope: group.scope, value } }));
  });
}

async function judgeScope(
  deps: ThresholdDeps,
  tenantId: string,
  { closeAfterHours }: LabelsRequest,
  policy: PolicyTerms,
  group: Group,
  runner: ReplayRunner,
): Promise<ScopeVerdict> {
  const closeAfterMs = closeAfterHours * HOUR_MS;
  const plan = await planReplay(deps, tenantId, { edits: [], pointKeys: group.pointKeys });
  const { inForce, points, fromMs, toMs } = plan;
  const truths = await deps.db.tenant(tenantId, (tx) => truthsOf(tx, deps.orders, points, { fromMs, toMs }));
  const candidates = candidatesFor(group, points[0]!, plan, policy);
  const tried = [
    inForce,
    ...candidates.map(({ edit }) => inForceOf(inForce.version, withEdits(inForce.values, [edit]))),
  ];
  const firings = tried.map((): PlacedFiring[] => []);
  for (const point of points) {
    const settings = tried.map((of) => of.settingsFor(point));
    const stretches = readStretches(deps.db, tenantId, point.pointKey, point.span.startSequence);
    const { results } = await runner.run(
      { settings, options: { fromMs, toMs, closeAfterMs }, compare: false },
      stretches,
    );
    for (const [i, result] of results.entries())
      for (const firing of result.firings) firings[i]!.push({ ...firing, pointKey: point.pointKey });
  }
  const against = { closeAfterMs, spanMs: toMs - fromMs };
  const [current, ...scores] = firings.map((of) => scoreFirings(of, truths, points, against).score);
  const best = bestOf(current!, candidates, scores);
  const said = { scope: group.scope, kind: group.kind, labels: group.labels, points: points.length, current: current! };
  if (!best) return { ...said, best: null, changeId: null, applied: false };
  const { changeId, applied } = await deps.db.tenant(tenantId, (tx) => put(deps, tx, policy, group, best, current!));
  const { setting, from, edit } = best.candidate;
  return { ...said, best: { setting: setting.name, from, to: edit.value!, score: best.score }, changeId, applied };
}

const costOf = ({ missed, falseAlarms, unknown }: Score): number =>
  MISSED_COST * missed + falseAlarms + UNKNOWN_COST * unknown;

interface Best {
  readonly candidate: Candidate;
  readonly score: Score;
}

function bestOf(current: Score, candidates: readonly Candidate[], scores: readonly Score[]): Best | null {
  let best: Best | null = null;
  for (const [i, score] of scores.entries()) {
    if (score.missed > current.missed || costOf(current) - costOf(score) < WORTH_PROPOSING) continue;
    if (!best || costOf(score) < costOf(best.score)) best = { candidate: candidates[i]!, score };
  }
  return best;
}

/** Notes the proposal in the place of an older one of its kind, and applies it when that is allowed. */
async function put(
  deps: ThresholdDeps,
  tx: Tx,
  policy: PolicyTerms,
  group: Group,
  { candidate, score }: Best,
  current: Score,
): Promise<{ changeId: string; applied: boolean }> {
  const atMs = deps.clock.nowMs();
  const { setting, scope } = candidate.edit;
  for (const older of await listChanges(tx, { status: 'proposed', setting, limit: 200 })) {
    const isSame = older.edits.some((edit) => scopeText(edit.scope) === scopeText(scope));
    if (older.origin === 'labels' && isSame) await withdraw(tx, older.id, BY_LABELS, atMs, 'newer labels');
  }
  const reason =
    `${group.labels} labelled alarms: false alarms ${current.falseAlarms} → ${score.falseAlarms}, ` +
    `missed faults ${current.missed} → ${score.missed}, unknown alarms ${current.unknown} → ${score.unknown}`;
  const expected = { current, proposed: score };
  const change = await propose(tx, [candidate.edit], BY_LABELS, { origin: 'labels', reason, atMs, expected });
  if (!policy.autoApply) return { changeId: change.id, applied: false };
  await applyUnasked(tx, change.id, BY_LABELS, atMs);
  return { changeId: change.id, applied: true };
}
