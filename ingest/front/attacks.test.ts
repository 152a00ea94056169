import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claiming, floodBeforeSignIn } from '../../test/attacks/floodBeforeSignIn.ts';
import { guessPasswords } from '../../test/attacks/guessPasswords.ts';
import { foreignWill, stealClientId } from '../../test/attacks/hijack.ts';
import { publishPacket, type Rig, startRig } from '../../test/fixtures/intakeRig.ts';

const sample = (value: number): string => JSON.stringify({ point: 'p', value });

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ maxPacketBytes: 1 << 20, limits: { connectTimeoutMs: 1_000 } });
});
afterAll(() => rig.stop());

describe('before authentication', () => {
  test.each([
    ['as CONNECT', 0x10],
    ['as PUBLISH', 0x30],
    ['as anything', 0xff],
  ])('four sockets that send 200 MB %s are closed within a second and cost no memory', async (_, firstByte) => {
    const flood = await floodBeforeSignIn(
      () => rig.rawSocket(),
      firstByte,
      () => process.memoryUsage().rss,
    );
    expect(flood.elapsedMs).toBeLessThan(1_000);
    expect(flood.grownMiB).toBeLessThan(32);
  });

  test('a CONNECT that never ends is closed in time, whatever trickles in', async () => {
    const raw = await rig.rawSocket();
    raw.socket.write(claiming(0x10, 60_000));
    const trickle = setInterval(() => raw.socket.write(Buffer.alloc(10)), 50);
    const started = Date.now();
    await raw.closed;
    clearInterval(trickle);
    expect(Date.now() - started).toBeLessThan(3_000);
    expect(rig.intake.counts().refusals['connect-timeout']).toBeGreaterThan(0);
  });

  test('what many half-open CONNECTs hold together is bounded, and devices still get in', async () => {
    const own = await startRig({ limits: { maxAnonymousBytes: 512 * 1024 } });
    const device = await own.register({ name: 'through' });
    const half = Buffer.concat([claiming(0x10, 60_000), Buffer.alloc(50_000)]);
    const sockets = await Promise.all(Array.from({ length: 40 }, () => own.rawSocket()));
    for (const { socket } of sockets) socket.write(half);
    await expect.poll(() => own.intake.counts().refusals['anonymous-memory']).toBeGreaterThan(10);
    for (const { socket } of sockets) socket.destroy();
    await expect
      .poll(async () =>
        own.rawClient(device).then(
          (raw) => raw.received()[3],
          () => null,
        ),
      )
      .toBe(0);
    await own.stop();
  });

  test('1,000 wrong passwords a second are limited; the loop lags under 200 ms and a known device gets in', async () => {
    // A front of its own: afterwards this address has no failure left to make.
    const own = await startRig();
    const device = await own.register({ name: 'regular' });
    (await own.rawClient(device)).socket.destroy();
    const lag = monitorEventLoopDelay({ resolution: 10 });
    lag.enable();
    const { letIn } = await guessPasswords(own.port, 'acme');
    lag.disable();
    expect(letIn).toBe(0);
    expect(lag.percentile(99) / 1e6).toBeLessThan(200);
    expect(own.intake.counts().refusals['rate-limited']).toBeGreaterThan(500);
    expect((await own.rawClient(device)).received()[3]).toBe(0);
    await own.stop();
  });
});

describe('of a device', () => {
  test('a packet beyond the limit ends its connection with a reason; the others go on', async () => {
    const big = await rig.register({ name: 'big' });
    const small = await rig.rawClient(await rig.register({ name: 'small' }));
    const raw = await rig.rawClient(big);
    raw.socket.write(claiming(0x32, 20 * 1024 * 1024));
    raw.socket.write(Buffer.alloc(1 << 20));
    await raw.closed;
    small.socket.write(publishPacket('fl/1/acme/small/telemetry', sample(1), 1, 1));
    await small.bytes(8);
    await expect
      .poll(
        async () =>
          (await rig.pg.asOwner('select problem_code from device_presence where device_id = $1', [big.id]))[0],
        {
          timeout: 5000,
        },
      )
      .toEqual({ problem_code: 'PACKET_TOO_LARGE' });
  });

  test('incomplete packets of all connections together are bounded', async () => {
    const own = await startRig({ limits: { maxKeptBytes: 2 << 20 } });
    const device = await own.register({ name: 'halves' });
    const half = Buffer.concat([claiming(0x32, 900_000), Buffer.alloc(800_000)]);
    const clients = await Promise.all(
      Array.from({ length: 4 }, (_, index) => own.rawClient(device, { clientId: `h${index}` })),
    );
    for (const { socket } of clients) socket.write(half);
    await expect.poll(() => own.intake.counts().refusals.memory).toBeGreaterThanOrEqual(1);
    await Promise.race(clients.map(({ closed }) => closed));
    await own.stop();
  });

  test('a message of the largest size is taken', async () => {
    const device = await rig.register({ name: 'largest' });
    const raw = await rig.rawClient(device);
    const topic = 'fl/1/acme/largest/waveform';
    raw.socket.write(publishPacket(topic, Buffer.alloc((1 << 20) - topic.length - 4, 7), 1, 1));
    expect((await raw.bytes(8)).subarray(4)).toEqual(Buffer.from([0x40, 2, 0, 1]));
  });

  test('the same client id under another credential does not evict its owner', async () => {
    const [owner, thief] = [await rig.register({ name: 'owner' }), await rig.register({ name: 'thief' })];
    expect(await stealClientId(() => rig.rawSocket(), 'acme', owner, thief)).toBe(true);
  });

  test('the same client id under the same credential takes over, as the protocol wants', async () => {
    const device = await rig.register({ name: 'taker' });
    const first = await rig.rawClient(device, { clientId: 'one' });
    await rig.rawClient(device, { clientId: 'one' });
    await first.closed;
  });

  test('a will on a forbidden topic is refused at CONNECT', async () => {
    const device = await rig.register({ name: 'testator' });
    expect(await foreignWill(() => rig.rawSocket(), 'acme', device, { name: 'owner' })).toBe(5);
  });

  test('a will on its own topic goes into the spool when the connection breaks', async () => {
    const device = await rig.register({ name: 'heir' });
    const will = { topic: 'fl/1/acme/heir/telemetry', payload: Buffer.from(sample(0)), qos: 1 as const, retain: true };
    const raw = await rig.rawClient(device, { will });
    raw.socket.destroy();
    await expect
      .poll(async () => (await rig.records()).filter(({ deviceName }) => deviceName === 'heir').length)
      .toBe(1);
  });

  test('a client that does not read its PUBACKs stops being read, and costs bounded memory', async () => {
    const device = await rig.register({ name: 'deaf' });
    const raw = await rig.rawClient(device);
    raw.socket.pause();
    const packet = publishPacket('fl/1/acme/deaf/telemetry', sample(1), 1, 1);
    const block = Buffer.concat(Array.from({ length: 1000 }, () => packet));
    let blocked = false;
    for (let index = 0; index < 3_000 && !blocked; index++) {
      if (raw.socket.write(block)) continue;
      const drained = new Promise<boolean>((resolve) => raw.socket.once('drain', () => resolve(true)));
      blocked = !(await Promise.race([
        drained,
        new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 2_000)),
      ]));
    }
    expect(blocked).toBe(true);
    raw.socket.destroy();
  });
});
