import { type Clock, type Logger, loopService, reasonOf, type Service } from '../../platform/index.ts';
import { Wake } from '../wake.ts';
import type { DeviceLink, ToDevice } from './link.ts';

/** What was written by another process, or could not be sent, is looked for this often. */
const LOOK_EVERY_MS = 500;
/** Sent after one look; the rest is found by the next. */
export const TOLD_AT_ONCE = 500;

/** A device that has just begun to listen for something. */
export interface Listening {
  slug: string;
  device: string;
}

export interface Teller extends Service {
  /** Looks now rather than at the next turn. */
  nudge(): void;
}

/**
 * The loop that tells devices what waits for them in the database: twice a second, and at once when one begins to
 * listen.
 *
 * @param deps.look sends what waits; given the devices that began to listen since it last succeeded
 */
export function createTeller(deps: {
  clock: Clock;
  log: Logger;
  link: DeviceLink;
  leaf: ToDevice;
  /** In the log: `… could not be sent`. */
  what: string;
  look: (listening: readonly Listening[]) => Promise<void>;
}): Teller {
  const { clock, log, link, leaf } = deps;
  const wake = new Wake();
  const began = new Map<string, Listening>();

  const run = async (signal: AbortSignal): Promise<void> => {
    const stop = link.onListening((slug, device, heard) => {
      if (heard !== leaf) return;
      began.set(`${slug}/${device}`, { slug, device });
      wake.ring();
    });
    while (!signal.aborted) {
      const listening = [...began];
      began.clear();
      try {
        await deps.look(listening.map(([, device]) => device));
      } catch (error) {
        for (const [key, device] of listening) began.set(key, device);
        log.warn({ reason: reasonOf(error) }, `${deps.what} could not be sent; they are tried again`);
      }
      const timer = clock.setTimer(LOOK_EVERY_MS, () => wake.ring());
      await wake.heard(signal);
      timer.cancel();
    }
    stop();
  };

  return { nudge: () => wake.ring(), ...loopService(run) };
}
