import { learn, newBaseline, score } from './baseline.ts';
import { learnJointTails, learnTail, limitOf } from './budget.ts';
import { changeClaim, followChange } from './change.ts';
import { type Candidate, risingClaim, strongestClaim } from './claims.ts';
import type { Joint } from './joint/joint.ts';
import { jointClaim } from './joint/jointClaim.ts';
import { learnJoint } from './joint/jointMemory.ts';
import { judgeJoint, rowOf } from './joint/judgeJoint.ts';
import type { Claim, Feature, Observation, Outcome, ScoredFeature, Verdict } from './observation.ts';
import { beginProbation, onProbation } from './probation.ts';
import { placeOf, regimeAt, regimeOf } from './regime.ts';
import { risen, settleLevels } from './rise/watch.ts';
import { type DetectorSettings, featureSettings } from './settings.ts';
import { beginSettling, isSettling, notePause } from './settling.ts';
import {
  type DetectorState,
  type EvidenceGroup,
  type FaultName,
  type Gate,
  type Level,
  MAX_VOTES,
  type RegimeBaselines,
} from './state.ts';
import { notePlace, transientOf } from './transient.ts';
import { upgrade } from './upgrade.ts';

const SERIOUS_NEEDED = 3;
const SERIOUS_OF = 4;
const SUSPECT_PROGRESS = 0.5;
/** Whether a silence was a stop is not known: it costs few observations. */
const MOST_AFTER_GAP = 3;

/**
 * Judges one observation by what came before it, then remembers it. Changes `state` in place; keeps no other memory.
 *
 * The caller carries out `act` and, when it opens an anomaly, writes it to `state.open`: while that stands the
 * baselines are frozen, so that the detector never learns the fault.
 */
export function observe(state: DetectorState, settings: DetectorSettings, observation: Observation): Verdict {
  upgrade(state);
  state.sequence += 1;
  const gate = gateOf(state, settings, observation);
  if (gate !== 'late') {
    state.newestMs = observation.timeMs;
    notePlace(state, observation, gate);
  }
  if (gate) {
    if (gate === 'stopped' || gate === 'maintenance') settleLevels(state, settings.rise);
    return gated(state, gate);
  }

  const regime = regimeOf(state, placeOf(observation));
  const { key } = regime;
  const scored = observation.features.map((feature) => judge(state, regime, feature, settings));
  const heldBack = onProbation(state, observation, scored, regime);
  const groups = heldBack ? [] : [...new Set(scored.filter((f) => f.speaks).map((f) => f.group as EvidenceGroup))];
  const serious = isSerious(observation, scored, settings.seriousLevelRatio);
  state.votes.push({ fault: observation.diagnosis?.fault ?? null, groups, zone: observation.zone, serious });
  if (state.votes.length > MAX_VOTES) state.votes.shift();

  const level: Level =
    state.votes.slice(-SERIOUS_OF).filter((vote) => vote.serious).length >= SERIOUS_NEEDED ? 'serious' : 'warning';
  // While a confirmed fault stands, nothing of it shall be learnt, its level included.
  const rise = state.open?.status === 'confirmed' ? null : risen(state, settings.rise, observation);
  const row = heldBack ? null : rowOf(observation, scored);
  const joint = row && judgeJoint(state, regime, settings, row);
  const shift = heldBack ? null : followChange(state, settings, observation.timeMs, scored);
  const candidate = stronger(
    stronger(
      strongestClaim(state, settings, observation.diagnosis, scored, level),
      risingClaim(state, settings, rise, level),
    ),
    stronger(jointClaim(state, settings, joint, level), changeClaim(state, settings, shift, level)),
  );
  const progress = candidate?.progress ?? 0;
  state.quiet = progress >= SUSPECT_PROGRESS ? 0 : state.quiet + 1;
  const act = actOf(state, settings, candidate?.claim ?? null, level, progress);
  const frozen = state.open !== null || act === 'suspect' || act === 'confirm';
  const undisturbed = !frozen && progress < SUSPECT_PROGRESS && observation.teaches !== false && !heldBack;
  if (undisturbed) remember(state, regime, scored, settings);
  if (row) rememberJoint(state, regime, joint, settings, undisturbed);
  const coldStart = !scored.some((feature) => feature.group !== null && feature.z !== null);
  return {
    outcome: outcomeOf(state, act, progress, coldStart, observation),
    gate: null,
    regime: key,
    coldStart,
    scored,
    act,
    claim: candidate?.claim ?? null,
    rise,
    joint,
    shift,
    frozen,
  };
}

/** What is nearer to being believed; a claim that has more than the level to show goes first. */
function stronger(usual: Candidate | null, rising: Candidate | null): Candidate | null {
  if (!usual || !rising) return usual ?? rising;
  return usual.progress >= Math.min(1, rising.progress) ? usual : rising;
}

/** Whether a time lies before the newest one seen: what is older is history and is not judged. */
export function isLate(state: DetectorState, timeMs: number): boolean {
  return state.newestMs !== null && timeMs < state.newestMs;
}

/** The reason not to judge. What a gate lets through later must first have settled. */
function gateOf(state: DetectorState, settings: DetectorSettings, observation: Observation): Gate | null {
  const { timeMs, gate } = observation;
  if (isLate(state, timeMs)) return 'late';
  const { mostAfterStart, mostAfterChange } = settings.settling;
  if (notePause(state, timeMs)) beginSettling(state, 'start-up', timeMs, Math.min(MOST_AFTER_GAP, mostAfterStart));
  if (gate === 'stopped') beginSettling(state, 'start-up', timeMs, mostAfterStart);
  if (gate) return gate;
  const change = transientOf(state, observation);
  if (change) beginSettling(state, change, timeMs, mostAfterChange);
  const cause = state.settling?.cause ?? null;
  if (isSettling(state, settings, observation, regimeAt(state, placeOf(observation)))) return cause;
  // A repair, a stop or a long silence may have moved the levels; an open alarm is about the level before.
  if (cause === 'start-up' && state.open === null) beginProbation(state, settings.settling.probation);
  return null;
}

function gated(state: DetectorState, gate: Gate): Verdict {
  return {
    outcome: 'gated',
    gate,
    regime: null,
    coldStart: false,
    scored: [],
    act: 'none',
    claim: null,
    rise: null,
    joint: null,
    shift: null,
    frozen: state.open !== null,
  };
}

function judge(
  state: DetectorState,
  regime: RegimeBaselines,
  feature: Feature,
  settings: DetectorSettings,
): ScoredFeature {
  let baseline = regime.features[feature.name];
  if (!baseline) {
    baseline = newBaseline();
    regime.features[feature.name] = baseline;
  }
  const { z, shift, view } = score(baseline, feature.value, feature.scale, settings.baselineMinCount);
  const limit = limitOf(state, settings, feature.name, regime);
  const loud = z !== null && (settings.twoSided ? Math.abs(z) >= limit : z >= limit);
  const fromDomain = (value: number) => (feature.scale === 'log' ? Math.exp(value) : value);
  return {
    ...feature,
    z,
    shift,
    centre: view && fromDomain(view.centre),
    upper: view && fromDomain(view.centre + limit * view.scale),
    speaks: feature.group !== null && loud,
  };
}

function remember(
  state: DetectorState,
  regime: RegimeBaselines,
  scored: readonly ScoredFeature[],
  settings: DetectorSettings,
): void {
  learnTail(state, settings, scored);
  for (const feature of scored) {
    if (feature.z !== null && Math.abs(feature.z) > featureSettings(settings, feature.name, regime).admitZ) continue;
    const baseline = regime.features[feature.name];
    if (baseline) learn(baseline, feature.value, feature.scale, settings.baselineMinCount);
  }
}

function rememberJoint(
  state: DetectorState,
  regime: RegimeBaselines,
  joint: Joint | null,
  settings: DetectorSettings,
  undisturbed: boolean,
): void {
  const isUsual = undisturbed && joint?.alarm !== true;
  if (isUsual && joint) learnJointTails(state, joint.of);
  if (regime.joint) learnJoint(regime.joint, settings.joint.span, isUsual);
}

function isSerious(observation: Observation, scored: readonly ScoredFeature[], ratio: number): boolean {
  if (observation.zone === 'D') return true;
  return scored.some((f) => f.speaks && f.group === 'level' && f.scale === 'log' && (f.shift ?? 0) >= Math.log(ratio));
}

function actOf(
  state: DetectorState,
  settings: DetectorSettings,
  claim: Claim | null,
  level: Level,
  progress: number,
): Verdict['act'] {
  const { open } = state;
  if (open?.status === 'confirmed') {
    // An unexplained deviation that geometry can name by now keeps its anomaly and gets the name.
    if (progress >= 1 && claim && isUnexplained(open.fault) && !isUnexplained(claim.fault)) return 'refine';
    return open.level === 'warning' && level === 'serious' ? 'escalate' : 'none';
  }
  if (progress >= 1) return 'confirm';
  if (open?.status === 'suspected') return state.quiet >= settings.fadeAfter ? 'fade' : 'none';
  return progress >= SUSPECT_PROGRESS ? 'suspect' : 'none';
}

function isUnexplained(fault: FaultName): boolean {
  return fault === 'deviation' || fault === 'severity';
}

function outcomeOf(
  state: DetectorState,
  act: Verdict['act'],
  progress: number,
  coldStart: boolean,
  observation: Observation,
): Outcome {
  if (act === 'confirm' || state.open?.status === 'confirmed') return 'confirmed';
  if (act === 'suspect' || (state.open?.status === 'suspected' && act !== 'fade')) return 'suspected';
  if (progress > 0) return 'watching';
  if (coldStart) return 'learning';
  return observation.diagnosis?.cannotTell ? 'cannot-tell' : 'well';
}
