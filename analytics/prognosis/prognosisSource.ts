import type { Database } from '../../platform/index.ts';
import { openOnAssets } from '../store/anomalies.ts';
import { anomalyLife } from './anomalyLife.ts';
import type { RemainingLife } from './point/remainingLife.ts';

/** When a configuration item is expected to fail, and what says so. */
export interface CiPrognosis {
  readonly ciId: string;
  readonly anomalyId: string;
  readonly pointKey: string;
  readonly life: Extract<RemainingLife, { kind: 'interval' }>;
}

/**
 * Where others learn how long a configuration item is expected to last. Items without a prognosis are absent: no
 * confirmed fault, or one whose course foretells nothing.
 */
export interface PrognosisSource {
  timeToFailure(tenantId: string, ciIds: readonly string[]): Promise<ReadonlyMap<string, CiPrognosis>>;
}

/** Answers from the open anomalies of the components and machines asked for; of several the soonest counts. */
export function createPrognosisSource(db: Database): PrognosisSource {
  return {
    timeToFailure: (tenantId, ciIds) =>
      db.tenant(tenantId, async (tx) => {
        const wanted = new Set(ciIds);
        const found = new Map<string, CiPrognosis>();
        for (const anomaly of await openOnAssets(tx, ciIds)) {
          const life = await anomalyLife(tx, anomaly);
          if (life.kind !== 'interval') continue;
          for (const ciId of [anomaly.assetId, anomaly.machineId]) {
            if (ciId === null || !wanted.has(ciId)) continue;
            const known = found.get(ciId);
            if (known && known.life.medianHours <= life.medianHours) continue;
            found.set(ciId, { ciId, anomalyId: anomaly.id, pointKey: anomaly.pointKey, life });
          }
        }
        return found;
      }),
  };
}
