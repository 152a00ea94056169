import { strict as assert } from 'node:assert';
import { setTimeout as pause } from 'node:timers/promises';
import { readLedger } from '../../../simulators/attach/index.ts';
import type { FaultCase } from '../faultCase.ts';
import { isWrite, loadedOnInflux, ON_INFLUX, untilHeld } from '../onInflux.ts';

const RATE = 1000;

const LONGEST_WAIT_MS = 60_000;

/** Goes on until the fault has met as many writes as it must: on a busy machine few go through the proxy. */
async function untilInjected(
  { proxy }: { readonly proxy: { readonly injected: number } },
  least: number,
): Promise<void> {
  for (let waitedMs = 0; proxy.injected < least && waitedMs < LONGEST_WAIT_MS; waitedMs += 250) await pause(250);
}

export const influxBusy: FaultCase = {
  ...ON_INFLUX,
  id: '8',
  title: '30 % of the writes are answered by 429 or 503',
  run: async (rig) => {
    const busyMs = rig.pick(6_000, 600_000);
    const run = await loadedOnInflux(rig, { devices: 10, ratePerSecond: RATE });
    run.proxy.decide = (path) => {
      if (!isWrite(path) || rig.random.between(0, 1) > 0.3) return 'pass';
      return rig.random.between(0, 1) < 0.5 ? { status: 429, headers: { 'retry-after': '1' } } : { status: 503 };
    };
    await pause(busyMs);
    await untilInjected(run, rig.pick(1, 11));
    await run.quiet();
    const injected = run.proxy.injected;
    const startedMs = performance.now();
    run.proxy.decide = () => 'pass';
    const row = await run.verdict({
      ...{ case: '8', injected: `429 or 503 to 30 % of writes for ${busyMs / 1000} s`, slowestRecoveryMs: null },
      note: `${injected} writes refused`,
    });
    assert.ok(injected > rig.pick(0, 10), `only ${injected} writes were refused`);
    return { ...row, slowestRecoveryMs: performance.now() - startedMs };
  },
};

export const influxDenies: FaultCase = {
  ...ON_INFLUX,
  id: '9',
  title: 'InfluxDB answers 401, then 404: held and told, nothing given up',
  run: async (rig) => {
    const eachMs = rig.pick(2_500, 60_000);
    const run = await loadedOnInflux(rig, { devices: 10, ratePerSecond: RATE });
    await run.acknowledged(RATE);
    const readiness: number[] = [];
    for (const status of [401, 404]) {
      run.proxy.decide = () => ({ status });
      await untilHeld(run, true);
      readiness.push((await fetch(`${run.platform.child.httpUrl}/health`)).status);
      await pause(eachMs);
    }
    const before = await readLedger(run.api, false);
    run.proxy.decide = () => 'pass';
    const slowestRecoveryMs = await untilHeld(run, false);
    const row = await run.verdict({
      ...{ case: '9', injected: `401 and 404 for ${eachMs / 1000} s each`, slowestRecoveryMs },
      note: `held ${before.pending}`,
    });
    assert.equal(before.quarantined, 0);
    assert.deepEqual(readiness, [200, 200]);
    return row;
  },
};

export const influxCutAnswers: FaultCase = {
  ...ON_INFLUX,
  id: '12',
  title: 'a proxy cuts the connection after InfluxDB has written, before the 204 is heard',
  run: async (rig) => {
    const cutMs = rig.pick(6_000, 120_000);
    const run = await loadedOnInflux(rig, { devices: 10, ratePerSecond: RATE });
    run.proxy.decide = (path) => (isWrite(path) && rig.random.between(0, 1) < 0.3 ? 'cut' : 'pass');
    await pause(cutMs);
    await untilInjected(run, rig.pick(1, 11));
    await run.quiet();
    run.proxy.decide = () => 'pass';
    const { injected } = run.proxy;
    const startedMs = performance.now();
    const row = await run.verdict({
      ...{ case: '12', injected: `204 cut from 30 % of writes for ${cutMs / 1000} s`, slowestRecoveryMs: null },
      note: `${injected} answers cut`,
    });
    assert.ok(injected > rig.pick(0, 10), `only ${injected} answers were cut`);
    const ledger = await readLedger(run.api, true);
    assert.equal(ledger.storedCount, ledger.stored);
    return { ...row, slowestRecoveryMs: performance.now() - startedMs };
  },
};

export const influxKillShipper: FaultCase = {
  ...ON_INFLUX,
  id: '13',
  title: 'kill -9 of the shipping process, before, between and after InfluxDB’s answers',
  run: async (rig) => {
    const kills = rig.times(3, 100);
    const run = await loadedOnInflux(rig, { devices: 10, ratePerSecond: RATE });
    let slowestRecoveryMs = 0;
    for (let kill = 0; kill < kills; kill++) {
      rig.tell(`kill ${kill + 1} of ${kills}`);
      // Answers are slow to be heard, so that many a kill falls between the write and the commit.
      run.proxy.decide = (path) => (isWrite(path) && rig.random.between(0, 1) < 0.5 ? 'cut' : 'pass');
      await run.acknowledged(RATE / 2);
      await pause(rig.random.between(0, 300));
      await run.platform.kill();
      slowestRecoveryMs = Math.max(slowestRecoveryMs, await run.restart());
    }
    run.proxy.decide = () => 'pass';
    return run.verdict({ case: '13', injected: `${kills} × kill -9 of the shipper`, slowestRecoveryMs });
  },
};
