import type { Clock } from '../../platform/index.ts';

/** Live data count as behind when more than this waits: a batch that a loop has not picked up yet is no backlog. */
const BEHIND_BYTES = 64 * 1024;
/** However busy live data are, history gets a batch this often: it is late, but it must not starve. */
const AT_LEAST_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 20;

/**
 * The turn of a loop that works on history: as long as live data are behind at the same task, it takes one batch a
 * second; otherwise as many as it can.
 *
 * @param behindBytes how far the live loop is behind; NaN or negative while it does not know
 */
export function givesWay(clock: Clock, behindBytes: () => number): (signal: AbortSignal) => Promise<void> {
  let lastMs = clock.nowMs();
  return async (signal) => {
    while (!signal.aborted && !(behindBytes() <= BEHIND_BYTES) && clock.nowMs() - lastMs < AT_LEAST_EVERY_MS)
      await clock.sleep(LOOK_EVERY_MS, signal);
    lastMs = clock.nowMs();
  };
}
