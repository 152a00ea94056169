import type { Claim } from '../detectors/observation.ts';
import type { Anomaly } from '../store/anomalies.ts';
import { familyOf } from './faultKey.ts';

/**
 * The confirmed anomaly without a name that a named claim explains: what deviates elsewhere on the machine, or in another
 * quantity of the same component, is taken for the consequence of what can be named. The oldest, if there are several.
 */
export function explains(claim: Claim, machineId: string | null, open: readonly Anomaly[]): Anomaly | null {
  if (familyOf(claim.fault) === 'general' || machineId === null) return null;
  return (
    open.find((a) => a.status === 'confirmed' && a.machineId === machineId && familyOf(a.fault) === 'general') ?? null
  );
}

/**
 * The open anomaly that a claim belongs to, so that one fault does not open several:
 * 1. a confirmed one with the claim's own key, or of its family on its asset;
 * 2. for a deviation or a level without a name: a confirmed one on the same asset or machine, whose consequence it is;
 * 3. cross-talk: a confirmed one of the same family on another component of the machine that speaks at least as loudly.
 *    The first to rise is named; a component that grows louder than it opens its own;
 * 4. one with the claim's own key that is only suspected.
 *
 * A sensor's fault explains nothing about the machine, so nothing belongs to it.
 *
 * @param open open anomalies of the machine or key, oldest first
 */
export function belongsTo(
  claim: Claim,
  faultKey: string,
  assetId: string | null,
  machineId: string | null,
  open: readonly Anomaly[],
): Anomaly | null {
  const same = open.find((anomaly) => anomaly.faultKey === faultKey) ?? null;
  const family = familyOf(claim.fault);
  // What is only suspected gives way to what has been confirmed on its machine meanwhile.
  if (same?.status === 'confirmed') return same;
  const confirmed = open.filter(
    (anomaly) =>
      anomaly.status === 'confirmed' &&
      anomaly.fault !== 'sensor' &&
      ((assetId !== null && anomaly.assetId === assetId) || (machineId !== null && anomaly.machineId === machineId)),
  );
  if (family === 'general') return confirmed[0] ?? same;
  const like = confirmed.filter((anomaly) => familyOf(anomaly.fault) === family);
  return (
    like.find((a) => assetId !== null && a.assetId === assetId) ??
    like.find((a) => a.strength >= claim.strength) ??
    same
  );
}
