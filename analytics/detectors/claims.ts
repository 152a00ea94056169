import type { Claim, NamedEvidence, ScoredFeature } from './observation.ts';
import type { Rise } from './rise/rise.ts';
import type { DetectorSettings } from './settings.ts';
import type { DetectorState, FaultName, Vote } from './state.ts';

/** A fault said to be a false alarm must come back this much stronger, dB or z, before it is believed again. */
const DISMISSED_MARGIN = 3;
/** Geometry that nothing else supports stays below this; agreement with the point's own past lifts it. */
const GEOMETRY_CONFIDENCE_LIMIT = 0.6;
const ZONE_CONFIDENCE_LIMIT = 0.75;
/** A level alone says that something grows, not what. */
const RISE_CONFIDENCE_LIMIT = 0.6;

const BEARING = new Set<FaultName>(['inner', 'outer', 'ball', 'cage']);

/** Mean level of the harmonics above the floor, dB; 0 without any. */
export function harmonicStrength(diagnosis: NamedEvidence | null): number {
  if (!diagnosis || diagnosis.harmonics.length === 0) return 0;
  return diagnosis.harmonics.reduce((sum, h) => sum + h.snrDb, 0) / diagnosis.harmonics.length;
}

/** Whether people dismissed this fault when it spoke as loudly as now. */
export function isDismissed(state: DetectorState, fault: FaultName, strength: number): boolean {
  return state.dismissed.some((past) => past.fault === fault && strength < past.strength + DISMISSED_MARGIN);
}

/** The largest deviation that speaks, in z; 0 when none does. */
export function loudest(scored: readonly ScoredFeature[]): number {
  return scored.reduce((most, feature) => (feature.speaks ? Math.max(most, Math.abs(feature.z ?? 0)) : most), 0);
}

function countIn(votes: readonly Vote[], of: number, matches: (vote: Vote) => boolean): number {
  return votes.slice(-of).filter(matches).length;
}

const isZoneAlarm = (vote: Vote) => vote.zone === 'C' || vote.zone === 'D';

export interface Candidate {
  claim: Claim;
  /** 1 or more: believed; half or more: suspected. */
  progress: number;
}

function named(
  state: DetectorState,
  settings: DetectorSettings,
  diagnosis: NamedEvidence | null,
  level: Claim['level'],
): Candidate | null {
  const fault = diagnosis?.fault;
  if (!diagnosis || !fault) return null;
  const strength = harmonicStrength(diagnosis);
  if (isDismissed(state, fault, strength)) return null;
  const { agreed, geometry } = settings;
  const speaksToo = (vote: Vote) => vote.groups.length > 0 || isZoneAlarm(vote);
  const together = countIn(state.votes, agreed.of, (v) => v.fault === fault && speaksToo(v)) / agreed.needed;
  const alone = Math.min(
    countIn(state.votes, geometry.of, (v) => v.fault === fault) / geometry.needed,
    diagnosis.blocks / geometry.blocks,
  );
  // A bearing frequency is where it is by geometry alone; a shaft line is there in every healthy machine as well.
  const aloneCounts = BEARING.has(fault) ? alone : alone / 2;
  if (together >= 1) {
    // Agreement with the standard's limits alone says less than with the point's own past.
    const limit = state.votes.slice(-agreed.of).some((v) => v.groups.length > 0) ? 0.97 : ZONE_CONFIDENCE_LIMIT;
    const confidence = Math.min(limit, Math.max(diagnosis.confidence, 0.5) + 0.2);
    return { claim: { fault, basis: 'agreement', confidence, level, strength }, progress: together };
  }
  const confidence = Math.min(diagnosis.confidence, GEOMETRY_CONFIDENCE_LIMIT);
  return {
    claim: { fault, basis: 'geometry', confidence, level, strength },
    progress: Math.max(together, aloneCounts),
  };
}

function unnamed(
  state: DetectorState,
  settings: DetectorSettings,
  scored: readonly ScoredFeature[],
  level: Claim['level'],
): Candidate | null {
  const strength = loudest(scored);
  if (isDismissed(state, 'deviation', strength)) return null;
  const { needed, of } = settings.deviation;
  const progress = countIn(state.votes, of, (v) => v.groups.length >= settings.agreeingGroups) / needed;
  if (progress === 0) return null;
  const confidence = Math.min(0.8, 0.4 + 0.02 * strength);
  return { claim: { fault: 'deviation', basis: 'deviation', confidence, level, strength }, progress };
}

function severe(state: DetectorState, settings: DetectorSettings, level: Claim['level']): Candidate | null {
  const { needed, of } = settings.severity;
  const progress = countIn(state.votes, of, isZoneAlarm) / needed;
  const strength = state.votes.at(-1)?.zone === 'D' ? 2 : 1;
  // A dismissed zone C speaks again when it has become a D.
  if (progress === 0 || state.dismissed.some((past) => past.fault === 'severity' && past.strength >= strength))
    return null;
  return { claim: { fault: 'severity', basis: 'severity', confidence: 0.7, level, strength }, progress };
}

/** A level that rises out of its recent past: by itself worth what the settings say. */
export function risingClaim(
  state: DetectorState,
  settings: DetectorSettings,
  rise: Rise | null,
  level: Claim['level'],
): Candidate | null {
  if (!rise || settings.riseWorth === 0 || isDismissed(state, 'deviation', rise.z)) return null;
  const confidence = Math.min(RISE_CONFIDENCE_LIMIT, 0.3 + 0.02 * rise.z);
  const claim: Claim = { fault: 'deviation', basis: 'deviation', confidence, level, strength: rise.z };
  return { claim, progress: settings.riseWorth };
}

/**
 * The strongest claim that the recent observations support. A fault with a name is preferred to one without as soon
 * as both are believed, and a level beyond the standard's limits to an unexplained deviation.
 */
export function strongestClaim(
  state: DetectorState,
  settings: DetectorSettings,
  diagnosis: NamedEvidence | null,
  scored: readonly ScoredFeature[],
  level: Claim['level'],
): Candidate | null {
  const candidates = [
    named(state, settings, diagnosis, level),
    severe(state, settings, level),
    unnamed(state, settings, scored, level),
  ].filter((candidate) => candidate !== null);
  return (
    candidates.find((candidate) => candidate.progress >= 1) ??
    candidates.toSorted((a, b) => b.progress - a.progress)[0] ??
    null
  );
}
