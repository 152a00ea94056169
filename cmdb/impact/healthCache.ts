import type { Clock } from '../../platform/index.ts';
import type { Health, HealthSource } from './health.ts';
import { RECHECK_AFTER_MS, RENEW_AFTER_MS, Renewal } from './renewal.ts';

interface Entry {
  health: Health | null;
  /** When the reading began that brought it. */
  readAtMs: number;
  readonly renewal: Renewal;
}

/** The present health of tenants, never older than `RECHECK_AFTER_MS` when a question is asked. */
export class HealthCache {
  readonly #source: HealthSource;
  readonly #clock: Clock;
  readonly #capacity: number;
  /** In the order of the last question. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: { source: HealthSource; clock: Clock; capacity: number }) {
    this.#source = options.source;
    this.#clock = options.clock;
    this.#capacity = options.capacity;
  }

  /** The health as it was at most `RECHECK_AFTER_MS` before the question. */
  async recent(tenantId: string): Promise<Health> {
    const entry = this.#touch(tenantId);
    const askedAtMs = this.#clock.nowMs();
    while (entry.health === null || askedAtMs - entry.readAtMs >= RECHECK_AFTER_MS) await entry.renewal.shared();
    if (askedAtMs - entry.readAtMs >= RENEW_AFTER_MS) entry.renewal.shared().catch(() => undefined); // tried again
    return entry.health;
  }

  /** The health with all that was committed before the question. */
  async now(tenantId: string): Promise<Health> {
    const entry = this.#touch(tenantId);
    await entry.renewal.anew();
    return entry.health!;
  }

  #touch(tenantId: string): Entry {
    const entry = this.#entries.get(tenantId) ?? this.#entry(tenantId);
    this.#entries.delete(tenantId);
    this.#entries.set(tenantId, entry);
    if (this.#entries.size > this.#capacity) this.#entries.delete(this.#entries.keys().next().value!);
    return entry;
  }

  #entry(tenantId: string): Entry {
    const entry: Entry = {
      health: null,
      readAtMs: 0,
      renewal: new Renewal(async () => {
        const startedAtMs = this.#clock.nowMs();
        entry.health = await this.#source.health(tenantId);
        entry.readAtMs = startedAtMs;
      }),
    };
    return entry;
  }
}
