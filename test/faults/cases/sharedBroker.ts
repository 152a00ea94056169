import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readLedger } from '../../../simulators/attach/index.ts';
import type { BrokerEngine } from '../../engines/broker.ts';
import { HOW_TO_GET_HIVEMQ, hiveMqIsHere, startHiveMq } from '../../engines/hivemq.ts';
import { HOW_TO_GET_MOSQUITTO, mosquittoIsHere, startMosquitto } from '../../engines/mosquitto.ts';
import type { FaultCase, FaultRig, FaultRow } from '../faultCase.ts';
import { type Loaded, loaded } from '../loaded.ts';
import { faultPlatform, metric } from '../platform.ts';

const SAMPLES = 2;
const MESSAGES = 'faultline_ingest_messages_total';

const TITLE = 'two ingest processes share one broker and one is killed: what was acknowledged is whole, exactly once';

export const sharedBroker: FaultCase = {
  id: '41',
  on: 'Mosquitto',
  title: TITLE,
  lacks: () => (mosquittoIsHere() ? null : HOW_TO_GET_MOSQUITTO),
  run: (rig) => shared(rig, startMosquitto),
};

/** Beside `ingest/broker/remote/hivemq.test.ts`, which shows in seconds what a member's death means there. */
export const sharedHiveMq: FaultCase = {
  id: '41',
  on: 'HiveMQ',
  title: TITLE,
  elsewhere: ['ingest/broker/remote/hivemq.test.ts'],
  lacks: () => (hiveMqIsHere() ? null : HOW_TO_GET_HIVEMQ),
  run: (rig) => shared(rig, startHiveMq),
};

async function shared(rig: FaultRig, startBroker: () => Promise<BrokerEngine>): Promise<FaultRow> {
  const kills = rig.times(2, 100);
  const broker = await startBroker();
  rig.atEnd(() => broker.stop());
  const env = { MQTT_URL: broker.url() };
  const run = await loaded(rig, { env, mqttUrl: broker.url(), samplesPerMessage: SAMPLES, ratePerSecond: 1_500 });
  const second = await faultPlatform(join(rig.folder, 'second'), {
    ...{ DATABASE_URL: run.pg!.ownerUrl, FAULTLINE_SECRET_KEY: run.pg!.secretKey, MQTT_SPARKPLUG: 'false' },
    MQTT_WAVEFORM: 'false',
    ...rig.env,
    ...env,
  });
  second.args = ['--roles', 'ingest'];
  rig.atEnd(() => second.end());
  let api = await second.start();
  let slowestRecoveryMs = 0;
  for (let kill = 0; kill < kills; kill++) {
    rig.tell(`kill ${kill + 1} of ${kills}`);
    // Dies while it takes in, at changing points; the broker goes on dealing to its session.
    const deadlineMs = Date.now() + 30_000;
    while (!((await metric(api, MESSAGES)) > 50 + rig.random.between(0, 300))) {
      assert.ok(Date.now() < deadlineMs, `the second process takes nothing: ${second.child.output()}`);
      await pause(5);
    }
    await second.kill();
    await run.acknowledged(500 + Math.floor(rig.random.between(0, 500)));
    const startedMs = performance.now();
    api = await second.start();
    while (!((await metric(api, MESSAGES)) > 0)) await pause(10);
    slowestRecoveryMs = Math.max(slowestRecoveryMs, performance.now() - startedMs);
  }
  assert.ok((await metric(run.api, MESSAGES)) > 0, 'the first process took its part');
  const { acknowledged } = await run.quiet();
  await everythingIn(run, acknowledged * SAMPLES);
  const { duplicate } = await readLedger(run.api, false);
  return run.verdict({
    ...{ case: '41', injected: `${kills} × kill -9 of one of two consumers`, slowestRecoveryMs },
    note: `${duplicate} repetitions met the other process's rows and were dropped`,
  });
}

/** Until what the broker holds has come in; when it does not, the verdict says what is missing. */
async function everythingIn(run: Loaded, samples: number): Promise<void> {
  const deadlineMs = Date.now() + 30_000;
  for (;;) {
    const { stored, quarantined } = await readLedger(run.api, false);
    if (stored + quarantined >= samples || Date.now() > deadlineMs) return;
    await pause(100);
  }
}
