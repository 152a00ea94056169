import { strict as assert } from 'node:assert';
import { connect, type Socket } from 'node:net';
import type { FaultCase } from '../faultCase.ts';
import { loaded } from '../loaded.ts';

const OPEN_FILES = 1024;

/** Resolves when the connection is made, or refused. */
function attempt(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(socket));
  });
}

export const manyConnects: FaultCase = {
  id: '22',
  title: `connections beyond what ${OPEN_FILES} descriptors allow: those that exist go on`,
  lacks: () => (process.platform === 'linux' ? null : 'descriptor limits are set the way of Linux'),
  run: async (rig) => {
    const connects = rig.pick(1_500, 5_000);
    const run = await loaded(rig, { devices: 8, ratePerSecond: 500, openFiles: OPEN_FILES });
    await run.acknowledged(500);
    const port = Number(new URL(run.platform.mqttUrl).port);
    rig.tell(`${connects} connections`);
    const sockets: Socket[] = [];
    rig.atEnd(() => {
      for (const socket of sockets) socket.destroy();
    });
    for (let made = 0; made < connects; made += 100)
      sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => attempt(port)))));
    const slowestRecoveryMs = await run.acknowledged(500);
    // Nothing else may have run out of descriptors either: the API answers, the store takes more.
    assert.match(await run.api.text('/metrics'), /faultline_ingest_connections \d+/);
    const { reconnects } = await run.quiet();
    assert.equal(reconnects, 0, 'a device that was connected lost its connection');
    return run.verdict({
      case: '22',
      injected: `${connects} connects with ${OPEN_FILES} descriptors`,
      slowestRecoveryMs,
    });
  },
};
