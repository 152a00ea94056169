import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publishPacket, startRig } from '../../test/fixtures/intakeRig.ts';

/** Whether strace may watch this very process; without it the test shows as skipped. */
const traceable = spawnSync('strace', ['-e', 'trace=none', 'true']).status === 0;

async function traced(path: string): Promise<ChildProcess> {
  const calls = 'trace=pwrite64,fdatasync,write,writev';
  const tracer = spawn('strace', ['-f', '-xx', '-s', '400', '-e', calls, '-o', path, '-p', String(process.pid)]);
  await once(tracer.stderr, 'data'); // "attached"
  return tracer;
}

const hexOf = (bytes: Iterable<number>): string =>
  [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');

test.skipIf(!traceable)(
  'the kernel sees each record written, then fdatasync returned, and only then its PUBACK',
  async () => {
    const rig = await startRig();
    const raw = await rig.rawClient(await rig.register({ name: 'watched' }));
    const folder = mkdtempSync(join(tmpdir(), 'faultline-strace-'));
    const path = join(folder, 'trace');
    const tracer = await traced(path);
    const ids = Array.from({ length: 20 }, (_, index) => 0x5a01 + index);
    for (const [index, id] of ids.entries()) {
      raw.socket.write(publishPacket('fl/1/acme/watched/telemetry', `{"point":"p","value":${id}}`, 1, id));
      await raw.bytes(8 + 4 * index);
    }
    const ended = once(tracer, 'exit');
    tracer.kill('SIGINT');
    await ended;
    const lines = readFileSync(path, 'latin1').split('\n');
    rmSync(folder, { recursive: true });
    for (const id of ids) {
      const written = lines.findIndex(
        (line) => line.includes('pwrite64(') && line.includes(hexOf(Buffer.from(`${id}`))),
      );
      const acknowledged = lines.findIndex((line) => line.includes(`"${hexOf([0x40, 2, id >> 8, id & 0xff])}"`));
      expect(written).toBeGreaterThanOrEqual(0);
      const synced = lines.findIndex((line, at) => at > written && /fdatasync.*= 0$/.test(line));
      expect(synced).toBeGreaterThan(written);
      expect(acknowledged).toBeGreaterThan(synced);
    }
    await rig.stop();
  },
);

test('a full spool withholds PUBACK and stops reading; it goes on where it stopped when there is space', async () => {
  const rig = await startRig({ spool: { limitBytes: 200_000, segmentBytes: 20_000 } });
  const raw = await rig.rawClient(await rig.register({ name: 'patient' }));
  const payloads = Array.from(
    { length: 1000 },
    (_, index) => `{"point":"p","value":${index},"pad":"${'x'.repeat(400)}"}`,
  );
  const packets = payloads.map((payload, index) => publishPacket('fl/1/acme/patient/telemetry', payload, 1, index + 1));
  raw.socket.write(Buffer.concat(packets));
  await expect.poll(() => rig.spool.state()).toBe('full');
  const heldAt = raw.received().length;
  expect(heldAt).toBeLessThan(4 + 4 * 1000);
  const taken: string[] = [];
  let cursor = 0;
  while (taken.length < 1000) {
    const batch = await rig.spool.read(cursor, 1 << 16);
    taken.push(...batch.records.map(({ payload }) => Buffer.from(payload).toString()));
    cursor = batch.nextOffset;
    await rig.spool.trim(cursor);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await raw.bytes(4 + 4 * 1000);
  expect(taken).toEqual(payloads);
  await rig.stop();
});
