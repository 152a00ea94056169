import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createLog, systemClock } from '../../platform/index.ts';
import { openSpool, SPOOL_FULL, type Spool } from './index.ts';

/** A file system of 1 MB, or null where none may be mounted (the test then shows as skipped). */
function smallDisk(): { directory: string; unmount(): void } | null {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-small-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    rmSync(directory, { recursive: true });
    return null;
  }
  return {
    directory,
    unmount: () => {
      // Lazily: after a failure the spool may still hold a file open.
      execFileSync('umount', ['-l', directory]);
      rmSync(directory, { recursive: true });
    },
  };
}

const disk = smallDisk();
afterAll(() => disk?.unmount());

async function recordsOf(spool: Spool): Promise<string[]> {
  const texts: string[] = [];
  for (let offset = spool.firstOffset(); ; ) {
    const batch = await spool.read(offset, 1 << 20);
    expect(batch.damaged).toEqual([]);
    texts.push(...batch.records.map(({ payload }) => Buffer.from(payload).toString().trimEnd()));
    if (batch.nextOffset === offset) return texts;
    offset = batch.nextOffset;
  }
}

test.skipIf(disk === null)(
  'on a full disk what was acknowledged is what is there; it resumes when space returns',
  async () => {
    const { directory } = disk!;
    const filler = join(directory, 'filler');
    writeFileSync(filler, Buffer.alloc(400_000));
    const options = { directory: join(directory, 'spool'), clock: systemClock(), log: createLog('silent') };
    let spool = await openSpool({ ...options, limitBytes: 1 << 30, segmentBytes: 100_000 });
    const acknowledged: string[] = [];
    let refused = 0;
    const publish = (from: number, count: number): void => {
      for (let index = from; index < from + count; index++) {
        const end = spool.append({
          tenantId: '0190f5c0-0000-7000-8000-000000000001',
          deviceId: '0190f5c0-0000-7000-8000-0000000000d1',
          deviceName: 'd',
          kind: 'telemetry',
          format: 'json',
          vendorTopic: null,
          arrivalNs: 1n,
          units: 1,
          duplicate: false,
          payload: Buffer.from(`${index}`.padEnd(1000)),
        });
        if (end === SPOOL_FULL) refused++;
        else
          void spool.flushed(end).then(
            () => acknowledged.push(`${index}`),
            () => undefined,
          );
      }
    };
    // More than fits, in one group: what fits of it is committed and acknowledged, the rest waits in memory.
    publish(0, 800);
    await expect.poll(() => spool.state()).toBe('full');
    expect(spool.statistics()).toMatchObject({ fullReason: 'ENOSPC' });
    expect(await recordsOf(spool)).toEqual(acknowledged);
    expect(acknowledged.length).toBeGreaterThan(100);
    expect(acknowledged.length).toBeLessThan(650);
    publish(800, 10);
    expect(refused).toBe(10);

    rmSync(filler);
    const before = acknowledged.length;
    await expect.poll(() => acknowledged.length).toBeGreaterThan(before + 100);
    await expect.poll(() => recordsOf(spool)).toEqual(acknowledged);

    // Whatever the cursors have passed gives its space back, until everything is through.
    await expect
      .poll(async () => {
        await spool.trim(spool.latestDurableOffset());
        return acknowledged.length;
      })
      .toBe(800);
    await expect.poll(() => spool.state()).toBe('open');

    const kept = await recordsOf(spool);
    await spool.close();
    spool = await openSpool({ ...options, limitBytes: 1 << 30 });
    expect(await recordsOf(spool)).toEqual(kept);
    expect(acknowledged).toEqual(Array.from({ length: 800 }, (_, index) => `${index}`));
    await spool.close();
  },
);
