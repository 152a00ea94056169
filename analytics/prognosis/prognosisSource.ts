import type { Database } from '../../platform/index.ts';
import { type Anomaly, openOnAssets } from '../store/anomalies.ts';
import { anomalyLife } from './anomalyLife.ts';
import type { RemainingLife } from './point/remainingLife.ts';

/** How long an asset has left, hours from `at`: in nine of ten cases more than p10, in one of ten more than p90. */
export interface LifeEstimate {
  readonly p10Hours: number;
  readonly p50Hours: number;
  readonly p90Hours: number;
  readonly method: string;
  /** The last measurement, by which it was estimated. */
  readonly at: Date;
}

/**
 * Where others learn how long components and machines last. An asset is told null where no end is in sight: without a
 * confirmed fault, where its course foretells nothing yet, and where even the interval's upper end lies beyond what its
 * course can carry.
 */
export interface PrognosisSource {
  of(tenantId: string, assetIds: readonly string[]): Promise<Map<string, LifeEstimate | null>>;
}

/** Answers from the open anomalies of the components and machines asked for; of several the soonest counts. Read only. */
export function createPrognosisSource(db: Database): PrognosisSource {
  return {
    of: (tenantId, assetIds) =>
      db.tenant(tenantId, async (tx) => {
        const found = new Map<string, LifeEstimate | null>(assetIds.map((id) => [id, null]));
        if (assetIds.length === 0) return found;
        for (const anomaly of await openOnAssets(tx, assetIds)) {
          const estimate = estimateOf(await anomalyLife(tx, anomaly));
          if (estimate) noteSooner(found, anomaly, estimate);
        }
        return found;
      }),
  };
}

function estimateOf(life: RemainingLife): LifeEstimate | null {
  if (life.kind !== 'interval' || life.highHours === null) return null;
  const { lowHours, medianHours, highHours, method, asOfMs } = life;
  return { p10Hours: lowHours, p50Hours: medianHours, p90Hours: highHours, method, at: new Date(asOfMs) };
}

function noteSooner(found: Map<string, LifeEstimate | null>, { assetId, machineId }: Anomaly, estimate: LifeEstimate) {
  const endMs = ({ at, p50Hours }: LifeEstimate) => at.getTime() + p50Hours * 3_600_000;
  for (const id of [assetId, machineId]) {
    const known = id === null ? undefined : found.get(id);
    if (id === null || known === undefined) continue;
    if (known === null || endMs(estimate) < endMs(known)) found.set(id, estimate);
  }
}
