import { join } from 'node:path';
import type { Clock, Logger } from '../../platform/index.ts';
import { openSpool } from '../spool/index.ts';
import { Lanes } from './lanes.ts';

/** Of the space for both: history waits longer, live data must never be short of it. */
const LIVE_SHARE = 3 / 4;

export type { Lanes };

/** Opens the two spools of a process. */
export async function openLanes(options: {
  directory: string;
  /** Of both spools together. */
  limitBytes: number;
  clock: Clock;
  log: Logger;
}): Promise<Lanes> {
  const { directory, limitBytes, clock, log } = options;
  const liveBytes = Math.ceil(limitBytes * LIVE_SHARE);
  const live = await openSpool({ directory: join(directory, 'spool'), limitBytes: liveBytes, clock, log });
  try {
    const limit = limitBytes - liveBytes;
    const history = await openSpool({ directory: join(directory, 'spool-history'), limitBytes: limit, clock, log });
    return new Lanes(live, history);
  } catch (error) {
    await live.close();
    throw error;
  }
}
