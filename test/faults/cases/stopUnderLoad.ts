import { strict as assert } from 'node:assert';
import type { FaultCase } from '../faultCase.ts';
import { loaded } from '../loaded.ts';

const WITHIN_MS = 10_000;

export const stopUnderLoad: FaultCase = {
  id: '14',
  title: 'SIGTERM under load: ends in order within 10 s',
  run: async (rig) => {
    const stops = rig.times(2, 50);
    const run = await loaded(rig, { devices: 4, ratePerSecond: 5000, database: 'embedded' });
    let slowestRecoveryMs = 0;
    let slowestStopMs = 0;
    for (let stop = 0; stop < stops; stop++) {
      rig.tell(`stop ${stop + 1} of ${stops}`);
      await run.acknowledged(3000 + Math.floor(rig.random.between(0, 3000)));
      const startedMs = performance.now();
      process.kill(run.platform.child.pid, 'SIGTERM');
      await run.platform.child.ended.catch(() => undefined);
      slowestStopMs = Math.max(slowestStopMs, performance.now() - startedMs);
      assert.ok(
        slowestStopMs < WITHIN_MS,
        `the stop took ${Math.round(slowestStopMs)} ms: ${run.platform.child.output()}`,
      );
      slowestRecoveryMs = Math.max(slowestRecoveryMs, await run.restart());
    }
    return run.verdict({
      ...{ case: '14', injected: `${stops} × SIGTERM at 5,000/s`, slowestRecoveryMs },
      note: `slowest stop ${Math.round(slowestStopMs)} ms`,
    });
  },
};
