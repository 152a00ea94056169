import { strict as assert } from 'node:assert';
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultCase } from '../faultCase.ts';
import { loaded } from '../loaded.ts';

export const smallHeap: FaultCase = {
  id: '23',
  title: 'a heap of 128 MB under full load, while the store is away and when it returns',
  run: async (rig) => {
    const loadMs = rig.pick(10_000, 300_000);
    const env = { NODE_OPTIONS: '--max-old-space-size=128' };
    const run = await loaded(rig, { devices: 4, samplesPerMessage: 5, ratePerSecond: rig.pick(4000, 10_000), env });
    await run.acknowledged(1000);
    let crashes = 0;
    let slowestRecoveryMs: number | null = null;
    const survive = async (untilMs: number) => {
      while (Date.now() < untilMs) {
        const died = await Promise.race([pause(250, false), run.platform.child.ended.catch(() => true)]);
        if (!died) continue;
        crashes++;
        slowestRecoveryMs = Math.max(slowestRecoveryMs ?? 0, await run.restart());
      }
    };
    await rig.store.gone(run);
    rig.tell('store away');
    await survive(Date.now() + loadMs / 2);
    await rig.store.back(run);
    rig.tell('store back');
    await survive(Date.now() + loadMs / 2);
    const memory = Math.round(run.residentMiB());
    const row = await run.verdict({
      ...{ case: '23', injected: `heap 128 MB, ${loadMs / 1000} s of load`, slowestRecoveryMs },
      note: `${crashes} crashes, RSS ${memory} MiB`,
    });
    assert.ok(crashes <= 3, `it crashed ${crashes} times: it lives from crash to crash`);
    return row;
  },
};
