import type { Clock } from '../../platform/pure.ts';
import { type Api, readLedger } from '../attach/index.ts';
import type { Mailbox } from '../mailbox.ts';
import type { PlantFeed } from '../plant/index.ts';
import type { PlantRounds } from './rounds.ts';

/** Prints every few seconds what each stage has seen. */
export class ProgressTeller {
  readonly #api: Api;
  readonly #feed: PlantFeed;
  readonly #rounds: PlantRounds;
  readonly #mailbox: Mailbox;
  readonly #clock: Clock;
  readonly #startedMs: number;
  #stopped = false;
  #telling: Promise<void> | undefined;

  constructor(seen: {
    api: Api;
    feed: PlantFeed;
    rounds: PlantRounds;
    mailbox: Mailbox;
    clock: Clock;
    startedMs: number;
  }) {
    this.#api = seen.api;
    this.#feed = seen.feed;
    this.#rounds = seen.rounds;
    this.#mailbox = seen.mailbox;
    this.#clock = seen.clock;
    this.#startedMs = seen.startedMs;
  }

  start(everyMs: number): void {
    this.#telling = (async () => {
      while (!this.#stopped) {
        await this.#clock.sleep(everyMs);
        if (!this.#stopped) await this.tell();
      }
    })();
    this.#telling.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#telling?.catch(() => undefined);
  }

  async tell(): Promise<void> {
    const [ledger, { pendingBatches }, anomalies, orders] = await Promise.all([
      readLedger(this.#api, false),
      this.#api.get<{ pendingBatches: number }>('/api/v1/analytics/progress'),
      this.#api.list('/api/v1/anomalies?limit=200&status=confirmed'),
      this.#api.list('/api/v1/work-orders?limit=200'),
    ]);
    const { waveforms, samples } = this.#feed.counts;
    const seconds = Math.round((this.#clock.nowMs() - this.#startedMs) / 1000);
    console.log(
      `${String(seconds).padStart(4)} s  plant hour ${this.#rounds.round} · sent ${waveforms} waveforms, ${samples} readings` +
        ` · accepted ${ledger.accepted} · stored ${ledger.stored}, pending ${ledger.pending}` +
        ` · to analyse ${pendingBatches} batches · anomalies ${anomalies.length} · orders ${orders.length}` +
        ` · mails ${this.#mailbox.mails.length}`,
    );
  }
}
