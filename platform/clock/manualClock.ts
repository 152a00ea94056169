import type { Clock, Timer } from './clock.ts';

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /** Moves time forward, firing the timers that fall due in their order and letting their promises settle. */
  advance(byMs: number): Promise<void>;
}

interface Pending {
  dueMs: number;
  order: number;
  fire: () => void;
}

/** A clock for tests. `startMs` defaults to 2026-01-01T00:00:00Z. */
export function manualClock(startMs: number = Date.UTC(2026, 0, 1)): ManualClock {
  let now = startMs;
  let order = 0;
  const pending = new Set<Pending>();

  const setTimer = (delayMs: number, fire: () => void): Timer => {
    const entry: Pending = { dueMs: now + Math.max(0, delayMs), order: order++, fire };
    pending.add(entry);
    return { cancel: () => void pending.delete(entry) };
  };
  const nextDue = (untilMs: number): Pending | undefined => {
    let first: Pending | undefined;
    for (const entry of pending) {
      if (entry.dueMs > untilMs) continue;
      if (!first || entry.dueMs < first.dueMs || (entry.dueMs === first.dueMs && entry.order < first.order))
        first = entry;
    }
    return first;
  };
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  return {
    nowMs: () => now,
    nowNs: () => BigInt(Math.round(now * 1000)) * 1000n,
    setTimer,
    sleep: (delayMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const timer = setTimer(delayMs, resolve);
        signal?.addEventListener(
          'abort',
          () => {
            timer.cancel();
            resolve();
          },
          { once: true },
        );
      }),
    advance: async (byMs) => {
      const untilMs = now + byMs;
      await settle();
      for (let entry = nextDue(untilMs); entry; entry = nextDue(untilMs)) {
        pending.delete(entry);
        now = Math.max(now, entry.dueMs);
        entry.fire();
        await settle();
      }
      now = untilMs;
    },
  };
}
