/** Something that runs: its constructor is inert, `start` may fail, `stop` may be called more than once. */
export interface Service {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A service that is one loop. `run` returns soon after its signal aborts and handles its own failures; `stop` waits for it.
 * It may be started again afterwards.
 */
export function loopService(run: (signal: AbortSignal) => Promise<void>): Service {
  let stopping = new AbortController();
  let running: Promise<void> | undefined;
  return {
    start: async () => {
      if (running) return;
      stopping = new AbortController();
      running = run(stopping.signal);
    },
    stop: async () => {
      stopping.abort();
      await running;
      running = undefined;
    },
  };
}
