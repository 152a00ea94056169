/** A pending callback that can be taken back. */
export interface Timer {
  cancel(): void;
}

/** The only source of time in the product; tests inject `manualClock()` and move it by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Nanoseconds since the Unix epoch; as fine as the source allows. */
  nowNs(): bigint;
  /** Calls `fire` once after `delayMs`; never keeps the process alive by itself. */
  setTimer(delayMs: number, fire: () => void): Timer;
  /** Resolves after `delayMs`, or at once when `signal` aborts. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

const MAX_TIMEOUT_MS = 2_147_483_647;

/** The machine's clock. */
export function systemClock(): Clock {
  // process.hrtime is monotonic and fine-grained but has no epoch: anchor it once, re-anchor when the wall clock moves.
  let anchorNs = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
  return {
    nowMs: () => Date.now(),
    nowNs: () => {
      const wallNs = BigInt(Date.now()) * 1_000_000n;
      const fineNs = process.hrtime.bigint() + anchorNs;
      const drift = fineNs - wallNs;
      if (drift >= 0n && drift < 2_000_000n) return fineNs;
      anchorNs = wallNs - process.hrtime.bigint();
      return wallNs;
    },
    setTimer: (delayMs, fire) => {
      const handle = setTimeout(fire, Math.min(Math.max(0, delayMs), MAX_TIMEOUT_MS));
      handle.unref();
      return { cancel: () => clearTimeout(handle) };
    },
    sleep: (delayMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const done = () => {
          clearTimeout(handle);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const handle = setTimeout(done, Math.min(Math.max(0, delayMs), MAX_TIMEOUT_MS));
        signal?.addEventListener('abort', done, { once: true });
      }),
  };
}
