import { setTimeout as pause } from 'node:timers/promises';
import { type GraphComparison, type GraphMirror, openMirror, postgresAssetGraph } from '../../cmdb/index.ts';
import { createLog, createOutbox, systemClock } from '../../platform/index.ts';
import type { Api } from '../../simulators/attach/index.ts';
import { tiedToCis } from '../../tiedToCis.ts';
import { HOW_TO_GET_NEO4J, type Neo4jEngine, neo4jIsHere, startNeo4j } from '../engines/neo4j.ts';
import { testDatabase } from '../engines/postgres.ts';
import type { FaultCase, FaultRig } from './faultCase.ts';
import { faultPlatform } from './platform.ts';

/** What the cases on Neo4j have in common. */
export const ON_NEO4J: Pick<FaultCase, 'on' | 'lacks'> = {
  on: 'Neo4j',
  lacks: () => {
    if (process.env.TEST_NEO4J_URL) return 'a case kills Neo4j: unset TEST_NEO4J_URL';
    return neo4jIsHere() ? null : HOW_TO_GET_NEO4J;
  },
};

/** As `GET /api/v1/cmdb/mirror` tells it. */
export interface Lag {
  readonly version: string;
  readonly behind: string;
  readonly tiesBehind: number;
  readonly problem: string | null;
}

/** The platform with its graph followed by a Neo4j of the case's own. */
export interface GraphOnNeo4j {
  readonly api: Api;
  readonly engine: Neo4jEngine;
  /** Beside the platform: to look at Neo4j, and to compare. */
  readonly mirror: GraphMirror;
  readonly tenantId: string;
  lag(): Promise<Lag>;
  /** Waits until Neo4j has taken everything; resolves with how long that took, ms. */
  caughtUp(withinMs?: number): Promise<number>;
  compare(): Promise<GraphComparison>;
}

export async function graphOnNeo4j(rig: FaultRig): Promise<GraphOnNeo4j> {
  const engine = await startNeo4j();
  rig.atEnd(() => engine.stop());
  const pg = await testDatabase([]);
  rig.atEnd(() => pg.stop());
  const platform = await faultPlatform(rig.folder, {
    ...{ DATABASE_URL: pg.ownerUrl, FAULTLINE_SECRET_KEY: pg.secretKey, GRAPH_LOAD_FROM: 'neo4j' },
    ...{ NEO4J_URL: engine.url, NEO4J_USER: engine.user, NEO4J_PASSWORD: engine.password },
  });
  rig.atEnd(() => platform.end());
  const api = await platform.start();
  const [tenant] = await pg.asOwner<{ id: string }>('select id from tenant');
  const tenantId = tenant!.id;
  const clock = systemClock();
  const outbox = createOutbox(clock, [], () => undefined);
  const { mirror, close } = openMirror({
    ...{ db: pg.db, record: postgresAssetGraph({ db: pg.db, outbox, clock }), outbox, clock, log: createLog('silent') },
    ...{ settings: { ...engine, database: 'neo4j' }, loadFrom: false, tied: tiedToCis },
  });
  rig.atEnd(() => close());
  const lag = () => api.get<Lag>('/api/v1/cmdb/mirror');
  return {
    ...{ api, engine, mirror, tenantId, lag },
    caughtUp: async (withinMs = 120_000) => {
      const startedMs = performance.now();
      for (;;) {
        const state = await lag();
        if (state.behind === '0' && state.tiesBehind === 0 && state.problem === null)
          return performance.now() - startedMs;
        if (performance.now() - startedMs > withinMs)
          throw new Error(`Neo4j has not caught up: ${JSON.stringify(state)}`);
        await pause(100);
      }
    },
    compare: () => mirror.compare(tenantId),
  };
}

/** CIs, relations, orders and anomalies that one side of a comparison holds. */
export function sizeOf(side: GraphComparison['record'] | null): number {
  return side === null ? 0 : side.nodes + side.relations + side.ties;
}

/** What Neo4j lacks of the record, and what it holds too many; what differs otherwise counts as one lost. */
export function difference({ equal, record, neo4j }: GraphComparison): { lost: number; doubled: number } {
  const more = sizeOf(neo4j) - sizeOf(record);
  const lost = equal ? 0 : Math.max(1, -more);
  return { lost, doubled: Math.max(0, more) };
}
