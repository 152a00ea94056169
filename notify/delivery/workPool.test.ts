import { expect, test } from 'vitest';
import { manualClock } from '../../platform/index.ts';
import { createWorkPool } from './workPool.ts';

const make = (maxWaiting = 100) => {
  const clock = manualClock();
  const pool = createWorkPool({ concurrency: 2, maxWaiting, setTimer: clock.setTimer });
  const began: string[] = [];
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const add = (name: string) => {
    const gate = Promise.withResolvers<void>();
    gates.set(name, gate);
    return pool.add(name, async (signal) => {
      began.push(name);
      signal.addEventListener('abort', () => gate.reject(signal.reason));
      await gate.promise;
    });
  };
  const finish = async (name: string) => {
    gates.get(name)!.resolve();
    await clock.advance(0);
  };
  return { clock, pool, began, add, finish };
};

test('a bounded number runs at once, in order, and a failure frees its place', async () => {
  const { pool, began, add, finish, clock } = make();
  pool.start();
  for (const name of ['a', 'b', 'c', 'd']) add(name);
  expect(began).toEqual(['a', 'b']);
  await finish('b');
  expect(began).toEqual(['a', 'b', 'c']);
  pool.add('fails', () => Promise.reject(new Error('x')));
  await finish('a');
  await finish('c');
  await clock.advance(0);
  pool.add('last', async () => void began.push('last'));
  expect(began).toEqual(['a', 'b', 'c', 'd', 'last']);
});

test('a name that waits or runs is not taken twice, and is again when done', async () => {
  const { pool, began, add, finish } = make();
  pool.start();
  add('a');
  expect(pool.add('a', async () => void began.push('a again'))).toBe(true);
  await finish('a');
  expect(began).toEqual(['a']);
  pool.add('a', async () => void began.push('a later'));
  expect(began).toEqual(['a', 'a later']);
});

test('what does not fit is refused, and so is everything before the start and after the stop', async () => {
  const { pool, add, clock } = make(1);
  expect(add('too early')).toBe(false);
  pool.start();
  expect(['a', 'b', 'waits', 'no room'].map(add)).toEqual([true, true, true, false]);
  const stopped = pool.stop(1000);
  expect(add('too late')).toBe(false);
  await clock.advance(1000);
  await stopped;
});

test('a stop waits for what runs, forgets what waits, and cuts off what takes too long', async () => {
  const { pool, began, add, finish, clock } = make();
  pool.start();
  for (const name of ['a', 'b', 'c']) add(name);
  let ended = false;
  const stopped = pool.stop(1000).then(() => {
    ended = true;
  });
  await finish('a');
  await clock.advance(999);
  expect([ended, began]).toEqual([false, ['a', 'b']]);
  await clock.advance(1);
  await stopped;
  expect(began).toEqual(['a', 'b']);
});
