import type { Observation, Verdict } from '../../detectors/observation.ts';
import { observe } from '../../detectors/observe.ts';
import { forgetNormal, type Label, rebaseline } from '../../detectors/rebaseline.ts';
import type { DetectorState, FaultName, Level, OpenClaim } from '../../detectors/state.ts';
import { evidentZone } from '../../detectors/waveformObservation.ts';
import type { Intervention, RecordedObservation } from '../../history/record.ts';
import type { Stretch } from '../../history/store.ts';
import type { PointSettings, ZoneLimits } from '../settingsFor.ts';
import { ownLimits, zoneWithin } from '../zone.ts';
import { createTally, type FeatureCount, type SeriesPoint } from './tally.ts';

/** A fault that the detector confirmed in a replay. */
export interface Firing {
  readonly sequence: number;
  readonly atMs: number;
  readonly fault: FaultName;
  readonly basis: string;
  readonly level: Level;
  readonly confidence: number;
  readonly regime: string | null;
  /** The features that spoke, the loudest first. */
  readonly features: readonly string[];
  /** The anomaly of history that it is; null where history has none that went the same way. */
  readonly anomalyId: string | null;
  endedMs: number | null;
  /** What ended it: people's label in history, an assumed closure, or nothing so far. */
  ended: Label | 'assumed' | null;
}

export interface ReplayOptions {
  /** Only what was observed in [fromMs, toMs) counts; what a replay needs before it is judged without being counted. */
  readonly fromMs: number;
  readonly toMs: number;
  /** An anomaly that history does not have is taken to be looked at and closed after so long, without a repair. */
  readonly closeAfterMs: number;
  /** A feature whose course and limit are wanted. */
  readonly watch?: string | undefined;
  /** Told of every verdict, in order; for comparing with what was recorded. */
  readonly onVerdict?: (verdict: Verdict, recorded: RecordedObservation) => void;
}

export interface ReplayResult {
  /** Observations judged in the span, gated ones included. */
  readonly observations: number;
  readonly gated: number;
  readonly suspicions: number;
  readonly firings: readonly Firing[];
  /** Times that the point joined an anomaly which another point had raised. */
  readonly joined: number;
  readonly features: readonly FeatureCount[];
  readonly series: readonly SeriesPoint[];
}

/** Judges a point's history anew, stretch by stretch; bounded memory. */
export interface Replay {
  /** @returns false when what follows cannot count any more */
  take(stretch: Stretch): boolean;
  result(): ReplayResult;
}

const OWN = 'replayed:';

/**
 * Runs the live engine over recorded observations under given settings.
 *
 * Where it goes the way that history went, what carried a verdict out then (another point's anomaly that was joined,
 * a label) is done again, so that under the settings that held the verdicts are exactly those of then. Where it goes
 * another way: a suspicion opens, a confirmation freezes, a repair that history has starts the baselines afresh, and a
 * false alarm of history teaches caution only if it was raised in the replay too.
 */
export function createReplay(settings: PointSettings, options: ReplayOptions): Replay {
  let state: DetectorState | null = null;
  /** What the point had open in history. */
  let recordedOpen: OpenClaim | null = null;
  const firings: Firing[] = [];
  let current: Firing | null = null;
  const tally = createTally(options.watch);
  let gated = 0;
  let suspicions = 0;
  let joined = 0;
  let lastSequence = 0;

  const end = (ended: Firing['ended'], atMs: number) => {
    if (current) Object.assign(current, { ended, endedMs: atMs });
    current = null;
  };

  const intervene = (own: DetectorState, done: Intervention, atMs: number) => {
    if (done.fault === 'sensor') {
      if (own.open === null) forgetNormal(own);
      return;
    }
    const follows = isSame(own.open, recordedOpen);
    recordedOpen = null;
    // A repair is in the data whoever asked for it; a mere word was given only if there was an alarm to give it on.
    if (!follows && own.open === null && done.label !== 'confirmed') return;
    rebaseline(own, done.label, { fault: done.fault, strength: done.strength });
    end(done.label, atMs);
  };

  const closeUnanswered = (own: DetectorState, atMs: number) => {
    if (!current || recordedOpen || !own.open?.anomalyId.startsWith(OWN)) return;
    if (atMs < current.atMs + options.closeAfterMs) return;
    rebaseline(own, 'other_cause', { fault: own.open.fault, strength: own.open.strength });
    end('assumed', atMs);
  };

  const judgeOne = (own: DetectorState, recorded: RecordedObservation): void => {
    const { timeMs } = recorded.observation;
    closeUnanswered(own, timeMs);
    const follows = isSame(own.open, recordedOpen);
    const wasConfirmed = own.open?.status === 'confirmed';
    own.sequence = recorded.sequence - 1; // late data were judged live and are not kept
    const verdict = observe(own, settings.detector, underLimits(recorded, settings.zoneLimitsMmS));
    if (follows && verdict.act === recorded.act) {
      if (recorded.open !== undefined) own.open = recorded.open && { ...recorded.open };
    } else own.open = carriedOut(own, verdict, recorded.sequence);
    if (recorded.open !== undefined) recordedOpen = recorded.open;

    const counts = timeMs >= options.fromMs;
    if (!own.open) end(null, timeMs);
    else if (own.open.status === 'confirmed' && !wasConfirmed && verdict.claim) {
      if (own.open.part === 'origin') {
        current = firingOf(verdict, own.open, recorded);
        if (counts) firings.push(current);
      } else if (counts) joined += 1;
    }
    if (!counts) return;
    if (verdict.gate) gated += 1;
    if (verdict.act === 'suspect') suspicions += 1;
    tally.add(timeMs, verdict.scored, verdict.gate === null);
    options.onVerdict?.(verdict, recorded);
  };

  return {
    take: (stretch) => {
      const begins = state === null;
      if (state === null) {
        if (stretch.state === null) throw new Error('a replay begins at a stretch that knows the memory before it');
        state = structuredClone(stretch.state);
        recordedOpen = state.open;
      }
      for (const [i, recorded] of stretch.recorded.entries()) {
        const { timeMs } = recorded.observation;
        if (recorded.sequence <= lastSequence) continue; // packed meanwhile, and so read twice
        if (timeMs >= options.toMs) return false;
        lastSequence = recorded.sequence;
        // The memory that a replay begins with was written after what people did before its first observation.
        if (!(begins && i === 0)) for (const done of recorded.interventions ?? []) intervene(state, done, timeMs);
        judgeOne(state, recorded);
      }
      return true;
    },
    result: () => ({
      observations: tally.observations(),
      gated,
      suspicions,
      firings,
      joined,
      features: tally.features(),
      series: tally.series(),
    }),
  };
}

function isSame(a: OpenClaim | null, b: OpenClaim | null): boolean {
  return a?.anomalyId === b?.anomalyId && a?.status === b?.status;
}

/** What the point has open once a verdict is carried out, with no other point to join. */
function carriedOut({ open }: DetectorState, verdict: Verdict, sequence: number): OpenClaim | null {
  const { act, claim } = verdict;
  switch (act) {
    case 'none':
      return open;
    case 'fade':
      return null;
    case 'suspect':
    case 'confirm':
    case 'escalate':
    case 'refine': {
      if (!claim) return open;
      const { fault, level, strength } = claim;
      const status = act === 'suspect' ? 'suspected' : 'confirmed';
      return { anomalyId: open?.anomalyId ?? `${OWN}${sequence}`, fault, status, level, part: 'origin', strength };
    }
    default:
      return act satisfies never;
  }
}

function firingOf(verdict: Verdict, open: OpenClaim, { sequence, observation }: RecordedObservation): Firing {
  const { basis, confidence, fault, level } = verdict.claim!;
  const speaking = verdict.scored.filter((feature) => feature.speaks);
  return {
    sequence,
    atMs: observation.timeMs,
    fault,
    basis,
    level,
    confidence,
    regime: verdict.regime,
    features: speaking.toSorted((a, b) => Math.abs(b.z ?? 0) - Math.abs(a.z ?? 0)).map(({ name }) => name),
    anomalyId: open.anomalyId.startsWith(OWN) ? null : open.anomalyId,
    endedMs: null,
    ended: null,
  };
}

/** The observation with its zone under the limits that are tried. */
function underLimits({ observation, severity }: RecordedObservation, own: ZoneLimits): Observation {
  const velocity = observation.features.find(({ name }) => name === 'velocityRms')?.value;
  if (velocity === undefined) return observation;
  const limits = ownLimits(severity?.limitsMmS ?? null, own);
  if (limits) return { ...observation, zone: zoneWithin(velocity, limits) };
  if (!severity) return { ...observation, zone: null };
  const zone = evidentZone({ zone: zoneWithin(velocity, severity.limitsMmS), assumed: severity.assumed });
  return { ...observation, zone };
}
