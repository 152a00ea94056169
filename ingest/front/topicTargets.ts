import type { DeviceIdentity } from '../devices/index.ts';
import type { FrontPorts } from './frontDeps.ts';
import type { IngestTarget } from './targets.ts';

/** More topics than this of one connection are looked up again: a device's name in a topic may be any text. */
const MAX_TOPICS = 10_000;

/** What one connection may publish to, remembered by topic; forgotten when the device's rights change. */
export class TopicTargets {
  readonly #resolve: FrontPorts['resolve'];
  readonly #targets = new Map<string, IngestTarget | 'broker'>();
  #lastTopic: Buffer = Buffer.alloc(0);
  #lastTarget: IngestTarget | null = null;

  constructor(resolve: FrontPorts['resolve']) {
    this.#resolve = resolve;
  }

  /** The last topic is compared byte by byte, without making a text of it. Null: forbidden. */
  find(identity: DeviceIdentity, bytes: Buffer, start: number, end: number): IngestTarget | 'broker' | null {
    if (this.#lastTarget !== null && sameBytes(this.#lastTopic, bytes, start, end)) return this.#lastTarget;
    const topic = bytes.toString('utf8', start, end);
    const target = this.#targets.get(topic) ?? this.#resolve(identity, topic);
    if (target === null) return null;
    if (this.#targets.size >= MAX_TOPICS) this.#targets.clear();
    this.#targets.set(topic, target);
    if (target !== 'broker') {
      this.#lastTopic = Buffer.from(bytes.subarray(start, end));
      this.#lastTarget = target;
    }
    return target;
  }

  forget(): void {
    this.#targets.clear();
    this.#lastTarget = null;
  }
}

function sameBytes(known: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  // From the end: topics of one connection differ there.
  for (let index = known.length - 1; index >= 0; index--) if (known[index] !== bytes[start + index]) return false;
  return true;
}
