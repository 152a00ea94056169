import { Worker } from 'node:worker_threads';
import { type Clock, reasonOf, type Service, type Timer } from '../../platform/index.ts';
import { analyticsErrors } from '../errors.ts';
import type { BlockResult, BlockTask, ThreadReply, ThreadRequest } from './messages.ts';

export interface AnalysisPool extends Service {
  /**
   * Analyses blocks on the threads; results in the order of the tasks. The samples' memory moves to the thread.
   *
   * @param options.isolate every block goes alone, and a thread that dies of it becomes that block's failure
   * @throws ANALYTICS_THREAD when a thread died or hung over several blocks: ask again with `isolate`
   */
  analyse(tasks: readonly BlockTask[], options?: { isolate?: boolean }): Promise<BlockResult[]>;
}

export interface PoolOptions {
  clock: Clock;
  threads: number;
  /** A thread that says nothing for this long over one chunk is ended. */
  hangMs?: number;
  /** What the threads run; tests put one here that misbehaves. */
  script?: URL;
}

interface Chunk {
  id: number;
  tasks: readonly BlockTask[];
  resolve: (results: readonly BlockResult[]) => void;
  reject: (error: Error) => void;
}

interface Slot {
  worker: Worker;
  ready: Promise<void>;
  busy: Chunk | null;
  watchdog: Timer | null;
}

const CHUNK_BLOCKS = 8;
const HANG_MS = 30_000;
/** Enough for blocks of 20 MB; a thread that wants more is ended and its block named. */
const HEAP_MB = 512;

/** Worker threads that run `thread.ts`; one that dies is replaced. Its queue is as long as what callers wait for. */
export function createPool(options: PoolOptions): AnalysisPool {
  const { clock, hangMs = HANG_MS, script = new URL('./thread.ts', import.meta.url) } = options;
  const slots = new Set<Slot>();
  const queue: Chunk[] = [];
  let nextId = 1;
  let running = false;

  const release = (slot: Slot): Chunk | null => {
    const chunk = slot.busy;
    slot.busy = null;
    slot.watchdog?.cancel();
    slot.watchdog = null;
    return chunk;
  };
  const retire = (slot: Slot, reason: string) => {
    if (!slots.delete(slot)) return;
    release(slot)?.reject(analyticsErrors.ANALYTICS_THREAD({ reason }));
    slot.worker.terminate().catch(() => undefined);
    if (running) spawn();
  };
  const spawn = (): Slot => {
    const worker = new Worker(script, { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    ready.catch(() => undefined);
    const slot: Slot = { worker, ready, busy: null, watchdog: null };
    slots.add(slot);
    worker.on('message', (reply: ThreadReply) => {
      if ('ready' in reply) resolve();
      else release(slot)?.resolve(reply.results);
      dispatch();
    });
    worker.on('error', (error) => {
      reject(error instanceof Error ? error : new Error(reasonOf(error)));
      retire(slot, reasonOf(error));
    });
    worker.on('exit', (code) => retire(slot, `it exited with code ${code}`));
    dispatch();
    return slot;
  };
  const dispatch = () => {
    for (const slot of slots) {
      if (slot.busy) continue;
      const chunk = queue.shift();
      if (!chunk) return;
      slot.busy = chunk;
      slot.watchdog = clock.setTimer(hangMs, () => retire(slot, `it hung for ${hangMs} ms`));
      const buffers = chunk.tasks.map((task) => task.block.samples.buffer as ArrayBuffer);
      slot.worker.postMessage({ id: chunk.id, tasks: chunk.tasks } satisfies ThreadRequest, [...new Set(buffers)]);
    }
  };
  const submit = (tasks: readonly BlockTask[]) =>
    new Promise<readonly BlockResult[]>((resolve, reject) => {
      if (!running) return reject(analyticsErrors.ANALYTICS_THREAD({ reason: 'the pool is not started' }));
      queue.push({ id: nextId++, tasks, resolve, reject });
      dispatch();
    });

  return {
    analyse: async (tasks, { isolate = false } = {}) => {
      const size = isolate ? 1 : Math.max(1, Math.min(CHUNK_BLOCKS, Math.ceil(tasks.length / options.threads)));
      const chunks = Array.from({ length: Math.ceil(tasks.length / size) }, (_, i) =>
        tasks.slice(i * size, (i + 1) * size),
      );
      // All settle before any error is passed on: nothing of this call is left running.
      const settled = await Promise.allSettled(chunks.map(submit));
      return settled.flatMap((outcome) => {
        if (outcome.status === 'fulfilled') return [...outcome.value];
        if (!isolate) throw outcome.reason;
        return [{ failure: reasonOf(outcome.reason) }];
      });
    },
    start: async () => {
      running = true;
      await Promise.all(Array.from({ length: options.threads }, () => spawn().ready));
    },
    stop: async () => {
      running = false;
      const stopped = analyticsErrors.ANALYTICS_THREAD({ reason: 'analytics is stopping' });
      for (const chunk of queue.splice(0)) chunk.reject(stopped);
      for (const slot of [...slots]) {
        slots.delete(slot);
        release(slot)?.reject(stopped);
        await slot.worker.terminate();
      }
    },
  };
}
