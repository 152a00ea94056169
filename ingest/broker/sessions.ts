import { Readable } from 'node:stream';
import type { RetainedMessages, RetainedPacket } from './rules.ts';
import { filterMatches } from './topics.ts';

/** What aedes keeps of a subscription. */
export interface StoredSubscription {
  topic: string;
  qos: number;
  rh?: number | undefined;
  rap?: boolean | undefined;
  nl?: boolean | undefined;
}

/** The fields of a queued packet that matter here; the rest travels with it. */
interface Packet {
  cmd: string;
  topic?: string;
  payload?: Buffer | string;
  messageId?: number;
  brokerId?: string;
  brokerCounter?: number;
}

interface ClientRef {
  id: string;
}

interface Session {
  subscriptions: Map<string, StoredSubscription>;
  queue: Packet[];
  queuedBytes: number;
}

export interface SessionLimits {
  /** Stored sessions of one credential; a further one replaces the oldest that is not connected. */
  perCredential: number;
  /** Messages and bytes waiting for one client. */
  queuedMessages: number;
  queuedBytes: number;
  /** Bytes waiting for all clients together. */
  totalBytes: number;
}

export interface SessionRules {
  limits: SessionLimits;
  /** Whether this client may hold this subscription: a denied one is never stored (aedes would keep it). */
  allowed: (clientId: string, filter: string) => boolean;
  isConnected: (clientId: string) => boolean;
  /** Whether messages of this topic wait for an absent client. */
  keeps: (topic: string) => boolean;
  /** A message for a stored session was not kept because its queue is full. */
  overflowed: (clientId: string) => void;
  retained: RetainedMessages | null;
}

/** What precedes the client's own id in the ids that we give to aedes. */
export function credentialOf(clientId: string): string {
  return clientId.slice(0, clientId.indexOf('|'));
}

/**
 * Sessions, queues and wills of MQTT clients, in bounded memory: the persistence that aedes asks for. Retained messages
 * are kept where the rules say, if anywhere.
 */
export class BoundedSessions {
  readonly #rules: SessionRules;
  readonly #sessions = new Map<string, Session>();
  readonly #exact = new Map<string, Set<string>>();
  readonly #wildcards = new Map<string, Set<string>>();
  readonly #incoming = new Map<string, Map<number, Packet>>();
  readonly #wills = new Map<string, Packet>();
  #totalBytes = 0;
  #brokerId = '';

  constructor(rules: SessionRules) {
    this.#rules = rules;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  get size(): number {
    return this.#sessions.size;
  }

  async setup(broker: { id: string }): Promise<void> {
    this.#brokerId = broker.id;
  }

  async destroy(): Promise<void> {
    this.#sessions.clear();
    this.#exact.clear();
    this.#wildcards.clear();
  }

  /** Whether any stored session waits for this topic at QoS 1 or 2. */
  waitsFor(topic: string): boolean {
    if (this.#wildcards.size === 0 && !this.#exact.has(topic)) return false;
    return this.#matching(topic).next().done !== true;
  }

  async addSubscriptions(client: ClientRef, subscriptions: readonly StoredSubscription[]): Promise<void> {
    const allowed = subscriptions.filter(({ topic }) => this.#rules.allowed(client.id, topic));
    if (allowed.length === 0) return;
    const session = this.#session(client.id);
    for (const subscription of allowed) {
      const { topic, qos, rh, rap, nl } = subscription;
      session.subscriptions.set(topic, { topic, qos, rh, rap, nl });
      if (qos > 0) this.#index(topic).set(topic, this.#holders(topic).add(client.id));
      else this.#forget(client.id, topic);
    }
  }

  async removeSubscriptions(client: ClientRef, topics: readonly string[]): Promise<void> {
    const session = this.#sessions.get(client.id);
    if (!session) return;
    for (const topic of topics) {
      session.subscriptions.delete(topic);
      this.#forget(client.id, topic);
    }
    if (session.subscriptions.size === 0 && session.queue.length === 0) this.#sessions.delete(client.id);
  }

  async subscriptionsByClient(client: ClientRef): Promise<StoredSubscription[]> {
    return [...(this.#sessions.get(client.id)?.subscriptions.values() ?? [])];
  }

  async subscriptionsByTopic(topic: string): Promise<(StoredSubscription & { clientId: string })[]> {
    return [...this.#matching(topic)];
  }

  async cleanSubscriptions(client: ClientRef): Promise<void> {
    this.#drop(client.id);
  }

  async outgoingEnqueue(to: { clientId: string }, packet: Packet): Promise<void> {
    this.#enqueue(to.clientId, packet);
  }

  async outgoingEnqueueCombi(to: readonly { clientId: string }[], packet: Packet): Promise<void> {
    for (const { clientId } of to) this.#enqueue(clientId, packet);
  }

  async outgoingUpdate(client: ClientRef, packet: Packet): Promise<void> {
    const queue = this.#sessions.get(client.id)?.queue ?? [];
    for (const [index, queued] of queue.entries()) {
      if (queued.brokerId === packet.brokerId) {
        if (queued.brokerCounter !== packet.brokerCounter) continue;
        if (packet.messageId !== undefined) queued.messageId = packet.messageId;
        return;
      }
      if (queued.messageId === packet.messageId) {
        queue[index] = packet;
        return;
      }
    }
    // Overflowed or dropped with its session: it is delivered once, and not again after a reconnect.
  }

  async outgoingClearMessageId(client: ClientRef, packet: { messageId?: number }): Promise<Packet | undefined> {
    const session = this.#sessions.get(client.id);
    if (!session) return undefined;
    const index = session.queue.findIndex(({ messageId }) => messageId === packet.messageId);
    if (index === -1) return undefined;
    const [cleared] = session.queue.splice(index, 1);
    this.#account(session, -bytesOf(cleared!));
    return cleared;
  }

  outgoingStream(client: ClientRef): Readable {
    return Readable.from([...(this.#sessions.get(client.id)?.queue ?? [])]);
  }

  async incomingStorePacket(client: ClientRef, packet: Packet): Promise<void> {
    const stored = this.#incoming.get(client.id) ?? new Map<number, Packet>();
    this.#incoming.set(client.id, stored.set(packet.messageId!, { ...packet }));
  }

  async incomingGetPacket(client: ClientRef, packet: { messageId?: number }): Promise<Packet> {
    const stored = this.#incoming.get(client.id)?.get(packet.messageId!);
    if (!stored) throw new Error('no such packet');
    return stored;
  }

  async incomingDelPacket(client: ClientRef, packet: { messageId?: number }): Promise<void> {
    if (!this.#incoming.get(client.id)?.delete(packet.messageId!)) throw new Error('no such packet');
  }

  async cleanIncoming(client: ClientRef): Promise<void> {
    this.#incoming.delete(client.id);
  }

  async storeRetained(packet: RetainedPacket): Promise<void> {
    this.#rules.retained?.store(packet);
  }

  createRetainedStream(filter: string): Readable {
    return this.createRetainedStreamCombi([filter]);
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(this.#rules.retained?.matching(filters) ?? []);
  }

  async putWill(client: ClientRef, packet: Packet): Promise<void> {
    this.#wills.set(client.id, Object.assign(packet, { brokerId: this.#brokerId, clientId: client.id }));
  }

  async getWill(client: ClientRef): Promise<Packet | undefined> {
    return this.#wills.get(client.id);
  }

  async delWill(client: ClientRef): Promise<Packet | undefined> {
    const will = this.#wills.get(client.id);
    this.#wills.delete(client.id);
    return will;
  }

  streamWill(brokers: Record<string, unknown> = {}): Readable {
    return Readable.from([...this.#wills.values()].filter(({ brokerId }) => brokers[brokerId ?? ''] === undefined));
  }

  #session(clientId: string): Session {
    let session = this.#sessions.get(clientId);
    if (!session) {
      this.#makeRoom(clientId);
      session = { subscriptions: new Map(), queue: [], queuedBytes: 0 };
      this.#sessions.set(clientId, session);
    }
    return session;
  }

  #makeRoom(clientId: string): void {
    const credential = credentialOf(clientId);
    const own = [...this.#sessions.keys()].filter((id) => credentialOf(id) === credential);
    if (own.length < this.#rules.limits.perCredential) return;
    const oldest = own.find((id) => !this.#rules.isConnected(id)) ?? own[0]!;
    this.#drop(oldest);
  }

  #drop(clientId: string): void {
    const session = this.#sessions.get(clientId);
    if (!session) return;
    for (const topic of session.subscriptions.keys()) this.#forget(clientId, topic);
    this.#account(session, -session.queuedBytes);
    this.#sessions.delete(clientId);
  }

  #enqueue(clientId: string, packet: Packet): void {
    const session = this.#sessions.get(clientId);
    if (!session || !this.#rules.keeps(packet.topic ?? '')) return;
    const { limits } = this.#rules;
    const bytes = bytesOf(packet);
    const full =
      session.queue.length >= limits.queuedMessages ||
      session.queuedBytes + bytes > limits.queuedBytes ||
      this.#totalBytes + bytes > limits.totalBytes;
    if (full) {
      this.#rules.overflowed(clientId);
      return;
    }
    session.queue.push({ ...packet });
    this.#account(session, bytes);
  }

  #account(session: Session, bytes: number): void {
    session.queuedBytes += bytes;
    this.#totalBytes += bytes;
  }

  *#matching(topic: string): Generator<StoredSubscription & { clientId: string }> {
    yield* this.#held(topic, this.#exact.get(topic));
    for (const [filter, holders] of this.#wildcards)
      if (filterMatches(filter, topic)) yield* this.#held(filter, holders);
  }

  *#held(
    filter: string,
    holders: ReadonlySet<string> = new Set(),
  ): Generator<StoredSubscription & { clientId: string }> {
    for (const clientId of holders) {
      const subscription = this.#sessions.get(clientId)?.subscriptions.get(filter);
      if (subscription) yield { ...subscription, clientId };
    }
  }

  #index(filter: string): Map<string, Set<string>> {
    return /[+#]/.test(filter) ? this.#wildcards : this.#exact;
  }

  #holders(filter: string): Set<string> {
    return this.#index(filter).get(filter) ?? new Set();
  }

  #forget(clientId: string, filter: string): void {
    const holders = this.#holders(filter);
    holders.delete(clientId);
    if (holders.size === 0) this.#index(filter).delete(filter);
  }
}

/** Memory of one queued packet, its object included. */
function bytesOf(packet: Packet): number {
  return (packet.payload?.length ?? 0) + (packet.topic?.length ?? 0) + 200;
}
