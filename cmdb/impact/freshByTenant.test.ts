import { expect, it } from 'vitest';
import { type Clock, manualClock } from '../../platform/index.ts';
import { FreshByTenant } from './freshByTenant.ts';
import type { Health } from './health.ts';

const cacheOf = (from: ReturnType<typeof source>, clock: Clock) =>
  new FreshByTenant<Health>({
    clock,
    capacity: 2,
    renew: async (_, held) => {
      held.value = await from.health();
    },
  });

/** A source whose readings end when they are told to, each with what stood when it began. */
function source() {
  let stands = 0;
  const open: (() => void)[] = [];
  return {
    change: () => {
      stands += 1;
    },
    begun: () => open.length,
    end: (reading: number) => open[reading]!(),
    health: () => {
      const version = String(stands);
      const { promise, resolve } = Promise.withResolvers<Health>();
      open.push(() => resolve({ version, notOk: [] }));
      return promise;
    },
  };
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

it('answers at once from what it read at most 200 ms ago, and renews that on the way', async () => {
  const clock = manualClock();
  const from = source();
  const cache = cacheOf(from, clock);
  const [first, same] = [cache.recent('t'), cache.recent('t')];
  from.end(0);
  expect([(await first).version, (await same).version, from.begun()]).toEqual(['0', '0', 1]);
  from.change();
  await clock.advance(99);
  expect([(await cache.recent('t')).version, from.begun()]).toEqual(['0', 1]);
  await clock.advance(1);
  expect([(await cache.recent('t')).version, from.begun()]).toEqual(['0', 2]);
  from.end(1);
  await soon();
  await clock.advance(150);
  expect([(await cache.recent('t')).version, from.begun()]).toEqual(['1', 3]);
});

it('never answers from a reading that began more than 200 ms before the question', async () => {
  const clock = manualClock();
  const from = source();
  const cache = cacheOf(from, clock);
  const slow = cache.recent('t');
  await clock.advance(250);
  from.change();
  const late = cache.recent('t');
  from.end(0);
  expect((await slow).version).toBe('0');
  await soon();
  expect(from.begun()).toBe(2);
  from.end(1);
  expect((await late).version).toBe('1');
});

it('reads anew for whoever must know what was committed before, and shares only what began after', async () => {
  const clock = manualClock();
  const from = source();
  const cache = cacheOf(from, clock);
  const under = cache.recent('t');
  from.change();
  const [one, other] = [cache.now('t'), cache.now('t')];
  from.end(0);
  expect((await under).version).toBe('0');
  await soon();
  from.end(1);
  expect([(await one).version, (await other).version, from.begun()]).toEqual(['1', '1', 2]);
});
