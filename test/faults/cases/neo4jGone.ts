import { strict as assert } from 'node:assert';
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultCase } from '../faultCase.ts';
import { difference, type GraphOnNeo4j, graphOnNeo4j, type Lag, ON_NEO4J, sizeOf } from '../onNeo4j.ts';
import { layersOf } from './importedGraph.ts';

export const neo4jGone: FaultCase = {
  ...ON_NEO4J,
  id: '43',
  title: 'Neo4j is down while the graph and orders change: writes and verdicts go on, the lag is shown, it catches up',
  run: async (rig) => {
    const goneMs = rig.pick(6_000, 180_000);
    const run = await graphOnNeo4j(rig);
    await run.api.post('/api/v1/cmdb/import', layersOf(300, { round: 0 }));
    await run.caughtUp();
    await run.engine.kill();
    const startedMs = performance.now();
    let writes = 0;
    let slowestMs = 0;
    let behind = 0;
    /** How long somebody waits who knows nothing of Neo4j. */
    const timed = async <T>(work: Promise<T>): Promise<T> => {
      const began = performance.now();
      const answer = await work;
      slowestMs = Math.max(slowestMs, performance.now() - began);
      return answer;
    };
    while (performance.now() - startedMs < goneMs) {
      rig.tell(`gone for ${Math.round((performance.now() - startedMs) / 1000)} s, ${writes} writes`);
      const key = `late-${writes}`;
      const { id } = await timed(
        run.api.post<{ id: string }>('/api/v1/cmdb/cis', { key, type: 'application', attributes: {} }),
      );
      const { version } = await timed(
        run.api.put<{ version: string }>('/api/v1/cmdb/relations', {
          from: key,
          type: 'RUNS_ON',
          to: `srv-${writes % 300}`,
        }),
      );
      writes++;
      const verdict = await timed(
        run.api.post<{ affected: { key: string }[] }>('/api/v1/cmdb/impact', {
          ...{
            failed: [{ ci: `srv-${(writes - 1) % 300}`, state: 'down' }],
            affectedLimit: 1_000,
            minVersion: version,
          },
        }),
      );
      assert.ok(
        verdict.affected.some((one) => one.key === key),
        `the verdict does not know ${key} yet`,
      );
      if (writes % 20 === 1) await run.api.post('/api/v1/work-orders', { summary: `Look at ${key}`, assetId: id });
      const lag = await run.lag();
      assert.ok(Number(lag.behind) >= behind, `the lag shrank from ${behind} to ${lag.behind}`);
      behind = Number(lag.behind);
    }
    assert.equal(behind, 2 * writes, 'the lag is not what was written');
    const orders = Math.ceil(writes / 20);
    const told = await shownBehind(run, orders);
    await run.engine.restart();
    const slowestRecoveryMs = await run.caughtUp();
    const comparison = await run.compare();
    const row = {
      ...{ case: '43', injected: `Neo4j killed for ${goneMs / 1000} s`, slowestRecoveryMs },
      acknowledged: sizeOf(comparison.record),
      ...difference(comparison),
      note: `${writes} CIs meanwhile, ${behind} versions and ${told.tiesBehind} orders behind, slowest answer ${Math.round(slowestMs)} ms`,
    };
    rig.found(row);
    assert.equal(comparison.record.ties, orders);
    return row;
  },
};

/** Waits until so many orders are told as behind, and why: their news comes by the outbox, as that of the graph does. */
async function shownBehind({ lag }: GraphOnNeo4j, orders: number): Promise<Lag> {
  const startedMs = performance.now();
  for (;;) {
    const told = await lag();
    if (told.tiesBehind === orders && told.problem !== null) return told;
    assert.ok(
      performance.now() - startedMs < 60_000,
      `${orders} orders are behind, and told is ${JSON.stringify(told)}`,
    );
    await pause(100);
  }
}
