import { strict as assert } from 'node:assert';
import { setTimeout as pause } from 'node:timers/promises';
import { readJournal } from '../../../simulators/load/index.ts';
import type { FaultCase } from '../faultCase.ts';
import { loaded } from '../loaded.ts';

const CLIENTS = 500;
const WITHIN_MS = 60_000;

export const manyReturn: FaultCase = {
  id: '15',
  title: 'restart with 500 clients: each of them is acknowledged again within 60 s',
  run: async (rig) => {
    const restarts = rig.times(1, 20);
    const run = await loaded(rig, { devices: CLIENTS, ratePerSecond: 1000 });
    let slowestRecoveryMs = 0;
    for (let restart = 0; restart < restarts; restart++) {
      rig.tell(`restart ${restart + 1} of ${restarts}`);
      await run.acknowledged(2 * CLIENTS);
      await run.platform.kill();
      run.journal.flush();
      const before = run.journal.entries;
      const startedMs = performance.now();
      await run.start();
      // The 60 s are the clients'; how long a program needs to start, the machine's load says.
      const listeningMs = performance.now();
      // What comes behind `before` in the journal was acknowledged after the restart.
      for (let back = 0; back < CLIENTS; ) {
        await pause(100);
        run.journal.flush();
        const seen = new Set<string>();
        let entry = 0;
        for await (const { device } of readJournal(run.journalPath)) if (entry++ >= before) seen.add(device);
        back = seen.size;
        const elapsedMs = performance.now() - listeningMs;
        assert.ok(elapsedMs < WITHIN_MS, `${CLIENTS - back} of ${CLIENTS} clients are not back after ${elapsedMs} ms`);
        slowestRecoveryMs = Math.max(slowestRecoveryMs, performance.now() - startedMs);
      }
    }
    return run.verdict({ case: '15', injected: `${restarts} × kill -9, ${CLIENTS} clients`, slowestRecoveryMs });
  },
};
