import { type Clock, type Logger, reasonOf } from '../../../platform/index.ts';
import type { DeviceDirectory, DeviceIdentity, PresenceBoard } from '../../devices/index.ts';
import type { Acknowledger, OwedAcknowledgements } from '../../front/acknowledger.ts';
import { rateUsedUp } from '../../front/bounds.ts';
import type { FrontCounts } from '../../front/counts.ts';
import type { FrontPorts } from '../../front/frontDeps.ts';
import { NOTHING_TO_KEEP, takeIn } from '../../front/takeIn.ts';
import type { IngestTarget } from '../../front/targets.ts';
import { type AcceptingSpool, SPOOL_FULL } from '../../spool/index.ts';
import { type DataTopic, type Meaning, Meanings, type RefusedTopic, type Said } from './meanings.ts';
import { PUBACK, type PublishLayout } from './packets.ts';
import { userProperty } from './publishProperties.ts';
import { SlowedTenants } from './slowedTenants.ts';

/** Messages that wait for their device to be looked up; beyond it the connection is held. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;
/** The same for messages that wait for their tenant's rate. */
const MAX_SLOWED_BYTES = 32 * 1024 * 1024;
const LOOK_UP_AGAIN_MS = 1_000;
/** The first refusal of a kind is logged, then every so many. */
const LOGGED_REFUSALS = 1_000;
/** Topics that are ours or the standard's: they name their publisher. */
const OF_ITSELF = /^(?:fl|spBv1\.0)\//;

export interface ArrivalsDeps {
  clock: Clock;
  log: Logger;
  spool: AcceptingSpool;
  directory: DeviceDirectory;
  presence: PresenceBoard;
  acknowledger: Acknowledger;
  resolve: FrontPorts['resolve'];
  meterOf: FrontPorts['meterOf'];
  /** User names of devices that a vendor's topic may speak of. */
  vendorsPublishers: (topic: string) => readonly string[];
  /** User property by which the broker tells who published to a vendor's topic; null: it does not. */
  publisherProperty: string | null;
  counts: FrontCounts;
  /** Longer payloads are refused, acknowledged and shown at their device. */
  maxPayloadBytes: number;
  /** Keeps what a device says beside its data. Rejects: it is offered again. */
  hear: (identity: DeviceIdentity, topic: string, payload: Buffer) => Promise<void>;
  /** A device was heard: there is no connection of its own to see. */
  heard: (target: IngestTarget) => void;
  /** Fewer messages wait: what `take` refused may be offered again. */
  room: () => void;
}

/** When a message came, and whether the broker called it a repetition. */
interface Arrival {
  atNs: bigint;
  atMs: number;
  duplicate: boolean;
}

interface Waiting {
  said: Said;
  payload: Buffer;
  arrival: Arrival;
  owed: OwedAcknowledgements;
  /** Place among what is owed; null at QoS 0. */
  slot: number | null;
}

/** A message that is known to be wanted and waits for its tenant's rate. */
interface SlowedMessage extends Waiting {
  data: DataTopic;
}

/** Messages of one device (or of one of those that their topic may speak of) that wait for its look-up, in their order. */
interface LookUp {
  usernames: readonly string[];
  identities: readonly (DeviceIdentity | null)[] | null;
  messages: Waiting[];
}

/**
 * What becomes of a message that another broker hands us. That broker has authenticated the publisher and checked its
 * right to the topic, so the topic names the device, or the broker does. Whatever comes is acknowledged, or it would come
 * for ever: data once it is durable, the rest once it is counted.
 */
export class Arrivals {
  readonly #deps: ArrivalsDeps;
  readonly #meanings: Meanings;
  readonly #lookUps = new Map<string, LookUp>();
  readonly #slowed: SlowedTenants<SlowedMessage>;
  #waitingBytes = 0;
  #stopped = false;
  #refusalsLogged = 0;

  constructor(deps: ArrivalsDeps) {
    this.#deps = deps;
    this.#meanings = new Meanings(deps);
    this.#slowed = new SlowedTenants({
      ...{ limitBytes: MAX_SLOWED_BYTES, room: deps.room },
      takeIn: (message) => this.#takeInLate(message.data, message),
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#slowed.stop();
    this.#meanings.stop();
  }

  /** Which vendor's topic is whose has changed. */
  forgetTopics(): void {
    this.#meanings.forget();
  }

  /** Bytes of messages whose device is being looked up. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Bytes of messages that wait for their tenant's rate. */
  get slowedBytes(): number {
    return this.#slowed.bytes;
  }

  /** @returns false when there is no room: offer it again when the spool has space or look-ups are done */
  take(layout: PublishLayout, bytes: Buffer, end: number, atNs: bigint, owed: OwedAcknowledgements): boolean {
    const said = this.#said(layout, bytes);
    const arrival: Arrival = { atNs, atMs: this.#deps.clock.nowMs(), duplicate: layout.duplicate };
    const packetId = layout.qos === 0 ? null : layout.packetId;
    if (layout.retained) {
      this.#deps.counts.refusals.retained++;
      return this.dismiss(layout, owed);
    }
    const meaning =
      this.#lookUps.size === 0 ? this.#meanings.of(said, arrival.atMs) : this.#unlessWaiting(said, arrival);
    if (meaning === null) return this.#wait(said, arrival, bytes.subarray(layout.payloadStart, end), packetId, owed);
    if ('saidBy' in meaning) {
      const slot = packetId === null ? null : owed.reserve(PUBACK, packetId);
      void this.#hear(meaning.saidBy, said.topic, Buffer.from(bytes.subarray(layout.payloadStart, end)), owed, slot);
      return true;
    }
    if ('target' in meaning && this.#slowed.mustWait(meaning.meter)) {
      if (this.#slowed.isFull) return false;
      const slot = packetId === null ? null : owed.reserve(PUBACK, packetId);
      const payload = Buffer.from(bytes.subarray(layout.payloadStart, end));
      this.#slow(meaning, { said, payload, arrival, owed, slot });
      return true;
    }
    const endOffset = this.#settle(said.topic, meaning, arrival, bytes, layout.payloadStart, end);
    if (endOffset === SPOOL_FULL) return false;
    if (packetId !== null) this.#owe(owed, endOffset, packetId);
    return true;
  }

  /** Acknowledges what is not for the spool, in its turn. */
  dismiss(layout: PublishLayout, owed: OwedAcknowledgements): true {
    if (layout.qos > 0) this.#owe(owed, 0, layout.packetId);
    return true;
  }

  /** The spool has space: goes on with what had waited for something else when it filled. */
  resume(): void {
    this.#slowed.resume();
    for (const lookUp of [...this.#lookUps.values()]) if (lookUp.identities !== null) this.#drain(lookUp);
  }

  #owe(owed: OwedAcknowledgements, endOffset: number, packetId: number): void {
    owed.push(endOffset, PUBACK, packetId);
    // What is durable already waits for nothing but those before it; a part's offset is another spool's.
    if (endOffset > this.#deps.spool.latestDurableOffset()) this.#deps.acknowledger.owes(owed);
    else this.#deps.acknowledger.owesNow(owed);
  }

  #said(layout: PublishLayout, bytes: Buffer): Said {
    const topic = bytes.toString('utf8', layout.topicStart, layout.topicEnd);
    const { publisherProperty } = this.#deps;
    if (publisherProperty === null || OF_ITSELF.test(topic)) return { topic, publisher: null };
    return {
      topic,
      publisher: userProperty(bytes, layout.propertiesStart, layout.payloadStart, publisherProperty) ?? '',
    };
  }

  /** A message may not overtake earlier ones of its device that wait for a look-up. */
  #unlessWaiting(said: Said, arrival: Arrival): Meaning | null {
    const usernames = this.#meanings.publishersOf(said);
    return this.#lookUps.has(usernames.join(' ')) ? null : this.#meanings.of(said, arrival.atMs);
  }

  /** @returns the end offset to wait for, 0 when there is none, or `SPOOL_FULL` */
  #settle(
    topic: string,
    meaning: DataTopic | RefusedTopic,
    arrival: Arrival,
    bytes: Buffer,
    start: number,
    end: number,
  ): number {
    if ('refusal' in meaning) return this.#refuse(meaning, topic);
    const { target, meter } = meaning;
    if (end - start > this.#deps.maxPayloadBytes) return this.#refuseTooLarge(target, end - start);
    const { spool, counts, presence, heard } = this.#deps;
    const endOffset = takeIn(spool, counts, target, arrival.atNs, arrival.duplicate, bytes, start, end);
    if (endOffset === SPOOL_FULL) return SPOOL_FULL;
    meter.took(end - start);
    target.presence.lastMessageMs = arrival.atMs;
    if (target.presence.written) presence.touched(target.presence);
    heard(target);
    return endOffset === NOTHING_TO_KEEP ? 0 : endOffset;
  }

  /** Keeps a message until its tenant's rate has room; the device shows why. */
  #slow(data: DataTopic, waiting: Waiting): void {
    const { presence } = this.#deps;
    presence.problem(data.target.presence, 'QUOTA_RATE', rateUsedUp(data.meter.limits));
    this.#slowed.add(data.meter, { ...waiting, data });
  }

  /** Takes in what has waited, and gives its acknowledgement its place. @returns false: the spool is full */
  #takeInLate(meaning: DataTopic | RefusedTopic, { said, payload, arrival, owed, slot }: Waiting): boolean {
    const endOffset = this.#settle(said.topic, meaning, arrival, payload, 0, payload.length);
    if (endOffset === SPOOL_FULL) return false;
    this.#fill(owed, slot, endOffset);
    return true;
  }

  #fill(owed: OwedAcknowledgements, slot: number | null, endOffset: number): void {
    if (slot === null) return;
    owed.fill(slot, endOffset);
    this.#deps.acknowledger.owesNow(owed);
  }

  /** Acknowledged once it is kept; the broker would not give it again within this connection, so we try until it is. */
  async #hear(
    identity: DeviceIdentity,
    topic: string,
    payload: Buffer,
    owed: OwedAcknowledgements,
    slot: number | null,
  ): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#deps.hear(identity, topic, payload);
        this.#fill(owed, slot, 0);
        return;
      } catch (error) {
        this.#deps.log.warn({ reason: reasonOf(error), topic }, 'what a device said cannot be kept now; it waits');
        await this.#deps.clock.sleep(LOOK_UP_AGAIN_MS);
      }
    }
  }

  #refuse({ refusal, reason, identity }: RefusedTopic, topic: string): number {
    const { counts, presence, log } = this.#deps;
    counts.refusals[refusal]++;
    if (identity) {
      const code = refusal === 'revoked' ? 'REVOKED' : 'TOPIC_PUBLISH';
      presence.problem(presence.entry(identity.tenantId, identity.deviceId), code, reason);
    }
    if (this.#refusalsLogged++ % LOGGED_REFUSALS === 0)
      log.warn(
        {
          refusal,
          topic: topic.slice(0, 200),
          device: identity?.name,
          tenant: identity?.tenantSlug,
          refusals: this.#refusalsLogged,
        },
        `a message from the broker is not taken in: ${reason}`,
      );
    return 0;
  }

  #refuseTooLarge({ presence: entry }: IngestTarget, payloadBytes: number): number {
    const { counts, presence, maxPayloadBytes } = this.#deps;
    counts.refusals['packet-too-large']++;
    const reason = `a payload of ${payloadBytes} bytes; ${maxPayloadBytes} are allowed: send smaller messages`;
    presence.problem(entry, 'PACKET_TOO_LARGE', reason);
    return 0;
  }

  #wait(said: Said, arrival: Arrival, payload: Buffer, packetId: number | null, owed: OwedAcknowledgements): boolean {
    if (this.#waitingBytes + payload.length > MAX_WAITING_BYTES && this.#waitingBytes > 0) return false;
    const usernames = this.#meanings.publishersOf(said);
    let lookUp = this.#lookUps.get(usernames.join(' '));
    if (!lookUp) {
      lookUp = { usernames, identities: null, messages: [] };
      this.#lookUps.set(usernames.join(' '), lookUp);
      void this.#lookUp(lookUp);
    }
    const slot = packetId === null ? null : owed.reserve(PUBACK, packetId);
    lookUp.messages.push({ said, payload: Buffer.from(payload), arrival, owed, slot });
    this.#waitingBytes += payload.length;
    return true;
  }

  /** Until it succeeds: a database that is away must not make us refuse, or acknowledge, what we cannot judge. */
  async #lookUp(lookUp: LookUp): Promise<void> {
    const { directory, clock, log } = this.#deps;
    while (!this.#stopped) {
      try {
        lookUp.identities = await Promise.all(lookUp.usernames.map((username) => directory.find(username)));
        break;
      } catch (error) {
        log.warn(
          { reason: reasonOf(error), device: lookUp.usernames.join(' ') },
          'a device cannot be looked up now; its messages wait',
        );
        await clock.sleep(LOOK_UP_AGAIN_MS);
      }
    }
    if (!this.#stopped) this.#drain(lookUp);
  }

  #drain(lookUp: LookUp): void {
    const { messages } = lookUp;
    const nowMs = this.#deps.clock.nowMs();
    let done = 0;
    for (; done < messages.length; done++) {
      const waiting = messages[done]!;
      const { said, payload, owed, slot } = waiting;
      const meaning = this.#meanings.taken(said) ?? this.#meanings.decide(said, lookUp.identities!, nowMs);
      if ('saidBy' in meaning) void this.#hear(meaning.saidBy, said.topic, payload, owed, slot);
      else if ('target' in meaning && this.#slowed.mustWait(meaning.meter)) this.#slow(meaning, waiting);
      else if (!this.#takeInLate(meaning, waiting)) break;
      this.#waitingBytes -= payload.length;
    }
    messages.splice(0, done);
    if (messages.length > 0) return;
    this.#lookUps.delete(lookUp.usernames.join(' '));
    this.#deps.room();
  }
}
