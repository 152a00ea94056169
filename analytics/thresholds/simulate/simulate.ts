import { readStretches } from '../../history/store.ts';
import type { ThresholdDeps } from '../deps.ts';
import { inForceOf } from '../inForce.ts';
import { type Plan, planReplay } from './plan.ts';
import type { ReplayResult } from './replay.ts';
import { closeAfterMsOf, type SimulationRequest, withEdits } from './request.ts';
import type { SimulationResult } from './result.ts';
import type { ReplayRunner } from './runner.ts';
import { type PlacedFiring, scoreFirings } from './score.ts';
import type { FeatureCount } from './tally.ts';
import { type Truth, truthsOf } from './truth.ts';

const MOST_FIRINGS = 200;

/** Told how far it is, in observations; may throw to give up. */
export type Progress = (done: number, total: number) => Promise<void>;

/** What one setting did at all points together. */
interface Gathered {
  readonly firings: PlacedFiring[];
  readonly features: Map<string, FeatureCount>;
  readonly of: ReplayResult[];
}

/**
 * Replays the stored history of the points that a request names or reaches, under what holds now and under what is
 * proposed, and sets both against what people found.
 *
 * @throws THRESHOLD_NO_HISTORY, THRESHOLD_TOO_MUCH, THRESHOLD_REPLAY_FAILED
 */
export async function simulate(
  deps: ThresholdDeps,
  tenantId: string,
  request: SimulationRequest,
  runner: ReplayRunner,
  progress: Progress = async () => undefined,
): Promise<SimulationResult> {
  const plan = await planReplay(deps, tenantId, request);
  const { inForce, points, fromMs, toMs, observations } = plan;
  const proposal = inForceOf(inForce.version, withEdits(inForce.values, request.edits));
  const closeAfterMs = closeAfterMsOf(request);
  const truths = await deps.db.tenant(tenantId, (tx) => truthsOf(tx, deps.orders, points, { fromMs, toMs }));
  const [current, proposed] = [gather(), gather()];
  const reproduced = { compared: 0, equal: 0 };
  const watched = points.length === 1 ? request.watch : undefined;
  let done = 0;
  let busyMs = 0;
  for (const point of points) {
    const settings = [inForce.settingsFor(point), proposal.settingsFor(point)];
    const begun = performance.now();
    const answer = await runner.run(
      { settings, options: { fromMs, toMs, closeAfterMs, watch: watched }, compare: true },
      readStretches(deps.db, tenantId, point.pointKey, point.span.startSequence),
    );
    busyMs += performance.now() - begun;
    add(current, point.pointKey, answer.results[0]!);
    add(proposed, point.pointKey, answer.results[1]!);
    reproduced.compared += answer.reproduced.compared;
    reproduced.equal += answer.reproduced.equal;
    done += point.span.observations;
    await progress(done, observations);
  }
  return compose(plan, { current, proposed, truths, closeAfterMs, reproduced, busyMs, watched });
}

const gather = (): Gathered => ({ firings: [], features: new Map(), of: [] });

function add(to: Gathered, pointKey: string, result: ReplayResult): void {
  for (const firing of result.firings) to.firings.push({ ...firing, pointKey });
  for (const count of result.features) {
    const known = to.features.get(count.feature);
    if (!known) {
      to.features.set(count.feature, { ...count });
      continue;
    }
    known.judged += count.judged;
    known.spoke += count.spoke;
    known.episodes += count.episodes;
    if (count.maxZ !== null) known.maxZ = Math.max(known.maxZ ?? count.maxZ, count.maxZ);
  }
  to.of.push({ ...result, firings: [] });
}

function compose(
  { inForce, points, fromMs, toMs }: Plan,
  made: {
    current: Gathered;
    proposed: Gathered;
    truths: readonly Truth[];
    closeAfterMs: number;
    reproduced: { compared: number; equal: number };
    busyMs: number;
    watched: string | undefined;
  },
): SimulationResult {
  const { current, proposed, truths, closeAfterMs } = made;
  const against = { closeAfterMs, spanMs: toMs - fromMs };
  const [now, then] = [current, proposed].map(({ firings }) => scoreFirings(firings, truths, points, against));
  const sum = (of: Gathered, key: 'suspicions' | 'gated' | 'joined' | 'observations') =>
    of.of.reduce((total, result) => total + result[key], 0);
  const side = (of: Gathered, score: NonNullable<typeof now>['score']) => ({
    score,
    suspicions: sum(of, 'suspicions'),
    gated: sum(of, 'gated'),
    joined: sum(of, 'joined'),
    firings: of.firings
      .toSorted((a, b) => a.atMs - b.atMs)
      .slice(0, MOST_FIRINGS)
      .map(({ sequence: _, ...firing }) => ({ ...firing, features: [...firing.features] })),
    truncated: of.firings.length > MOST_FIRINGS,
  });
  const observations = sum(current, 'observations');
  const names = [...new Set([...current.features.keys(), ...proposed.features.keys()])].sort();
  return {
    ...{ fromMs, toMs, points: points.length, observations },
    settingsVersion: inForce.version,
    observationsPerSecond: made.busyMs > 0 ? Math.round((observations * 1000) / made.busyMs) : null,
    current: side(current, now!.score),
    proposed: side(proposed, then!.score),
    anomalies: truths.map((truth) => {
      const [currentMs, proposedMs] = [now!.caught.get(truth)!.firedMs, then!.caught.get(truth)!.firedMs];
      const { anomalyId, order, fault, assetName, label, toldMs } = truth;
      const earlierByMs = currentMs !== null && proposedMs !== null ? currentMs - proposedMs : null;
      return { anomalyId, order, fault, assetName, label, toldMs, currentMs, proposedMs, earlierByMs };
    }),
    features: names.map((feature) => {
      const [a, b] = [current.features.get(feature) ?? null, proposed.features.get(feature) ?? null];
      const { unit, group } = (a ?? b)!;
      const counted = (of: FeatureCount | null) =>
        of && { judged: of.judged, spoke: of.spoke, episodes: of.episodes, maxZ: of.maxZ };
      return { feature, unit, group, current: counted(a), proposed: counted(b) };
    }),
    series:
      made.watched === undefined
        ? null
        : {
            pointKey: points[0]!.pointKey,
            feature: made.watched,
            current: [...current.of[0]!.series],
            proposed: [...proposed.of[0]!.series],
          },
    reproduced: made.reproduced,
  };
}
