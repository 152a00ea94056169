import { expect, test } from 'vitest';
import { createLog, manualClock } from '../../platform/index.ts';
import { createNudger } from './nudger.ts';
import type { FeedTarget } from './partition.ts';

const log = createLog('silent');
const target = (partition: number, tenantId = 'acme'): FeedTarget => ({ tenantId, partition });

function nudgerTelling() {
  const clock = manualClock(1_000_000);
  const told: FeedTarget[][] = [];
  const nudger = createNudger({ clock, log, send: async (targets) => void told.push([...targets]) });
  return { clock, told, nudger };
}

test('a quiet partition is told of at once, a busy one once in a while, and none of its nudges is dropped', async () => {
  const { clock, told, nudger } = nudgerTelling();
  await nudger.nudge([target(0), target(1)]);
  expect(told).toEqual([[target(0), target(1)]]);
  for (let round = 0; round < 100; round++) {
    await nudger.nudge([target(0)]);
    await clock.advance(10);
  }
  const own = told.flat().filter(({ partition }) => partition === 0).length;
  expect(own).toBeGreaterThanOrEqual(1 + 3);
  expect(own).toBeLessThanOrEqual(1 + 5);
  const before = told.length;
  await nudger.nudge([target(0)]);
  await clock.advance(1_000);
  expect(told.length, 'what came last is told of, too').toBeGreaterThan(before);
  expect(told.at(-1)).toEqual([target(0)]);
});

test('what comes right behind a nudge is told of although nothing follows it', async () => {
  const { clock, told, nudger } = nudgerTelling();
  await nudger.nudge([target(0)]);
  await clock.advance(1);
  await nudger.nudge([target(0)]);
  expect(told).toHaveLength(1);
  await clock.advance(300);
  expect(told).toEqual([[target(0)], [target(0)]]);
  await clock.advance(10_000);
  expect(told).toHaveLength(2);
});

test('tenants do not keep each other waiting, and a partition that was quiet is told of at once again', async () => {
  const { clock, told, nudger } = nudgerTelling();
  await nudger.nudge([target(0)]);
  await nudger.nudge([target(0, 'other')]);
  expect(told).toEqual([[target(0)], [target(0, 'other')]]);
  await clock.advance(251);
  await nudger.nudge([target(0)]);
  expect(told.at(-1)).toEqual([target(0)]);
  expect(told).toHaveLength(3);
});

test('a queue that is down is heard of by whoever nudged, and asked again for what comes later', async () => {
  const clock = manualClock(1_000_000);
  let asked = 0;
  const send = async () => {
    asked++;
    throw new Error('the queue is down');
  };
  const nudger = createNudger({ clock, log, send });
  await expect(nudger.nudge([target(0)])).rejects.toThrow('down');
  await nudger.nudge([target(0)]);
  await clock.advance(300);
  expect(asked).toBe(2);
});

test('a stop leaves nothing behind', async () => {
  const { clock, told, nudger } = nudgerTelling();
  await nudger.nudge([target(0)]);
  await nudger.nudge([target(0)]);
  nudger.stop();
  await clock.advance(1_000);
  expect(told).toHaveLength(1);
});
