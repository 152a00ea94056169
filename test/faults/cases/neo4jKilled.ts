import { strict as assert } from 'node:assert';
import { setTimeout as pause } from 'node:timers/promises';
import neo4j from 'neo4j-driver';
import type { FaultCase } from '../faultCase.ts';
import { difference, type GraphOnNeo4j, graphOnNeo4j, ON_NEO4J, sizeOf } from '../onNeo4j.ts';
import { layersOf } from './importedGraph.ts';

export const neo4jKilled: FaultCase = {
  ...ON_NEO4J,
  id: '30',
  title: 'Neo4j is killed while an import is written there: no half of one stays',
  run: async (rig) => {
    const kills = rig.times(2, 12);
    const size = rig.pick(4_000, 50_000);
    const run = await graphOnNeo4j(rig);
    let slowestRecoveryMs = 0;
    let torn = 0;
    for (let round = 0; round < kills; round++) {
      rig.tell(`kill ${round + 1} of ${kills}`);
      // The first is built, each later one changes every CI: a single transaction there.
      await run.api.post('/api/v1/cmdb/import', layersOf(size, { round }));
      await pause(rig.random.between(0, round === 0 ? 2_000 : 600));
      await run.engine.kill();
      assert.equal((await run.api.get<{ items: unknown[] }>('/api/v1/cmdb/cis?limit=1')).items.length, 1);
      await run.engine.restart();
      torn += await tornRounds(run);
      slowestRecoveryMs = Math.max(slowestRecoveryMs, await run.caughtUp());
    }
    const caught = await run.compare();
    // A run from nothing, which nobody disturbs, gives the same.
    await run.mirror.rebuild(run.tenantId);
    const anew = await run.compare();
    assert.deepEqual(caught.neo4j, anew.neo4j, 'what was caught up with is not what a run from nothing gives');
    const row = {
      ...{ case: '30', injected: `${kills} × kill -9 of Neo4j in an import of ${size} CIs`, slowestRecoveryMs },
      acknowledged: sizeOf(caught.record),
      ...difference(caught),
      note: `sums ${caught.record.checksum} and ${caught.neo4j?.checksum}`,
    };
    rig.found(row);
    assert.equal(torn, 0, 'half of an import stood in Neo4j under a version');
    return row;
  },
};

/** How many versions too many a graph holds that says it is whole. */
async function tornRounds({ engine }: GraphOnNeo4j): Promise<number> {
  const driver = neo4j.driver(engine.url, neo4j.auth.basic(engine.user, engine.password));
  const version = async () => {
    const { records } = await driver.executeQuery('MATCH (v:GraphVersion) RETURN toString(v.version) AS version');
    return records[0]?.get('version') as string | null | undefined;
  };
  try {
    for (;;) {
      const before = await version();
      if (before == null) return 0;
      const { records } = await driver.executeQuery('MATCH (n:CI) RETURN count(DISTINCT n.round) AS rounds');
      // It follows meanwhile: what was counted while it moved says nothing.
      if ((await version()) === before) return records[0]!.get('rounds').toNumber() - 1;
    }
  } finally {
    await driver.close();
  }
}
