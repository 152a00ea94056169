import type { FaultName } from '../detectors/state.ts';
import type { PointFacts } from '../facts/machineFacts.ts';

/** Faults that one repair answers together: whichever is named first, it is one anomaly and one work order. */
export type FaultFamily = 'bearing' | 'rotor' | 'gear' | 'electrical' | 'general' | 'sensor';

export function familyOf(fault: FaultName): FaultFamily {
  switch (fault) {
    case 'inner':
    case 'outer':
    case 'ball':
    case 'cage':
    case 'lubrication':
      return 'bearing';
    case 'unbalance':
    case 'misalignment':
    case 'looseness':
      return 'rotor';
    case 'gear':
      return 'gear';
    case 'electrical':
      return 'electrical';
    case 'severity':
    case 'deviation':
      return 'general';
    case 'sensor':
      return 'sensor';
    default:
      return fault satisfies never;
  }
}

/**
 * Stable name of a fault: the asset that fails (the point itself when the CMDB does not know it, or when it is its
 * sensor that fails) and the family.
 */
export function faultKeyOf(pointKey: string, facts: PointFacts | null, fault: FaultName): string {
  if (fault === 'sensor') return `point:${pointKey}:sensor`;
  return `${facts ? `asset:${failingAsset(facts, fault).id}` : `point:${pointKey}`}:${familyOf(fault)}`;
}

/** What a fault is a fault of: a rotor's is the machine's, whichever of its bearings is heard; any other the component's. */
export function failingAsset(facts: PointFacts, fault: FaultName): { id: string; name: string } {
  if (familyOf(fault) === 'rotor') return { id: facts.machineId, name: facts.machineName };
  return { id: facts.assetId, name: facts.assetName };
}
