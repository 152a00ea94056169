import { strict as assert } from 'node:assert';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { generate } from 'mqtt-packet';
import { type LoadDevice, startLoad } from '../../../simulators/load/index.ts';
import type { FaultCase } from '../faultCase.ts';
import { loaded } from '../loaded.ts';
import { metric } from '../platform.ts';
import { slowProxy } from '../slowProxy.ts';

const DELAY_MS = 300;
const BYTES_PER_SECOND = 1024;
const KEEP_ALIVE_S = 2;

const PINGREQ = Buffer.from([0xc0, 0x00]);

/** Opens a connection as a device does, and keeps it alive for as long as its line lets it. */
function signIn(url: string, { username, password }: LoadDevice, clientId: string): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => socket.destroy());
  const packet = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId } as const;
  socket.write(generate({ ...packet, keepalive: KEEP_ALIVE_S, username, password: Buffer.from(password) }));
  const ping = setInterval(() => socket.write(PINGREQ), 500 * KEEP_ALIVE_S);
  socket.on('close', () => clearInterval(ping));
  return new Promise((resolve) => socket.once('data', () => resolve()));
}

export const slowNetwork: FaultCase = {
  id: '21',
  title: 'a network of 300 ms and 1 KB/s, and connections that are cut without a word: reaped, nothing lost',
  run: async (rig) => {
    const halfOpen = rig.pick(50, 500);
    const run = await loaded(rig, { devices: 8, idle: true });
    const port = Number(new URL(run.platform.mqttUrl).port);
    const line = await slowProxy(port, DELAY_MS, BYTES_PER_SECOND);
    rig.atEnd(() => line.stop());
    const load = await startLoad({
      ...{ mqttUrl: line.url, devices: run.devices, journal: run.journal, seed: rig.seed },
      ...{ ratePerSecond: 40, window: 4 },
    });
    rig.atEnd(() => load.stop(0));

    rig.tell('half-open connections');
    const dead = await slowProxy(port, 0, Number.POSITIVE_INFINITY);
    rig.atEnd(() => dead.stop());
    for (let index = 0; index < halfOpen; index++)
      await signIn(dead.url, run.devices[index % run.devices.length]!, `half-${index}`);
    const connections = () => metric(run.api, 'faultline_ingest_connections');
    const before = await connections();
    assert.ok(before >= halfOpen, `${before} connections are open, ${halfOpen} were made`);
    dead.cut();
    const cutMs = performance.now();
    while ((await connections()) > run.devices.length) {
      const elapsedMs = performance.now() - cutMs;
      assert.ok(
        elapsedMs < 10_000,
        `${await connections()} connections are open ${Math.round(elapsedMs)} ms after the cut`,
      );
      await pause(100);
    }
    const slowestRecoveryMs = performance.now() - cutMs;

    await pause(rig.pick(8_000, 600_000));
    await load.stop(60_000);
    const injected = `8 devices at ${DELAY_MS} ms and ${BYTES_PER_SECOND} bytes/s; ${halfOpen} half-open connections`;
    return run.verdict({ case: '21', injected, slowestRecoveryMs });
  },
};
