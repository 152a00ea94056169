import type { FaultCase } from '../faultCase.ts';
import { loaded } from '../loaded.ts';

export const killUnderLoad: FaultCase = {
  id: '1',
  title: 'kill -9 of the process under QoS 1 load',
  run: async (rig) => {
    const kills = rig.times(5, 200);
    // With its own database inside: that one, too, dies and must come back.
    const run = await loaded(rig, { ratePerSecond: 2000, samplesPerMessage: 2, database: 'embedded' });
    let slowestRecoveryMs = 0;
    for (let kill = 0; kill < kills; kill++) {
      rig.tell(`kill ${kill + 1} of ${kills}`);
      // Die at changing points of the work: while connecting, accepting, shipping.
      await run.acknowledged(Math.ceil(rig.random.between(0, 600)));
      await run.platform.kill();
      slowestRecoveryMs = Math.max(slowestRecoveryMs, await run.restart());
    }
    return run.verdict({ case: '1', injected: `${kills} × kill -9`, slowestRecoveryMs });
  },
};
