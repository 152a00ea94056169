import { createPostgresBackend, Queue, runMigrations, Worker, withBackend } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { despiteCatalogueConflicts } from '../db/catalogueConflict.ts';
import { type DatabaseOptions, rolePool } from '../db/database.ts';
import { waitForMigrations } from '../db/migrate.ts';
import { reasonOf } from '../errors/errors.ts';
import type { Logger } from '../log/log.ts';
import type { JobHandler, Jobs, WorkOptions } from './jobs.ts';
import type { JobType } from './jobType.ts';
import { tellLosses } from './lossyPool.ts';

/** The engine beneath the registry: how queues and workers are made, and what must be closed last. */
interface Backend {
  queue(name: string): Queue;
  worker(name: string, process: (data: unknown, signal: AbortSignal) => Promise<void>, concurrency: number): Worker;
  close(): Promise<void>;
}

/** How long a worker waits before it looks for its engine again. */
const RETRY_MS = 1000;

const KEEP = { removeOnComplete: true, removeOnFail: { age: 24 * 3600, count: 1000 } };

/**
 * Makes BullMQ's own schema, which is exempt from tenancy, and lets the queue's role work in it. Processes that start
 * together wait for one another.
 */
export async function migrateQueues(ownerUrl: string): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await waitForMigrations(owner);
    await runMigrations(owner);
    await despiteCatalogueConflicts(() => grantQueues(owner));
  } finally {
    await owner.end();
  }
}

function grantQueues(owner: pg.Client) {
  return owner.query(`
    grant usage, create on schema bullmq to faultline_queue; -- it makes a sequence for each queue
    grant all on all tables in schema bullmq to faultline_queue;
    grant all on all sequences in schema bullmq to faultline_queue;
    grant execute on all functions in schema bullmq to faultline_queue`);
}

/** Queues in PostgreSQL, as a role that can reach nothing but them. */
export function jobsOnPostgres(options: DatabaseOptions, log: Logger): Jobs {
  const pool = tellLosses(rolePool(options, 'queue', 40, ['search_path=bullmq']));
  pool.setMaxListeners(0); // every queue and worker listens for errors of the one pool
  const connection = pool as never; // BullMQ declares a pool type of its own that pg's satisfies at run time
  const bound = withBackend(createPostgresBackend);
  return createJobs(
    {
      queue: (name) => new bound.Queue(name, { connection }) as unknown as Queue,
      worker: (name, process, concurrency) =>
        new bound.Worker(name, (job, _token, signal) => process(job.data, signal ?? new AbortController().signal), {
          connection,
          concurrency,
          autorun: false,
          runRetryDelay: RETRY_MS,
        }) as unknown as Worker,
      close: () => pool.end(),
    },
    log,
  );
}

/** Queues in Redis, which must keep what it is given (`noeviction`, append-only file). */
export function jobsOnRedis(url: string, log: Logger): Jobs {
  const forQueues = new Redis(url, { maxRetriesPerRequest: 1, lazyConnect: false });
  const forWorkers = new Redis(url, { maxRetriesPerRequest: null });
  for (const redis of [forQueues, forWorkers])
    redis.on('error', (error) => log.warn({ reason: reasonOf(error) }, 'Redis'));
  return createJobs(
    {
      queue: (name) => new Queue(name, { connection: forQueues, skipWaitingForReady: true }),
      worker: (name, process, concurrency) =>
        new Worker(name, (job, _token, signal) => process(job.data, signal ?? new AbortController().signal), {
          connection: forWorkers,
          concurrency,
          autorun: false,
          runRetryDelay: RETRY_MS,
        }),
      close: async () => {
        forQueues.disconnect();
        forWorkers.disconnect();
      },
    },
    log,
  );
}

interface Registered {
  type: JobType<unknown>;
  handler: JobHandler<unknown>;
  options: WorkOptions;
}

function createJobs(backend: Backend, log: Logger): Jobs {
  const queues = new Map<string, Queue>();
  const workers: Worker[] = [];
  const registered: Registered[] = [];
  let started = false;
  let stopped: Promise<void> | undefined;

  const queueOf = (name: string): Queue => {
    let queue = queues.get(name);
    if (!queue) {
      queue = backend.queue(name);
      queue.on('error', (error) => log.warn({ queue: name, reason: reasonOf(error) }, 'job queue'));
      queues.set(name, queue);
    }
    return queue;
  };

  const begin = async ({ type, handler, options }: Registered) => {
    if (options.globalConcurrency !== undefined)
      await queueOf(type.name).setGlobalConcurrency(options.globalConcurrency);
    const worker = backend.worker(
      type.name,
      (data, signal) => handler(type.schema.parse(data), signal),
      options.concurrency ?? 1,
    );
    worker.on('error', (error) => log.warn({ queue: type.name, reason: reasonOf(error) }, 'job worker'));
    worker.on('failed', (_job, error) => log.warn({ queue: type.name, reason: reasonOf(error) }, 'job failed'));
    worker.run().catch((error) => log.error({ queue: type.name, reason: reasonOf(error) }, 'job worker ended'));
    workers.push(worker);
  };

  const close = async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    await Promise.all([...queues.values()].map((queue) => queue.close()));
    await backend.close();
  };

  return {
    enqueue: async (type, payload, options = {}) => {
      // keepLastIfActive: what is enqueued while its twin is being worked on runs once more afterwards.
      const deduplication =
        options.id === undefined ? {} : { deduplication: { id: options.id, keepLastIfActive: true } };
      await queueOf(type.name).add(type.name, type.schema.parse(payload), {
        ...KEEP,
        ...deduplication,
        ...(options.delayMs === undefined ? {} : { delay: options.delayMs }),
      });
    },
    enqueueAll: async (type, payloads) => {
      if (payloads.length === 0) return;
      await queueOf(type.name).addBulk(
        payloads.map((payload) => ({ name: type.name, data: type.schema.parse(payload), opts: KEEP })),
      );
    },
    work: (type, handler, options = {}) => {
      const entry = { type, handler, options } as Registered;
      registered.push(entry);
      if (started)
        begin(entry).catch((error) => log.error({ queue: type.name, reason: reasonOf(error) }, 'job worker'));
    },
    start: async () => {
      started = true;
      await Promise.all(registered.map(begin));
    },
    stop: () => {
      started = false;
      stopped ??= close();
      return stopped;
    },
  };
}
