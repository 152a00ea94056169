import { type DeviceDirectory, type DeviceIdentity, usernameOf } from '../../devices/index.ts';
import type { Refusal } from '../../front/counts.ts';
import type { FrontPorts } from '../../front/frontDeps.ts';
import type { IngestTarget } from '../../front/targets.ts';
import type { TenantMeter } from '../../quota/tenantMeter.ts';
import { parseSparkplugTopic } from '../../sparkplug/index.ts';
import { parseTopic } from '../topics.ts';

const MAX_KNOWN_TOPICS = 200_000;
/** A refusal is decided anew after this: the device may have been registered since. */
const REFUSED_FOR_MS = 2_000;

/** What is asked about a message: its topic, and who published it where the broker says so. */
export interface Said {
  topic: string;
  /** User name by the broker's word; empty: it ought to say and did not. Null: the topic tells. */
  publisher: string | null;
}

/** What a topic means: data, an answer to a command, or nothing that is wanted, until it is decided anew. */
export type Meaning = DataTopic | SaidTopic | RefusedTopic;
export interface DataTopic {
  target: IngestTarget;
  /** Of its tenant. */
  meter: TenantMeter;
}
/** What a device says beside its data. */
export interface SaidTopic {
  saidBy: DeviceIdentity;
}
export interface RefusedTopic {
  refusal: Refusal;
  reason: string;
  identity: DeviceIdentity | null;
  untilMs: number;
}

export interface MeaningsDeps {
  directory: Pick<DeviceDirectory, 'remembered' | 'onChange'>;
  resolve: FrontPorts['resolve'];
  meterOf: FrontPorts['meterOf'];
  /** User names of devices that a topic which is none of ours may speak of. */
  vendorsPublishers: (topic: string) => readonly string[];
}

/** Topics decided on, remembered until a device or a mapping changes. */
export class Meanings {
  readonly #deps: MeaningsDeps;
  readonly #known = new Map<string, Meaning>();
  readonly stop: () => void;

  constructor(deps: MeaningsDeps) {
    this.#deps = deps;
    // Changes are rare and a look-up of a remembered device is cheap: forget all topics rather than search them.
    this.stop = deps.directory.onChange(() => this.forget());
  }

  forget(): void {
    this.#known.clear();
  }

  /** Null: a device must be looked up first (`publishersOf`, `decide`). */
  of(said: Said, nowMs: number): Meaning | null {
    const known = this.#known.get(keyOf(said));
    if (known !== undefined && !('untilMs' in known && known.untilMs < nowMs)) return known;
    const identities: DeviceIdentity[] = [];
    for (const username of this.publishersOf(said)) {
      const identity = this.#deps.directory.remembered(username);
      if (identity === undefined) return null;
      identities.push(identity);
    }
    return this.decide(said, identities, nowMs);
  }

  /** Who may have published it: the device that a topic of ours names, or those that a vendor's may speak of. */
  publishersOf({ topic, publisher }: Said): readonly string[] {
    if (publisher !== null) return publisher.includes('/') ? [publisher] : [];
    const parsed = parseTopic(topic);
    if (parsed) return [usernameOf(parsed.tenantSlug, parsed.device)];
    const sparkplug = parseSparkplugTopic(topic);
    return sparkplug ? [usernameOf(sparkplug.group, sparkplug.edge)] : this.#deps.vendorsPublishers(topic);
  }

  /** @param identities of `publishersOf`, in that order; null: not registered */
  decide(said: Said, identities: readonly (DeviceIdentity | null)[], nowMs: number): Meaning {
    const decided = this.#among(said.topic, identities, nowMs);
    if (this.#known.size >= MAX_KNOWN_TOPICS) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(keyOf(said), decided);
    return decided;
  }

  /** What is known without looking at the clock: a refusal is not. */
  taken(said: Said): Meaning | undefined {
    const known = this.#known.get(keyOf(said));
    return known === undefined || 'refusal' in known ? undefined : known;
  }

  #among(topic: string, identities: readonly (DeviceIdentity | null)[], nowMs: number): Meaning {
    if (identities.length === 0) return refused('topic-publish', 'it is no topic of Faultline', nowMs);
    const meanings = identities.map((identity) => this.#ofOne(topic, identity, nowMs));
    const takers = meanings.filter((meaning) => !('refusal' in meaning));
    if (takers.length < 2) return takers[0] ?? meanings[0]!;
    const names = identities.flatMap((identity) => identity?.name ?? []).join(', ');
    return refused('topic-publish', `mappings read ${topic.slice(0, 200)} as of several devices (${names})`, nowMs);
  }

  #ofOne(topic: string, identity: DeviceIdentity | null, nowMs: number): Meaning {
    if (identity === null) return refused('unknown-device', 'the device is not registered', nowMs);
    if (identity.secretHash === null) return refused('revoked', 'the device was revoked', nowMs, identity);
    const target = this.#deps.resolve(identity, topic);
    if (target === null)
      return refused('topic-publish', `publishing to ${topic.slice(0, 200)} is not permitted`, nowMs, identity);
    return target === 'broker' ? { saidBy: identity } : { target, meter: this.#deps.meterOf(identity) };
  }
}

function keyOf({ topic, publisher }: Said): string {
  return publisher === null ? topic : `${publisher} ${topic}`;
}

function refused(
  refusal: Refusal,
  reason: string,
  nowMs: number,
  identity: DeviceIdentity | null = null,
): RefusedTopic {
  return { refusal, reason, identity, untilMs: nowMs + REFUSED_FOR_MS };
}
