import type { Service } from '../service.ts';
import type { JobType } from './jobType.ts';

export interface EnqueueOptions {
  /** While a job of this id waits, another is not added; while it is worked on, one more runs afterwards. */
  id?: string;
  delayMs?: number;
}

export interface WorkOptions {
  /** Jobs at the same time in this process; 1 by default. */
  concurrency?: number;
  /** Jobs at the same time in the whole installation. */
  globalConcurrency?: number;
}

export type JobHandler<T> = (payload: T, signal: AbortSignal) => Promise<void>;

/**
 * The one registry of background work. Delivery is at least once and a queue may be lost altogether: whatever must
 * happen has a row of its own in PostgreSQL, from which its job is made again. Leaves out: results, flows, priorities,
 * repeating jobs (a timer is a delayed event).
 */
export interface Jobs extends Service {
  enqueue<T>(type: JobType<T>, payload: T, options?: EnqueueOptions): Promise<void>;
  enqueueAll<T>(type: JobType<T>, payloads: readonly T[]): Promise<void>;
  /** Registers the handler of a job type; work begins with `start`, or at once when already started. */
  work<T>(type: JobType<T>, handler: JobHandler<T>, options?: WorkOptions): void;
}
