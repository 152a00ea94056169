import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { manualClock } from './manualClock.ts';

test('timers fire in the order of their due times and not before', async () => {
  const clock = manualClock(0);
  const fired: string[] = [];
  clock.setTimer(20, () => fired.push(`b@${clock.nowMs()}`));
  clock.setTimer(10, () => fired.push(`a@${clock.nowMs()}`));
  clock.setTimer(30, () => fired.push('never')).cancel();
  await clock.advance(19);
  expect(fired).toEqual(['a@10']);
  await clock.advance(100);
  expect(fired).toEqual(['a@10', 'b@20']);
  expect(clock.nowNs()).toBe(119_000_000n);
});

test('a sleep ends early when its signal aborts', async () => {
  const clock = manualClock();
  const stop = new AbortController();
  const slept = clock.sleep(1_000_000, stop.signal);
  stop.abort();
  await expect(slept).resolves.toBeUndefined();
});

test('the system clock agrees with the wall clock to 2 ms and never runs backwards', () => {
  const clock = systemClock();
  let last = clock.nowNs();
  for (let i = 0; i < 1000; i++) {
    const now = clock.nowNs();
    expect(now).toBeGreaterThanOrEqual(last - 2_000_000n);
    last = now;
  }
  expect(Math.abs(Number(clock.nowNs() / 1_000_000n) - clock.nowMs())).toBeLessThanOrEqual(2);
});
