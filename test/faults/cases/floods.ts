import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { floodBeforeSignIn } from '../../attacks/floodBeforeSignIn.ts';
import { freePort } from '../../engines/absent.ts';
import { makeAuthority } from '../../fixtures/certificates.ts';
import { openRaw, type RawClient } from '../../fixtures/rawClient.ts';
import type { FaultCase, FaultRig } from '../faultCase.ts';
import { type Loaded, loaded } from '../loaded.ts';

const WITHIN_MS = 1_000;
const MOST_MIB = 32;
const FIRST_BYTES = { CONNECT: 0x10, PUBLISH: 0x30, 'no MQTT': 0xff };

/** Floods the program's listener, as each kind of packet in turn. */
async function flooded(rig: FaultRig, run: Loaded, open: () => Promise<RawClient>, on: string) {
  await run.acknowledged(2_000); // what the load itself needs is there
  let grownMiB = 0;
  let slowestMs = 0;
  for (const [kind, firstByte] of Object.entries(FIRST_BYTES)) {
    const flood = await floodBeforeSignIn(open, firstByte, () => run.platform.child.residentBytes());
    rig.tell(`as ${kind}: closed after ${Math.round(flood.elapsedMs)} ms, ${flood.grownMiB.toFixed(1)} MiB more`);
    grownMiB = Math.max(grownMiB, flood.grownMiB);
    slowestMs = Math.max(slowestMs, flood.elapsedMs);
  }
  const slowestRecoveryMs = await run.acknowledged(100);
  const { reconnects } = await run.quiet();
  assert.equal(reconnects, 0, 'no device of the load lost its connection');
  assert.ok(slowestMs < WITHIN_MS, `the last socket was closed after ${Math.round(slowestMs)} ms`);
  assert.ok(grownMiB < MOST_MIB, `the program grew by ${grownMiB.toFixed(1)} MiB`);
  return run.verdict({
    ...{ case: '32', injected: `3 × 4 × 200 MB before authentication${on}`, slowestRecoveryMs },
    note: `${grownMiB.toFixed(1)} MiB more, closed within ${Math.round(slowestMs)} ms`,
  });
}

const plainFlood: FaultCase = {
  id: '32',
  title: '4 × 200 MB before authentication: no memory, closed within 1 s',
  run: async (rig) => {
    const run = await loaded(rig, { devices: 8, ratePerSecond: 500 });
    const port = Number(new URL(run.platform.mqttUrl).port);
    return flooded(rig, run, () => openRaw(createConnection({ host: '127.0.0.1', port })), '');
  },
};

const tlsFlood: FaultCase = {
  id: '32',
  on: 'TLS',
  title: '4 × 200 MB through TLS before authentication: no memory, closed within 1 s',
  run: async (rig) => {
    const authority = await makeAuthority('servers');
    const { cert, key } = await authority.issue({
      commonName: 'localhost',
      alternativeNames: [{ type: 'dns', value: 'localhost' }],
    });
    const [certFile, keyFile] = [join(rig.folder, 'server.crt'), join(rig.folder, 'server.key')];
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
    const port = await freePort();
    const env = { MQTT_TLS_PORT: String(port), MQTT_TLS_CERT_FILE: certFile, MQTT_TLS_KEY_FILE: keyFile };
    const run = await loaded(rig, { devices: 8, ratePerSecond: 500, env });
    const where = { host: '127.0.0.1', port, servername: 'localhost', ca: authority.cert };
    return flooded(rig, run, () => openRaw(connectTls(where)), ' through TLS');
  },
};

export const floods: readonly FaultCase[] = [plainFlood, tlsFlood];
