import { strict as assert } from 'node:assert';
import { setTimeout as pause } from 'node:timers/promises';
import { type Api, readLedger } from '../../../simulators/attach/index.ts';
import type { FaultCase, FaultRig } from '../faultCase.ts';
import { loaded } from '../loaded.ts';
import { metric } from '../platform.ts';
import { postgresStore } from '../stores.ts';

const RATE = 1000;
const MEMORY_MIB = 200;

export const storeRefuses: FaultCase = {
  id: '6',
  on: 'PostgreSQL',
  store: postgresStore,
  title: 'the store refuses at 1,000 messages a second: detection goes on, then it drains at five times the rate',
  run: async (rig) => {
    const refusedMs = rig.pick(12_000, 600_000);
    const run = await loaded(rig, { devices: 10, ratePerSecond: RATE });
    // What memory is compared with is the process at work, not one that has just started.
    await run.acknowledged(rig.pick(2, 60) * RATE, 120_000);
    const analysed = () => metric(run.api, 'faultline_analytics_readings_total');

    // The real store, really refusing: the shipper's role may no longer write telemetry.
    const memoryBefore = run.residentMiB();
    await rig.store.gone(run);
    await pause(2000);
    const analysedEarly = await analysed();
    let memoryPeak = 0;
    for (let waitedMs = 2000; waitedMs < refusedMs; waitedMs += 1000) {
      rig.tell(`refusing for ${waitedMs / 1000} of ${refusedMs / 1000} s`);
      await pause(1000);
      memoryPeak = Math.max(memoryPeak, run.residentMiB());
    }
    const held = await readLedger(run.api, false);
    const analysedLate = await analysed();
    await rig.store.back(run);

    // The load goes on meanwhile: what drains is the backlog and what keeps coming.
    const { drainedMs, perSecond } = await drain(rig, run.api, held.stored, refusedMs);

    const expected = (RATE * refusedMs) / 1000 / 2;
    assert.ok(held.pending > expected, `only ${held.pending} were held`);
    assert.equal(held.quarantined, 0);
    // Detection reads the spool by a cursor of its own: it keeps up while nothing can be stored.
    assert.ok(analysedLate - analysedEarly > expected, `only ${analysedLate - analysedEarly} were analysed meanwhile`);
    assert.ok(memoryPeak - memoryBefore < MEMORY_MIB, `memory rose from ${memoryBefore} to ${memoryPeak} MiB`);
    const row = await run.verdict({
      ...{ case: '6', injected: `store refuses ${refusedMs / 1000} s at 1,000/s`, slowestRecoveryMs: drainedMs },
      note: `held ${held.pending}, drained at ${Math.round(perSecond)}/s, memory +${Math.round(memoryPeak - memoryBefore)} MiB`,
    });
    // A short outage is drained while other tests' leavings still run: its speed says little.
    assert.ok(perSecond > rig.pick(2, 5) * RATE, `drained at only ${Math.round(perSecond)} a second`);
    return row;
  },
};

/** Waits until no more is pending than a second's load; the rate counts from when readings get through again. */
export async function drain(rig: FaultRig, api: Api, storedBefore: number, withinMs: number) {
  const startedMs = performance.now();
  let stillMs = 0;
  for (;;) {
    const ledger = await readLedger(api, false);
    const ms = performance.now() - startedMs;
    if (ledger.stored === storedBefore) stillMs = ms;
    else if (ledger.pending < RATE)
      return { drainedMs: ms, perSecond: ((ledger.stored - storedBefore) / (ms - stillMs)) * 1000 };
    assert.ok(ms < withinMs + 60_000, `not drained after ${ms} ms: ${JSON.stringify(ledger)}`);
    rig.tell(`draining: ${ledger.pending} left`);
    await pause(100);
  }
}
