import { expect, test } from 'vitest';
import { manualClock } from '../clock/manualClock.ts';
import { createLoginThrottle, LOGIN_RULES } from './throttle.ts';

const tries = (throttle: ReturnType<typeof createLoginThrottle>, account: string, address: string, count: number) =>
  Array.from({ length: count }, () => throttle.attempt(account, address).waitMs);

test('after the free tries the wait doubles, and a parallel burst gets no more of them', async () => {
  const clock = manualClock();
  const throttle = createLoginThrottle(clock);
  expect(tries(throttle, 'a', '1', 8)).toEqual([0, 0, 0, 0, 0, 1000, 1000, 1000]);
  await clock.advance(1000);
  expect(tries(throttle, 'a', '1', 2)).toEqual([0, 2000]);
  await clock.advance(2000);
  expect(tries(throttle, 'a', '1', 2)).toEqual([0, 4000]);
});

test('another address is not held back by a stranger’s failures, until the account as a whole is attacked', () => {
  const throttle = createLoginThrottle(manualClock());
  tries(throttle, 'a', '1', 6);
  expect(throttle.attempt('a', '2').waitMs).toBe(0);
  const { free, maxWaitMs } = LOGIN_RULES.account;
  for (let i = 0; i < free; i++) throttle.attempt('b', `10.0.0.${i}`);
  const wait = throttle.attempt('b', 'fresh').waitMs;
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(maxWaitMs);
});

test('one password sprayed over many accounts is stopped by its address', () => {
  const throttle = createLoginThrottle(manualClock());
  for (let i = 0; i < LOGIN_RULES.address.free; i++) expect(throttle.attempt(`user${i}`, '1').waitMs).toBe(0);
  expect(throttle.attempt('one more', '1').waitMs).toBe(LOGIN_RULES.address.firstWaitMs);
});

test('a success forgives its own try, not the address’s other failures', () => {
  const throttle = createLoginThrottle(manualClock());
  tries(throttle, 'a', '1', 4);
  const good = throttle.attempt('a', '1');
  if (!('succeeded' in good)) throw new Error('was held back');
  good.succeeded();
  expect(tries(throttle, 'a', '1', 6)).toEqual([0, 0, 0, 0, 0, 1000]);
});

test('idle failures are forgotten', async () => {
  const clock = manualClock();
  const throttle = createLoginThrottle(clock);
  tries(throttle, 'a', '1', 6);
  await clock.advance(15 * 60_000 + 1);
  expect(tries(throttle, 'a', '1', 5)).toEqual([0, 0, 0, 0, 0]);
});
