import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { randomBlock } from '../../../ingest/parts/block.fixture.ts';
import { encodePayload, inbox, nodeBirth } from '../../../ingest/sparkplug/edgeNode.fixture.ts';
import type { Api } from '../../../simulators/attach/index.ts';
import { HOW_TO_GET_MOSQUITTO, mosquittoIsHere, startMosquitto } from '../../engines/mosquitto.ts';
import type { FaultCase, FaultRig } from '../faultCase.ts';
import { loaded } from '../loaded.ts';
import { type FaultPlatform, faultPlatform, metric } from '../platform.ts';

const EDGE = 'line-1';
const BLOCK_EVERY_MS = 100;
/** Of the lease and its renewal (`platform/lease`), and what a busy machine adds. */
const TAKEN_OVER_WITHIN_MS = 20_000;
const ARRIVES_WITHIN_MS = 60_000;

interface IngestProcess {
  platform: FaultPlatform;
  api: Api;
}

export const soleTaker: FaultCase = {
  id: '42',
  on: 'Mosquitto',
  title:
    'the process that alone takes blocks and Sparkplug is killed: another takes over, nothing acknowledged is lost',
  lacks: () => (mosquittoIsHere() ? null : HOW_TO_GET_MOSQUITTO),
  run: async (rig) => {
    const kills = rig.times(1, 20);
    const mosquitto = await startMosquitto();
    rig.atEnd(() => mosquitto.stop());
    const env = { MQTT_URL: mosquitto.url(), SPARKPLUG_HOST_ID: 'plant' };
    // The first answers and shares telemetry; the other two have, lose and inherit the tasks.
    const run = await loaded(rig, {
      env: { ...env, MQTT_SPARKPLUG: 'false', MQTT_WAVEFORM: 'false' },
      mqttUrl: mosquitto.url(),
      idle: true,
    });
    await run.api.post('/api/v1/devices', { name: 'shaker' });
    await run.api.post('/api/v1/devices', { name: EDGE, kind: 'gateway' });
    const takers: IngestProcess[] = [];
    for (const name of ['second', 'third']) {
      const platform = await faultPlatform(join(rig.folder, name), {
        ...{ DATABASE_URL: run.pg!.ownerUrl, FAULTLINE_SECRET_KEY: run.pg!.secretKey },
        ...rig.env,
        ...env,
      });
      platform.args = ['--roles', 'ingest'];
      rig.atEnd(() => platform.end());
      takers.push({ platform, api: await platform.start() });
    }
    const blocks = sendBlocks(await connect(mosquitto.url(), rig), rig);
    const edge = await edgeNode(await connect(mosquitto.url(), rig));
    await takerOf(takers);
    await edge.born();
    let slowestRecoveryMs = 0;
    for (let kill = 0; kill < kills; kill++) {
      rig.tell(`kill ${kill + 1} of ${kills}`);
      const holder = await takerOf(takers);
      await edge.send(20);
      await edge.seen(run.api);
      await blocks.sent(Math.ceil(rig.random.between(5, 15)));
      const statesBefore = edge.states();
      await holder.platform.kill();
      const startedMs = performance.now();
      const next = await takerOf(takers.filter((one) => one !== holder));
      slowestRecoveryMs = Math.max(slowestRecoveryMs, performance.now() - startedMs);
      // By the births that the dead host kept: the edge node only goes on.
      await edge.hostIsBack(statesBefore);
      await edge.send(20);
      await edge.seen(run.api);
      holder.api = await holder.platform.start();
      assert.equal(await takerOf(takers), next, 'the tasks stay where they are');
    }
    const promised = await blocks.stop();
    return {
      ...{ case: '42', injected: `${kills} × kill -9 of the one that takes blocks and Sparkplug` },
      ...(await found(run.api, promised)),
      slowestRecoveryMs,
      note: `and ${edge.values().length} Sparkplug values; rebirths asked for: ${edge.rebirths()}`,
    };
  },
};

/** The process that has both tasks. */
async function takerOf(among: readonly IngestProcess[]): Promise<IngestProcess> {
  const deadlineMs = Date.now() + TAKEN_OVER_WITHIN_MS;
  for (;;) {
    for (const one of among) {
      const has = (task: string) => metric(one.api, `faultline_ingest_remote_${task}`);
      if ((await has('takes_waveforms')) + (await has('sparkplug_host')) === 2) return one;
    }
    assert.ok(Date.now() < deadlineMs, `nobody has taken both tasks within ${TAKEN_OVER_WITHIN_MS} ms`);
    await pause(50);
  }
}

async function connect(url: string, rig: FaultRig): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url);
  rig.atEnd(() => client.endAsync(true));
  return client;
}

/** Publishes blocks at QoS 1 without an end, every fifth in three parts; knows by its time each that is acknowledged as a whole. */
function sendBlocks(client: MqttClient, rig: FaultRig) {
  const promised = new Set<string>();
  const startMs = Date.now();
  let isStopped = false;
  const running = (async () => {
    for (let nth = 0; !isStopped; nth++) {
      const time = startMs + nth;
      const parts = nth % 5 === 0 ? 3 : 1;
      for (const message of randomBlock({ time, boot: rig.seed, seq: nth }, parts).messages)
        await client.publishAsync('fl/1/default/shaker/waveform', message, { qos: 1 });
      promised.add(String(BigInt(time) * 1_000_000n));
      await pause(BLOCK_EVERY_MS);
    }
  })();
  return {
    sent: async (more: number) => {
      for (const target = promised.size + more; promised.size < target; ) await pause(10);
    },
    stop: async () => {
      isStopped = true;
      await running;
      return promised;
    },
  };
}

/** An edge node that is born once and from then on names its metric by the alias of its birth. It heeds the host's state. */
async function edgeNode(client: MqttClient) {
  const heard = inbox(client);
  await client.subscribeAsync([`spBv1.0/default/NCMD/${EDGE}/#`, 'spBv1.0/STATE/plant']);
  const startMs = Date.now();
  const values: number[] = [];
  const states = () => heard.filter(({ topic }) => topic.includes('/STATE/')).map(({ payload }) => payload.toString());
  let seq = 1;
  return {
    states: () => states().length,
    rebirths: () => heard.filter(({ topic }) => topic.includes('/NCMD/')).length,
    values: () => values,
    born: async () => {
      const metrics = [{ name: 'Temperature', alias: 1, value: 0 }];
      await client.publishAsync(`spBv1.0/default/NBIRTH/${EDGE}`, nodeBirth(1, startMs, metrics), { qos: 0 });
      values.push(0);
    },
    send: async (more: number) => {
      for (let nth = 0; nth < more; nth++) {
        const value = values.length;
        const timestampMs = startMs + value;
        const payload = encodePayload({ timestampMs, seq: seq++ % 256, metrics: [{ alias: 1, value, timestampMs }] });
        await client.publishAsync(`spBv1.0/default/NDATA/${EDGE}`, payload, { qos: 0 });
        values.push(value);
      }
    },
    /** Waits until a host says that it is here, after what was heard before. */
    hostIsBack: async (known: number) => {
      const deadlineMs = Date.now() + TAKEN_OVER_WITHIN_MS;
      while (!states().slice(known).at(-1)?.includes('"online":true')) {
        assert.ok(Date.now() < deadlineMs, `edge nodes heard of no host: ${states().join(' ')}`);
        await pause(20);
      }
    },
    /** Waits until each value sent is in the store, once and as it was sent. */
    seen: async (api: Api) => {
      const query = new URLSearchParams({ series: `${EDGE}/Temperature`, from: '0', to: String(2n ** 62n) });
      const deadlineMs = Date.now() + ARRIVES_WITHIN_MS;
      for (;;) {
        const stored = await api.list<{ value: number }>(`/api/v1/telemetry/range?${query}`);
        const found = stored.map(({ value }) => value).sort((a, b) => a - b);
        if (found.length >= values.length || Date.now() > deadlineMs) return assert.deepEqual(found, values);
        await pause(100);
      }
    },
  };
}

/** Looks for each block until all are there; those that only a killed process's session holds come when it is back. */
async function found(api: Api, promised: ReadonlySet<string>) {
  const deadlineMs = Date.now() + ARRIVES_WITHIN_MS;
  for (;;) {
    const stored = await api.list<{ deviceTime: string }>('/api/v1/waveforms?device=shaker&limit=200');
    const times = stored.map(({ deviceTime }) => deviceTime);
    const distinct = new Set(times);
    const lost = [...promised].filter((time) => !distinct.has(time)).length;
    if (lost === 0 || Date.now() > deadlineMs)
      return { acknowledged: promised.size, lost, doubled: times.length - distinct.size };
    await pause(200);
  }
}
