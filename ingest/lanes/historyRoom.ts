import type { Clock } from '../../platform/index.ts';
import type { FeedBacklog } from '../feed/watch.ts';

/** Analytics works its queue off in order: history may only wait there in such an amount that live data pass soon. */
const WAITING_BYTES = 2 * 1024 * 1024;
/** Batches between two measurements of what waits. */
const BATCHES_PER_LOOK = 8;
const LOOK_EVERY_MS = 1_000;
const WAIT_MS = 50;

/** Room in the queue of analytics for a batch of history: few batches a second, and none while much waits there. */
export function historyRoom(clock: Clock, backlog: Readonly<FeedBacklog>): (signal: AbortSignal) => Promise<void> {
  let sinceMs = Number.NEGATIVE_INFINITY;
  let taken = 0;
  return async (signal) => {
    for (;;) {
      if (clock.nowMs() - sinceMs >= LOOK_EVERY_MS) {
        sinceMs = clock.nowMs();
        taken = 0;
      }
      if (signal.aborted || (taken < BATCHES_PER_LOOK && backlog.bytes < WAITING_BYTES)) break;
      await clock.sleep(WAIT_MS, signal);
    }
    taken++;
  };
}
