import { expect, test } from 'vitest';
import { manualClock } from '../../platform/index.ts';
import { FailureBudget } from './failureBudget.ts';

test('a burst is allowed, then nothing until the bucket has refilled; addresses are separate', async () => {
  const clock = manualClock(0);
  const budget = new FailureBudget(clock, { burst: 3, perSecond: 1 });
  for (let failure = 0; failure < 3; failure++) {
    expect(budget.isSpent('a')).toBe(false);
    budget.failed('a');
  }
  expect(budget.isSpent('a')).toBe(true);
  expect(budget.isSpent('b')).toBe(false);
  await clock.advance(1_000);
  expect(budget.isSpent('a')).toBe(false);
});

test('what fails at once is paid back, but never more than ten seconds of it', async () => {
  const clock = manualClock(0);
  const budget = new FailureBudget(clock, { burst: 3, perSecond: 1 });
  for (let failure = 0; failure < 8; failure++) budget.failed('a');
  await clock.advance(5_000);
  expect(budget.isSpent('a')).toBe(true);
  await clock.advance(1_000);
  expect(budget.isSpent('a')).toBe(false);
  for (let failure = 0; failure < 1000; failure++) budget.failed('a');
  await clock.advance(11_000);
  expect(budget.isSpent('a')).toBe(false);
});
