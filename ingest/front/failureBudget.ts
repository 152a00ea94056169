import type { Clock } from '../../platform/index.ts';

const MAX_ADDRESSES = 50_000;
/** Attempts already under way may overdraw the budget; at most this many seconds of refilling pay it back. */
const MAX_DEBT_S = 10;

interface Bucket {
  tokens: number;
  atMs: number;
}

/**
 * How many failed sign-ins an address may have: a token bucket each. An address without tokens gets no look-up in the
 * database any more; a device whose credential is remembered is let in nevertheless, for it may share the address.
 */
export class FailureBudget {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, options: { burst: number; perSecond: number }) {
    this.#clock = clock;
    this.#burst = options.burst;
    this.#perSecond = options.perSecond;
  }

  isSpent(address: string): boolean {
    const bucket = this.#buckets.get(address);
    return bucket !== undefined && this.#refilled(bucket) < 1;
  }

  failed(address: string): void {
    const bucket = this.#buckets.get(address);
    if (bucket) {
      bucket.tokens = Math.max(-MAX_DEBT_S * this.#perSecond, this.#refilled(bucket) - 1);
      bucket.atMs = this.#clock.nowMs();
      return;
    }
    if (this.#buckets.size >= MAX_ADDRESSES) this.#buckets.delete(this.#buckets.keys().next().value!);
    this.#buckets.set(address, { tokens: this.#burst - 1, atMs: this.#clock.nowMs() });
  }

  #refilled(bucket: Bucket): number {
    const elapsedS = (this.#clock.nowMs() - bucket.atMs) / 1000;
    return Math.min(this.#burst, bucket.tokens + elapsedS * this.#perSecond);
  }
}
