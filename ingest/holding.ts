import type { Clock, Logger } from '../platform/index.ts';
import { reasonOf } from '../platform/index.ts';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 15_000;

/** How a loop stands that may have to wait for an engine. */
export interface HoldState {
  /** Attempts that failed in a row; 0 while all is well. */
  failures: number;
  sinceMs: number | null;
  reason: string | null;
}

/**
 * Repeats what an engine refuses: for ever, ever more slowly, with jitter, saying so. Nothing is given up and nothing
 * more is taken in meanwhile, so that memory stays as it is.
 */
export class Holding {
  readonly state: HoldState = { failures: 0, sinceMs: null, reason: null };
  readonly #what: string;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(what: string, clock: Clock, log: Logger) {
    this.#what = what;
    this.#clock = clock;
    this.#log = log;
  }

  /** Notes a failure and waits before the next attempt. */
  async failed(error: unknown, signal: AbortSignal): Promise<void> {
    const { state } = this;
    state.failures++;
    state.sinceMs ??= this.#clock.nowMs();
    state.reason = reasonOf(error);
    const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(state.failures - 1, 20));
    // An engine may say itself when it wants to be asked again.
    const askedMs = (error as { retryAfterMs?: number | null } | null)?.retryAfterMs ?? 0;
    const delayMs = Math.max(askedMs, longest * (0.5 + Math.random() / 2));
    const heldMs = this.#clock.nowMs() - state.sinceMs;
    this.#log.error({ reason: state.reason, failures: state.failures, heldMs, delayMs }, `${this.#what} is held`);
    await this.#clock.sleep(delayMs, signal);
  }

  /** Notes that it went through. */
  succeeded(): void {
    const { state } = this;
    if (state.failures === 0) return;
    this.#log.info({ failures: state.failures }, `${this.#what} goes on`);
    Object.assign(state, { failures: 0, sinceMs: null, reason: null });
  }
}
