import { type Clock, type Logger, reasonOf } from '../../../platform/index.ts';
import { statePayload, stateTopic } from '../../sparkplug/index.ts';
import type { Outgoing } from './outgoing.ts';
import type { Testament } from './packets.ts';

/** What edge nodes at another broker are told of their host: retained, and `online: false` as our will. */
export class HostState {
  readonly topic: string;
  readonly #deps: { clock: Clock; log: Logger; outgoing: () => Outgoing };
  /** The will and what we say after connecting carry the same time (Sparkplug 3.0.0 §5.14). */
  #saidAtMs: number;

  constructor(hostId: string, deps: { clock: Clock; log: Logger; outgoing: () => Outgoing }) {
    this.topic = stateTopic(hostId);
    this.#deps = deps;
    this.#saidAtMs = deps.clock.nowMs();
  }

  /** Of the connection that is about to be opened. */
  will(): Testament {
    this.#saidAtMs = this.#deps.clock.nowMs();
    return { topic: this.topic, payload: statePayload(false, this.#saidAtMs) };
  }

  async say(online: boolean): Promise<void> {
    const { log, outgoing } = this.#deps;
    try {
      await outgoing().publish(this.topic, statePayload(online, this.#saidAtMs), { retain: true });
    } catch (error) {
      log.warn({ reason: reasonOf(error), topic: this.topic }, 'edge nodes were not told whether their host is here');
    }
  }

  /** The will of a host before us may come late and says that there is none: it is contradicted at once (§5.14). */
  heard(payload: string): void {
    if (!/"online"\s*:\s*false/.test(payload)) return;
    this.#saidAtMs = this.#deps.clock.nowMs();
    void this.say(true);
  }
}
