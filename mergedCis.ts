import { CiMerged, type MergedCi } from './cmdb/index.ts';
import type { Consumer, Tx } from './platform/index.ts';

/** Lets what analytics knows of a CI that was merged into another be that one's: analytics itself knows no CMDB. */
export function mergedCis(analytics: { ciMerged(tx: Tx, merged: MergedCi): Promise<void> }): Consumer<MergedCi> {
  return {
    name: 'analytics.ci-merged',
    event: CiMerged,
    // In the order of the merges: what one kept the next may merge into another.
    concurrency: 1,
    handle: async (tx, events) => {
      for (const { payload } of events) await analytics.ciMerged(tx, payload);
    },
  };
}
