import type { Clock, Database, Outbox } from '../../../platform/index.ts';
import { currentModel } from '../../model/store.ts';
import type { AssetGraph } from '../assetGraph.ts';
import { applyChanges } from './apply.ts';
import { changesSince } from './changesSince.ts';
import { historyOf } from './history.ts';
import { loadGraph } from './load.ts';
import { readVersion } from './readVersion.ts';

/** The dependency graph on PostgreSQL: the system of record. */
export function postgresAssetGraph(deps: { db: Database; outbox: Outbox; clock: Clock }): AssetGraph {
  const { db } = deps;
  return {
    model: (tenantId) => db.tenant(tenantId, currentModel),
    version: (tenantId) => db.tenant(tenantId, readVersion),
    load: (tenantId, begin, depth) => loadGraph(db, tenantId, begin, depth),
    changesSince: (tenantId, since) => db.tenant(tenantId, (tx) => changesSince(tx, since)),
    apply: (tenantId, changes, origin) => db.tenant(tenantId, (tx) => applyChanges(deps, tx, changes, origin)),
    history: (tenantId, ciId, page) => db.tenant(tenantId, (tx) => historyOf(tx, ciId, page)),
  };
}
