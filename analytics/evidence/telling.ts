import type { JointPart } from '../detectors/joint/joint.ts';
import type { Claim, ScoredFeature, Verdict } from '../detectors/observation.ts';
import type { Member } from '../worker/companions.ts';
import type { Judged } from './judged.ts';

/** What course a card draws: of which point, which feature, and where its normal lies. */
export interface Telling {
  readonly pointKey: string;
  readonly name: string;
  readonly unit: string;
  readonly centre: number | null;
  readonly upper: number | null;
}

/**
 * The feature whose course tells most: where several values speak together the one that has the greatest part in it, which
 * may be another point's; else the loudest that speaks, else the level people know.
 */
export function telling(judged: Pick<Judged, 'verdict' | 'claim' | 'company' | 'pointKey'>): Telling | null {
  const { verdict, pointKey } = judged;
  const other = mainCompanion(judged);
  if (other) return { pointKey: other.pointKey, name: 'value', unit: other.member.unit, centre: null, upper: null };
  const found = mainFeature(judged) ?? loudest(verdict.scored);
  if (!found) return null;
  const { name, unit, centre, upper } = found;
  return { pointKey, name, unit, centre, upper };
}

/** The other point that has the greatest part in what several said together; null where it is this one's own affair. */
export function mainCompanion({
  verdict,
  claim,
  company,
}: Pick<Judged, 'verdict' | 'claim' | 'company'>): { pointKey: string; member: Member } | null {
  const main = mainPart(verdict, claim);
  const member = main && company?.members[main.name];
  return member ? { pointKey: main.name, member } : null;
}

function mainFeature({ verdict, claim }: Pick<Judged, 'verdict' | 'claim'>): ScoredFeature | undefined {
  const main = mainPart(verdict, claim);
  return main && verdict.scored.find(({ name }) => name === main.name);
}

/** The value that has the greatest part in what several said together; none where it was not they who spoke. */
function mainPart(verdict: Verdict, claim: Claim): JointPart | undefined {
  return claim.basis === 'joint' ? verdict.joint?.parts[0] : undefined;
}

function loudest(scored: readonly ScoredFeature[]): ScoredFeature | undefined {
  const speaking = scored.filter((f) => f.speaks).toSorted((a, b) => Math.abs(b.z ?? 0) - Math.abs(a.z ?? 0));
  return speaking[0] ?? scored.find((f) => f.name === 'velocityRms') ?? scored[0];
}
