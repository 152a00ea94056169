import { expect, test } from 'vitest';
import { manualClock } from '../../platform/index.ts';
import type { SpoolStatistics } from '../spool/index.ts';
import { SpoolWatch } from './spoolReport.ts';

const GIB = 1024 ** 3;

/** A spool and a shipper that stand where the test puts them. */
function standing() {
  const clock = manualClock(1_700_000_000_000);
  const at = { taken: 0, stored: 0, fed: 0, disk: 0 };
  const hold = { failures: 0, sinceMs: null as number | null, reason: null as string | null };
  const watch = new SpoolWatch({
    clock,
    spool: {
      id: 's',
      latestDurableOffset: () => at.taken,
      statistics: () => ({ diskBytes: at.disk, limitBytes: GIB, state: 'open', fullReason: null }) as SpoolStatistics,
    },
    storing: { hold, position: () => at.stored },
    feeding: { position: () => at.fed },
  });
  const pass = async (seconds: number, taken: number, stored: number) => {
    for (let second = 0; second < seconds; second += 5) {
      watch.observe();
      await clock.advance(5_000);
      at.taken += taken * 5;
      at.disk = at.taken;
      at.stored = Math.min(at.taken, at.stored + stored * 5);
    }
    watch.observe();
  };
  return { watch, at, hold, pass, clock };
}

test('while all is stored at once the spool is empty and lasts for hours', async () => {
  const { watch, pass } = standing();
  await pass(120, 10_000, 10_000);
  const report = watch.report();
  expect(report.intakeBytesPerSecond).toBeCloseTo(10_000);
  expect(report).toMatchObject({ waitingBytes: 0, secondsUntilDrained: 0, hoursUntilFull: null, heldSince: null });
  expect(report.hoursIfStoreStops).toBeCloseTo((GIB - 1_200_000) / 10_000 / 3600, 5);
});

test('while the store is away it says when the spool is full, and when back, until when it drains', async () => {
  const { watch, pass, hold, clock } = standing();
  Object.assign(hold, { failures: 3, sinceMs: clock.nowMs(), reason: 'connect ECONNREFUSED' });
  await pass(120, 10_000, 0);
  expect(watch.report()).toMatchObject({
    waitingBytes: 1_200_000,
    drainBytesPerSecond: 0,
    secondsUntilDrained: null,
    heldReason: 'connect ECONNREFUSED',
  });
  expect(watch.report().hoursUntilFull).toBeCloseTo((GIB - 1_200_000) / 10_000 / 3600, 5);

  Object.assign(hold, { failures: 0, sinceMs: null, reason: null });
  await pass(60, 10_000, 15_000);
  const report = watch.report();
  expect(report.waitingBytes).toBe(900_000);
  expect(report.secondsUntilDrained).toBeCloseTo(900_000 / 5_000);
  expect(report.hoursUntilFull).toBeNull();
});

test('before the first look at its position nothing is claimed', () => {
  const { watch, at } = standing();
  at.stored = -1;
  at.taken = 500;
  watch.observe();
  expect(watch.report()).toMatchObject({ waitingBytes: 0, intakeBytesPerSecond: 0, hoursIfStoreStops: null });
});
