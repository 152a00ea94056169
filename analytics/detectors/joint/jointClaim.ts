import { type Candidate, isDismissed } from '../claims.ts';
import type { DetectorSettings } from '../settings.ts';
import type { DetectorState, Level } from '../state.ts';
import type { Joint } from './joint.ts';

/** A kind of evidence counts as involved from this share of the contributions on. */
const INVOLVED_SHARE = 0.15;
/** What contributes says where to look, not what it is. */
const CONFIDENCE_LIMIT = 0.7;
const SUSPICION = 0.5;

/**
 * What several values together are worth: that they are not together as usual, and that they left their range, by what the
 * settings say of each; where more kinds of evidence have to agree than have a part in it, a suspicion at most.
 */
export function jointClaim(
  state: DetectorState,
  settings: DetectorSettings,
  joint: Joint | null,
  level: Level,
): Candidate | null {
  if (!joint) return null;
  const { relationWorth, rangeWorth } = settings.joint;
  const strength = settings.deviationZ * joint.share;
  const worth = Math.max(
    Math.min(joint.progress.relation, 1) * relationWorth,
    Math.min(joint.progress.any, 1) * rangeWorth,
  );
  if (worth === 0 || isDismissed(state, 'deviation', strength)) return null;
  const kinds = new Set(joint.parts.filter(({ share }) => share >= INVOLVED_SHARE).map(({ group }) => group));
  const progress = kinds.size >= settings.agreeingGroups ? worth : Math.min(worth, SUSPICION);
  const confidence = Math.min(CONFIDENCE_LIMIT, 0.35 + 0.1 * joint.share);
  return { claim: { fault: 'deviation', basis: 'joint', confidence, level, strength }, progress };
}
