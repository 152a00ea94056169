import type { Clock, Logger, Timer } from '../../../platform/index.ts';
import { reasonText, subscribePacket, unsubscribePacket } from './packets.ts';

const ASK_AGAIN_MS = 60_000;

export interface SubscriptionsDeps {
  clock: Clock;
  log: Logger;
  send: (bytes: Buffer) => boolean;
  packetId: () => number;
}

/** What a link subscribes to: asked for at each connection, and again now and then while the broker refuses a part. */
export class Subscriptions {
  readonly #deps: SubscriptionsDeps;
  #wanted: readonly string[] = [];
  #unwanted: readonly string[] = [];
  #asked: { packetId: number; filters: readonly string[] } | null = null;
  #refused: string[] = [];
  #again: Timer | null = null;

  constructor(deps: SubscriptionsDeps) {
    this.#deps = deps;
  }

  get problem(): string | null {
    return this.#refused.length === 0 ? null : this.#refused.join('; ');
  }

  /**
   * What to ask for at each connection, and what to give up: a session outlives the process, and with it the subscriptions that
   * other settings made.
   */
  want(filters: readonly string[], unwanted: readonly string[]): void {
    this.#wanted = filters;
    this.#unwanted = unwanted;
  }

  subscribe(): void {
    this.#again?.cancel();
    if (this.#unwanted.length > 0) this.#deps.send(unsubscribePacket(this.#deps.packetId(), this.#unwanted));
    if (this.#wanted.length === 0) return;
    this.#asked = { packetId: this.#deps.packetId(), filters: this.#wanted };
    this.#deps.send(subscribePacket(this.#asked.packetId, this.#wanted));
  }

  answered(packetId: number, codes: readonly number[]): void {
    if (this.#asked?.packetId !== packetId) return;
    const { filters } = this.#asked;
    this.#asked = null;
    this.#refused = filters.flatMap((filter, index) => {
      const code = codes[index] ?? 0x80;
      return code < 0x80 ? [] : [`the broker refuses the subscription ${filter} (${reasonText(code)}): allow it there`];
    });
    if (this.#refused.length === 0) return;
    this.#deps.log.error({ refused: this.#refused }, 'the MQTT broker does not let us read what devices publish');
    this.#again = this.#deps.clock.setTimer(ASK_AGAIN_MS, () => this.subscribe());
  }

  dropped(): void {
    this.#again?.cancel();
    this.#asked = null;
  }
}
