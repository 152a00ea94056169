import type { Clock, Timer } from '../../../platform/index.ts';

const EVERY_MS = 5_000;

/**
 * How far we are behind the broker. MQTT says nothing about it, so a small message to ourselves stands in the same
 * queue as the data and tells when it was sent.
 */
export class LagProbe {
  readonly topic: string;
  readonly #clock: Clock;
  readonly #publish: (topic: string, payload: Buffer) => Promise<void>;
  #timer: Timer | null = null;
  #oldestSentMs: number | null = null;
  #lastLagMs = 0;

  constructor(deps: { clock: Clock; clientId: string; publish: (topic: string, payload: Buffer) => Promise<void> }) {
    this.#clock = deps.clock;
    this.#publish = deps.publish;
    this.topic = `fl/probe/${deps.clientId}`;
  }

  /** The last probe's way, or the age of one that is still on it. */
  get lagMs(): number {
    const waitedMs = this.#oldestSentMs === null ? 0 : this.#clock.nowMs() - this.#oldestSentMs;
    return Math.max(this.#lastLagMs, waitedMs);
  }

  start(): void {
    this.#timer = this.#clock.setTimer(EVERY_MS, () => {
      this.#send();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  arrived(payload: string): void {
    const sentMs = Number(payload);
    if (!Number.isSafeInteger(sentMs)) return;
    this.#lastLagMs = Math.max(0, this.#clock.nowMs() - sentMs);
    if (this.#oldestSentMs !== null && sentMs >= this.#oldestSentMs) this.#oldestSentMs = null;
  }

  #send(): void {
    if (this.#oldestSentMs !== null) return;
    const sentMs = this.#clock.nowMs();
    this.#oldestSentMs = sentMs;
    this.#publish(this.topic, Buffer.from(String(sentMs))).catch(() => {
      // Not connected, or not permitted: no probe is on its way.
      if (this.#oldestSentMs === sentMs) this.#oldestSentMs = null;
    });
  }
}
