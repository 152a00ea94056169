import { expect, test } from 'vitest';
import { manualClock } from '../../platform/index.ts';
import { TenantMeter, UNLIMITED } from './tenantMeter.ts';

const ALONE = { processes: 0, connections: 0 };

/** Somebody who always has another message, and the times at which they were taken. */
function eager(meter: TenantMeter, bytes = 10): { taken(): number; stop(): void } {
  let count = 0;
  let stopped = false;
  const go = (): void => {
    while (!stopped && meter.hasRoom()) {
      meter.took(bytes);
      count++;
    }
    if (!stopped) meter.wait(go);
  };
  go();
  return {
    taken: () => count,
    stop: () => {
      stopped = true;
      meter.leave(go);
    },
  };
}

const meterOf = (limits: Partial<typeof UNLIMITED>, others = ALONE) => {
  const clock = manualClock();
  const meter = new TenantMeter(clock, 'id', 'acme');
  meter.limit({ ...UNLIMITED, ...limits }, others);
  return { clock, meter };
};

test('a rate of messages is kept over time, with a burst of one second', async () => {
  const { clock, meter } = meterOf({ messagesPerSecond: 100 });
  const source = eager(meter);
  expect(source.taken()).toBe(100);
  await clock.advance(10_000);
  expect(source.taken()).toBeGreaterThanOrEqual(1_095);
  expect(source.taken()).toBeLessThanOrEqual(1_101);
  source.stop();
});

test('a rate of bytes is kept on average, however large one message is', async () => {
  const { clock, meter } = meterOf({ bytesPerSecond: 1_000 });
  const source = eager(meter, 5_000);
  expect(source.taken()).toBe(1);
  await clock.advance(50_000);
  expect(meter.bytes).toBeGreaterThanOrEqual(50_000);
  expect(meter.bytes).toBeLessThanOrEqual(60_000);
  source.stop();
});

test('those who wait take turns', async () => {
  const { clock, meter } = meterOf({ messagesPerSecond: 1_000 });
  const sources = Array.from({ length: 4 }, () => eager(meter));
  await clock.advance(20_000);
  const counts = sources.map((source) => source.taken());
  expect(counts.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(21_001);
  expect(Math.min(...counts)).toBeGreaterThan(4_500);
  for (const source of sources) source.stop();
});

test('other processes share the rate and the connections', async () => {
  const { meter } = meterOf({ messagesPerSecond: 90, maxConnections: 5 }, { processes: 2, connections: 3 });
  const source = eager(meter);
  expect(source.taken()).toBe(30);
  source.stop();
  meter.connections = 1;
  expect(meter.admitsConnection()).toBe(true);
  meter.connections = 2;
  expect(meter.admitsConnection()).toBe(false);
});

test('raising the quota wakes those who wait, the same quota again changes nothing', async () => {
  const { clock, meter } = meterOf({ messagesPerSecond: 1 });
  let woken = 0;
  meter.took(1);
  meter.wait(() => woken++);
  meter.limit({ ...UNLIMITED, messagesPerSecond: 1 }, ALONE);
  await clock.advance(100);
  expect(woken).toBe(0);
  meter.limit(UNLIMITED, ALONE);
  expect(woken).toBe(1);
  expect(meter.isLimited).toBe(false);
});
