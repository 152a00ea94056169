import { strict as assert } from 'node:assert';
import { createConnection } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import mqtt from 'mqtt';
import { deniedFilters } from '../../attacks/deniedFilters.ts';
import { guessPasswords } from '../../attacks/guessPasswords.ts';
import { foreignWill, stealClientId } from '../../attacks/hijack.ts';
import { pausedSubscriber } from '../../attacks/pausedSubscriber.ts';
import { connectPacket, openRaw, type RawClient } from '../../fixtures/rawClient.ts';
import type { FaultCase, FaultRig } from '../faultCase.ts';
import { type Loaded, loaded } from '../loaded.ts';
import { metric } from '../platform.ts';

const TENANT = 'default';
const LAG = 'faultline_process_nodejs_eventloop_lag_p99_seconds';

interface Registered {
  name: string;
  username: string;
  secret: string;
}

/** The real program under a load of eight devices, which the attack must not cost anything. */
async function attacked(rig: FaultRig) {
  const run = await loaded(rig, { devices: 8, ratePerSecond: 500 });
  await run.acknowledged(500);
  const port = Number(new URL(run.platform.mqttUrl).port);
  return { run, port, open: () => opened(rig, port) };
}

async function opened(rig: FaultRig, port: number): Promise<RawClient> {
  const raw = await openRaw(createConnection({ host: '127.0.0.1', port }));
  rig.atEnd(() => raw.socket.destroy());
  return raw;
}

function register({ api }: Loaded, name: string, kind: 'device' | 'consumer' = 'device'): Promise<Registered> {
  return api.post<Registered>('/api/v1/devices', { name, kind });
}

async function signedIn(open: () => Promise<RawClient>, device: Registered): Promise<RawClient> {
  const raw = await open();
  raw.socket.write(connectPacket(device, { clientId: device.name }));
  assert.equal((await raw.bytes(4))[3], 0, `${device.name} is let in`);
  return raw;
}

const pausedSocket: FaultCase = {
  id: '16',
  title: 'one subscriber’s socket is paused: ended within 5 s, the others hear all',
  run: async (rig) => {
    const { run, open } = await attacked(rig);
    const paused = await signedIn(open, await register(run, 'frozen', 'consumer'));
    const { username, secret: password } = await register(run, 'lively', 'consumer');
    const lively = await mqtt.connectAsync(run.platform.mqttUrl, { username, password, reconnectPeriod: 0 });
    rig.atEnd(() => lively.endAsync(true));
    const source = await signedIn(open, await register(run, 'stream'));
    const audience = { tenantSlug: TENANT, paused, lively, source, sourceName: 'stream' };
    const { sent, endedAfterMs, delaysMs } = await pausedSubscriber(audience);
    assert.ok(endedAfterMs < 5_500, `the paused subscriber was ended after ${Math.round(endedAfterMs)} ms`);
    assert.equal(delaysMs.length, sent, `the other subscriber heard ${delaysMs.length} of ${sent}`);
    const slowestRecoveryMs = delaysMs.at(-1)!;
    await run.quiet();
    return run.verdict({
      ...{ case: '16', injected: `a paused subscriber, ${sent} live messages of 4 KB`, slowestRecoveryMs },
      note: `ended within ${(endedAfterMs / 1000).toFixed(1)} s`,
    });
  },
};

const deniedSubscription: FaultCase = {
  id: '33',
  title: 'allowed and denied in one SUBSCRIBE, then a reconnect: nothing foreign',
  run: async (rig) => {
    const { run } = await attacked(rig);
    const { username, secret: password } = await register(run, 'sly');
    await register(run, 'secret');
    const own = `fl/1/${TENANT}/sly/command`;
    await run.api.put('/api/v1/command-rules/ping', { confirmation: 'none', expiresInMs: 60_000 });
    // The load's devices talk all the while: their telemetry is what `#` and the last filter would bring.
    const denied = [`fl/1/${TENANT}/secret/command`, 'fl/1/other/+/command', '#', `fl/1/${TENANT}/+/telemetry`];
    const ping = (device: string) =>
      run.api.post(`/api/v1/devices/${device}/commands`, { kind: 'ping', expiresInMs: 60_000 });
    const overheard = await deniedFilters(
      async (prepare) => {
        const options = { clean: false, clientId: 'sly', username, password, reconnectPeriod: 0 };
        const client = mqtt.connect(run.platform.mqttUrl, options);
        rig.atEnd(() => client.endAsync(true));
        prepare?.(client);
        await new Promise<void>((resolve) => client.once('connect', () => resolve()));
        return client;
      },
      [own, ...denied],
      async () => {
        for (const device of ['secret', 'sly']) await ping(device);
        await run.acknowledged(200);
      },
      async (heard) => {
        const deadlineMs = Date.now() + 10_000;
        while (!heard.some(({ topic }) => topic === own) && Date.now() < deadlineMs) await pause(20);
        await run.acknowledged(200);
      },
    );
    assert.deepEqual(overheard.granted, [1, 128, 128, 128, 128]);
    assert.ok(overheard.heard.length > 0, 'what is allowed is heard');
    const foreign = overheard.heard.filter(({ topic }) => topic !== own);
    assert.deepEqual(foreign, [], 'what was denied is not heard');
    await run.quiet();
    return run.verdict({
      ...{ case: '33', injected: `${denied.length} denied filters beside one allowed`, slowestRecoveryMs: null },
      note: `${overheard.heard.length} commands of its own heard, nothing else`,
    });
  },
};

const hijacks: FaultCase = {
  id: '34',
  title: 'another’s client id, a will on a foreign topic: refused',
  run: async (rig) => {
    const { run, open } = await attacked(rig);
    const [owner, thief] = [await register(run, 'owner'), await register(run, 'thief')];
    const attempts = rig.times(20, 1_000);
    for (let attempt = 0; attempt < attempts; attempt++) {
      assert.ok(await stealClientId(open, TENANT, owner, thief), 'both keep their connection and are acknowledged');
      assert.equal(await foreignWill(open, TENANT, thief, run.devices[0]!), 5, 'a foreign will is not authorised');
    }
    const query = new URLSearchParams({ series: `${run.devices[0]!.name}/willed`, from: '0', to: String(2n ** 62n) });
    const { reconnects } = await run.quiet();
    assert.equal(reconnects, 0, 'no device of the load lost its connection');
    const row = await run.verdict({
      ...{ case: '34', injected: `${attempts} × another's client id, a will on another's topic` },
      slowestRecoveryMs: null,
    });
    assert.deepEqual(await run.api.list(`/api/v1/telemetry/range?${query}`), [], 'no will was stored');
    return row;
  },
};

const guessedPasswords: FaultCase = {
  id: '35',
  title: '1,000 wrong passwords a second: limited, lag < 200 ms',
  run: async (rig) => {
    const { run, port } = await attacked(rig);
    await run.api.text('/metrics'); // the lag is told since it was last asked for
    let lagMs = 0;
    let slowestRecoveryMs = 0;
    let guesses = 0;
    const rounds = rig.times(3, 60);
    for (let round = 0; round < rounds; round++) {
      const { letIn, elapsedMs } = await guessPasswords(port, TENANT);
      assert.equal(letIn, 0);
      guesses += 1_000;
      rig.tell(`1,000 guesses in ${Math.round(elapsedMs)} ms`);
      lagMs = Math.max(lagMs, 1000 * (await metric(run.api, LAG)));
      slowestRecoveryMs = Math.max(slowestRecoveryMs, await run.acknowledged(1));
    }
    assert.ok(lagMs < 200, `the event loop lagged by ${lagMs.toFixed(0)} ms (p99)`);
    const refused = /refusals_total\{reason="rate-limited"\} (\d+)/.exec(await run.api.text('/metrics'))?.[1];
    assert.ok(Number(refused) > guesses / 2, `${refused} of ${guesses} guesses cost no look-up`);
    const { reconnects } = await run.quiet();
    assert.equal(reconnects, 0, 'no device of the load lost its connection');
    return run.verdict({
      ...{ case: '35', injected: `${guesses} wrong passwords`, slowestRecoveryMs },
      note: `${refused} without a look-up; p99 of the event loop's lag ${lagMs.toFixed(0)} ms`,
    });
  },
};

/** What clients do to the front, on the real program under load. */
export const hostileClients: readonly FaultCase[] = [pausedSocket, deniedSubscription, hijacks, guessedPasswords];
