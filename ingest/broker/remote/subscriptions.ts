import type { Clock, Logger, Timer } from '../../../platform/index.ts';
import { OURS, VENDORS, type Wanted } from './filters.ts';
import { reasonText, subscribePacket, unsubscribePacket } from './packets.ts';

const ASK_AGAIN_MS = 60_000;
/** A packet of so many filters of 512 bytes fits what any broker takes. */
const FILTERS_A_PACKET = 100;

export interface SubscriptionsDeps {
  clock: Clock;
  log: Logger;
  /** False: there is no connection. */
  send: (bytes: Buffer) => boolean;
  packetId: () => number;
}

/**
 * What a link subscribes to: asked for at each connection, when it changes, and again now and then while the broker refuses a
 * part. What is new is asked for before what is old is given up, so that nothing falls between the two.
 */
export class Subscriptions {
  readonly #deps: SubscriptionsDeps;
  #wanted: readonly Wanted[] = [];
  #unwanted: readonly string[] = [];
  /** Of the present connection; null: there is none. */
  #here: { asked: Set<string>; repeated: Set<string>; givenUp: Set<string>; identifiers: boolean } | null = null;
  readonly #unanswered = new Map<number, readonly Wanted[]>();
  readonly #refused = new Map<string, { identifier: number; reason: string }>();
  #again: Timer | null = null;

  constructor(deps: SubscriptionsDeps) {
    this.#deps = deps;
  }

  /** Why a part of what is ours does not come; a vendor's topic that somebody mapped is no reason to call the process unfit. */
  get problem(): string | null {
    const reasons = [...this.#refused.values()].filter(({ identifier }) => identifier === OURS);
    return reasons.length === 0 ? null : reasons.map(({ reason }) => reason).join('; ');
  }

  /** Vendors' filters that the broker does not let us subscribe to. */
  get vendorsRefused(): number {
    return [...this.#refused.values()].filter(({ identifier }) => identifier === VENDORS).length;
  }

  /**
   * What to ask for from now on, and what to give up: a session outlives the process, and with it the subscriptions that
   * other settings made.
   */
  want(wanted: readonly Wanted[], unwanted: readonly string[]): void {
    const now = new Set(wanted.map(({ filter }) => filter));
    const left = this.#wanted.map(({ filter }) => filter);
    this.#wanted = wanted;
    this.#unwanted = [...new Set([...this.#unwanted, ...left, ...unwanted])].filter((filter) => !now.has(filter));
    for (const filter of this.#refused.keys()) if (!now.has(filter)) this.#refused.delete(filter);
    this.#ask();
  }

  /** @param identifiers whether the broker knows subscription identifiers */
  opened(identifiers: boolean): void {
    this.#again?.cancel();
    this.#refused.clear();
    this.#here = { asked: new Set(), repeated: new Set(), givenUp: new Set(), identifiers };
    this.#ask();
  }

  answered(packetId: number, codes: readonly number[]): void {
    const asked = this.#unanswered.get(packetId);
    if (asked === undefined) return;
    this.#unanswered.delete(packetId);
    const refused: string[] = [];
    for (const [index, { filter, identifier }] of asked.entries()) {
      const code = codes[index] ?? 0x80;
      if (code < 0x80) continue;
      const reason = `the broker refuses the subscription ${filter} (${reasonText(code)}): allow it there`;
      this.#refused.set(filter, { identifier, reason });
      this.#here?.asked.delete(filter);
      refused.push(reason);
    }
    this.#repeatShared(asked.filter(({ filter }) => !this.#refused.has(filter)));
    if (refused.length === 0) return;
    this.#deps.log.error({ refused }, 'the MQTT broker does not let us read what devices publish');
    this.#again?.cancel();
    this.#again = this.#deps.clock.setTimer(ASK_AGAIN_MS, () => {
      this.#refused.clear();
      this.#ask();
    });
  }

  dropped(): void {
    this.#again?.cancel();
    this.#here = null;
    this.#unanswered.clear();
  }

  #ask(): void {
    const here = this.#here;
    if (here === null) return;
    const missing = this.#wanted.filter(
      ({ filter }) => !here.asked.has(filter) && !this.#refused.has(filter) && !this.#mayDouble(filter),
    );
    if (!this.#subscribe(missing)) return;
    for (const { filter } of missing) {
      here.asked.add(filter);
      here.givenUp.delete(filter);
    }
    for (const part of parts(this.#unwanted.filter((filter) => !here.givenUp.has(filter)))) {
      if (!this.#deps.send(unsubscribePacket(this.#deps.packetId(), part))) return;
      for (const filter of part) {
        here.givenUp.add(filter);
        here.asked.delete(filter);
        here.repeated.delete(filter);
      }
    }
  }

  /** @returns false: there is no connection */
  #subscribe(wanted: readonly Wanted[]): boolean {
    for (const identifier of [OURS, VENDORS])
      for (const part of parts(wanted.filter((one) => one.identifier === identifier))) {
        const packetId = this.#deps.packetId();
        const filters = part.map(({ filter }) => filter);
        const told = this.#here?.identifiers ? identifier : null;
        if (!this.#deps.send(subscribePacket(packetId, filters, told))) return false;
        this.#unanswered.set(packetId, part);
      }
    return true;
  }

  /**
   * Asks for shared subscriptions a second time, once they are granted. HiveMQ (Community Edition 2025.5) asks itself as soon as
   * somebody has connected which ones he has; when that falls into the moment before the first SUBSCRIBE is on its disk it takes
   * him for one without any, and sends him no more of them than the first, until he subscribes again. To every broker else it is the
   * same subscription (§3.8.3), of which nothing may be lost (§3.8.4).
   */
  #repeatShared(granted: readonly Wanted[]): void {
    const here = this.#here;
    if (here === null) return;
    const once = granted.filter(
      ({ filter }) => filter.startsWith('$share/') && here.asked.has(filter) && !here.repeated.has(filter),
    );
    for (const { filter } of once) here.repeated.add(filter);
    this.#subscribe(once);
  }

  /** A filter that matches our own topics, too, where the broker cannot say by which of them a copy came. */
  #mayDouble(filter: string): boolean {
    return this.#here?.identifiers === false && /^(?:\$share\/[^/]+\/)?[+#]/.test(filter);
  }
}

function parts<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / FILTERS_A_PACKET) }, (_, index) =>
    all.slice(index * FILTERS_A_PACKET, (index + 1) * FILTERS_A_PACKET),
  );
}
