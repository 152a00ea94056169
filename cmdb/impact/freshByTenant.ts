import type { Clock } from '../../platform/index.ts';
import { Renewal } from './renewal.ts';

/** How long something is taken for current without asking; a change is visible after this and one small query. */
const RECHECK_AFTER_MS = 200;
/** From this age on it is renewed while it still answers, so that under steady questions nobody waits. */
const RENEW_AFTER_MS = 100;

/** What is held of a tenant; null while it must not be asked. */
export interface Held<T> {
  value: T | null;
}

interface Entry<T> extends Held<T> {
  /** When the reading began that brought it up to date. */
  readAtMs: number;
  readonly renewal: Renewal;
}

/** One thing per tenant in memory, never older than 200 ms when asked for; the least recently asked goes when there are too many. */
export class FreshByTenant<T> {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #renew: (tenantId: string, held: Held<T>) => Promise<void>;
  /** In the order of the last question: the first is the longest ago. */
  readonly #entries = new Map<string, Entry<T>>();

  /** @param options.renew reads or brings up to date what is held, and leaves it there */
  constructor(options: { clock: Clock; capacity: number; renew: (tenantId: string, held: Held<T>) => Promise<void> }) {
    this.#clock = options.clock;
    this.#capacity = options.capacity;
    this.#renew = options.renew;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** As it was at most 200 ms before the question. */
  async recent(tenantId: string): Promise<T> {
    const entry = this.#touch(tenantId);
    const askedAtMs = this.#clock.nowMs();
    while (entry.value === null || askedAtMs - entry.readAtMs >= RECHECK_AFTER_MS) await entry.renewal.shared();
    if (askedAtMs - entry.readAtMs >= RENEW_AFTER_MS) entry.renewal.shared().catch(() => undefined); // tried again
    return entry.value;
  }

  /** With all that was committed before the question. */
  async now(tenantId: string): Promise<T> {
    const entry = this.#touch(tenantId);
    await entry.renewal.anew();
    return entry.value!;
  }

  #touch(tenantId: string): Entry<T> {
    const entry = this.#entries.get(tenantId) ?? this.#entry(tenantId);
    this.#entries.delete(tenantId);
    this.#entries.set(tenantId, entry);
    if (this.#entries.size > this.#capacity) this.#entries.delete(this.#entries.keys().next().value!);
    return entry;
  }

  #entry(tenantId: string): Entry<T> {
    const entry: Entry<T> = {
      value: null,
      readAtMs: 0,
      renewal: new Renewal(async () => {
        const startedAtMs = this.#clock.nowMs();
        await this.#renew(tenantId, entry);
        entry.readAtMs = startedAtMs;
      }),
    };
    return entry;
  }
}
