import { strict as assert } from 'node:assert';
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultCase } from '../faultCase.ts';
import { loaded } from '../loaded.ts';
import { metric } from '../platform.ts';

const BACKLOG = 50_000;

export const consumerOff: FaultCase = {
  id: '17',
  title: 'analytics is off while 50,000 messages come in: it gets all of them once it is back',
  run: async (rig) => {
    const run = await loaded(rig, { devices: 8, window: 512, args: ['--roles', 'api,ingest'] });
    while (run.load.acknowledged < BACKLOG) {
      await run.acknowledged(Math.min(5000, BACKLOG - run.load.acknowledged));
      rig.tell(`${run.load.acknowledged} of ${BACKLOG}`);
    }
    const { acknowledged } = await run.quiet();
    await run.platform.end();
    run.platform.args = [];
    const startedMs = performance.now();
    await run.start();
    rig.tell('analysing');
    for (let analysed = 0; analysed < acknowledged; await pause(200)) {
      analysed = await metric(run.api, 'faultline_analytics_readings_total');
      const elapsedMs = performance.now() - startedMs;
      assert.ok(elapsedMs < 120_000, `only ${analysed} of ${acknowledged} had been analysed after ${elapsedMs} ms`);
    }
    const slowestRecoveryMs = performance.now() - startedMs;
    return run.verdict({ case: '17', injected: `analytics off for ${acknowledged} messages`, slowestRecoveryMs });
  },
};
