/** Runs tasks by name, a bounded number at once; a name that waits or runs already is not added again. */
export interface WorkPool {
  /** False when the pool is full or stopped: the caller's own record of the work must bring it back later. */
  add(name: string, task: (signal: AbortSignal) => Promise<void>): boolean;
  /** Waits for what runs and forgets what waits; after `graceMs` what still runs is aborted. */
  stop(graceMs: number): Promise<void>;
  start(): void;
}

interface Waiting {
  name: string;
  task: (signal: AbortSignal) => Promise<void>;
}

export function createWorkPool(options: {
  concurrency: number;
  maxWaiting: number;
  setTimer: (delayMs: number, fire: () => void) => { cancel(): void };
}): WorkPool {
  const names = new Set<string>();
  const waiting: Waiting[] = [];
  const running = new Set<Promise<void>>();
  let abort = new AbortController();
  let open = false;

  const fill = (): void => {
    while (running.size < options.concurrency) {
      const next = waiting.shift();
      if (!next) return;
      const run = next
        .task(abort.signal)
        .catch(() => undefined)
        .finally(() => {
          names.delete(next.name);
          running.delete(run);
          fill();
        });
      running.add(run);
    }
  };

  return {
    start: () => {
      abort = new AbortController();
      open = true;
    },
    add: (name, task) => {
      if (!open || waiting.length >= options.maxWaiting) return false;
      if (names.has(name)) return true;
      names.add(name);
      waiting.push({ name, task });
      fill();
      return true;
    },
    stop: async (graceMs) => {
      open = false;
      for (const { name } of waiting.splice(0)) names.delete(name);
      const cutOff = options.setTimer(graceMs, () => abort.abort(new Error('the process stops')));
      await Promise.all(running);
      cutOff.cancel();
    },
  };
}
