import { type Clock, type Logger, reasonOf, type Timer } from '../../platform/index.ts';
import type { FeedTarget } from './partition.ts';

/**
 * A partition is told of at once when it was quiet, and then at most this often: its worker takes all that has come
 * meanwhile, and a job costs the queue more than a batch costs the feed.
 */
const AT_MOST_EVERY_MS = 250;
/** Partitions remembered; beyond them all are forgotten, and told of at once. */
const MAX_KNOWN = 20_000;

export interface Nudger {
  /** Tells of these partitions, now or soon. Resolves when those that are told of now have been. */
  nudge(targets: readonly FeedTarget[]): Promise<void>;
  /** Forgets what it was about to tell: the rows are safe, and the sweep finds them. */
  stop(): void;
}

/** Puts nudges of the same partition together while data come in faster than analytics needs to be told. */
export function createNudger(deps: {
  clock: Clock;
  log: Logger;
  send(targets: readonly FeedTarget[]): Promise<void>;
}): Nudger {
  const { clock, log } = deps;
  const toldAtMs = new Map<string, number>();
  const owed = new Map<string, FeedTarget>();
  let timer: Timer | null = null;

  const tell = (targets: readonly FeedTarget[]): Promise<void> => {
    const nowMs = clock.nowMs();
    if (toldAtMs.size > MAX_KNOWN) toldAtMs.clear();
    for (const target of targets) toldAtMs.set(keyOf(target), nowMs);
    return deps.send(targets);
  };

  const payOff = (): void => {
    timer = null;
    const targets = [...owed.values()];
    owed.clear();
    tell(targets).catch((error: unknown) => log.warn({ reason: reasonOf(error) }, 'analytics could not be nudged'));
  };

  return {
    nudge: async (targets) => {
      const nowMs = clock.nowMs();
      const quiet: FeedTarget[] = [];
      for (const target of targets) {
        const key = keyOf(target);
        const silentMs = nowMs - (toldAtMs.get(key) ?? Number.NEGATIVE_INFINITY);
        if (silentMs >= AT_MOST_EVERY_MS && !owed.has(key)) quiet.push(target);
        else owed.set(key, target);
      }
      if (owed.size > 0) timer ??= clock.setTimer(AT_MOST_EVERY_MS, payOff);
      if (quiet.length > 0) await tell(quiet);
    },
    stop: () => {
      timer?.cancel();
      timer = null;
      owed.clear();
    },
  };
}

function keyOf({ tenantId, partition }: FeedTarget): string {
  return `${tenantId}-${partition}`;
}
