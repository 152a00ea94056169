import { Aedes } from 'aedes';
import { generate, type IConnectPacket } from 'mqtt-packet';
import { type Logger, reasonOf } from '../../platform/index.ts';
import type { DeviceIdentity, ToDevice } from '../devices/index.ts';
import type { Bridge } from './bridge.ts';
import { Listening } from './listening.ts';
import type { BrokerRules } from './rules.ts';
import { BoundedSessions, credentialOf } from './sessions.ts';
import { MAX_LEVELS, topicOf } from './topics.ts';

/** A subscriber that takes no byte for this long is disconnected, for it holds up the others. */
const DRAIN_TIMEOUT_MS = 2_000;
/** Live messages in flight between front and subscribers. What is beyond is not copied to them (it is in the spool). */
const LIVE_MESSAGES = 5_000;
const LIVE_BYTES = 32 * 1024 * 1024;
const MAX_SUBSCRIPTIONS = 100;
const SESSION_LIMITS = { perCredential: 4, queuedMessages: 100_000, queuedBytes: 32 << 20, totalBytes: 128 << 20 };

export interface BrokerHooks {
  log: Logger;
  /** A client's message that came through the broker: one that the front passed on, or a will. Acknowledged once taken. */
  published: (identity: DeviceIdentity, topic: string, payload: Buffer) => void | Promise<void>;
  refused: (identity: DeviceIdentity, code: 'TOPIC_PUBLISH' | 'TOPIC_SUBSCRIBE', topic: string) => void;
  /** A device connected here begins to listen to a topic addressed to it. */
  listening?: (topic: string) => void;
}

export interface BrokerCounts {
  clients: number;
  sessions: number;
  sessionBytes: number;
  /** Live copies not made because subscribers did not keep up. */
  liveSkipped: number;
  /** Messages that a stored session's full queue did not take. */
  sessionOverflows: number;
}

/** What of aedes' client we use. */
interface Client {
  id: string;
  conn: Bridge;
  subscriptions: Record<string, unknown>;
}

interface Published {
  topic: string;
  payload: Buffer | string;
  retain: boolean;
  qos: 0 | 1 | 2;
}

/**
 * aedes behind the front: sessions, subscriptions, commands and answers. It sees authenticated clients only, and each of
 * its known traps is closed here (denied filters that it stores, forwarding unchecked, `$SYS`, unbounded queues).
 */
export class Broker {
  readonly #hooks: BrokerHooks;
  readonly #rules: BrokerRules;
  readonly #sessions: BoundedSessions;
  readonly #aedes: Aedes;
  readonly #listening: Listening<Bridge>;
  /** Connections by client id. */
  readonly #bridges = new Map<string, Bridge>();
  /** Connected consumers by tenant: who might want live messages. */
  readonly #consumers = new Map<string, number>();
  readonly #accepted = new WeakMap<Bridge, () => void>();
  #liveMessages = 0;
  #liveBytes = 0;
  #liveSkipped = 0;
  #sessionOverflows = 0;

  constructor(hooks: BrokerHooks, rules: BrokerRules) {
    this.#hooks = hooks;
    this.#rules = rules;
    this.#listening = new Listening((topic) => hooks.listening?.(topic), rules.addressed);
    this.#sessions = new BoundedSessions({
      keeps: (topic) => !rules.addressed(topic),
      limits: SESSION_LIMITS,
      allowed: (clientId, filter) => this.#maySubscribe(clientId, filter),
      isConnected: (clientId) => this.#bridges.has(clientId),
      overflowed: (clientId) => this.#overflowed(clientId),
      retained: rules.retained,
    });
    this.#aedes = new Aedes({
      persistence: this.#sessions,
      concurrency: LIVE_MESSAGES * 2,
      drainTimeout: DRAIN_TIMEOUT_MS,
      maxTopicLevels: MAX_LEVELS,
      maxClientsIdLength: 1024,
      maxInflightInbound: 100,
      authenticate: (_client, _username, _password, done) => done(null, true),
      authorizePublish: (client, packet, done) =>
        this.#authorizePublish(client as unknown as Client | null, packet as Published, done),
      authorizeSubscribe: (client, subscription, done) => {
        const allowed = this.#authorizeSubscribe(client as unknown as Client, subscription.topic);
        done(null, allowed ? subscription : null);
      },
      authorizeForward: (client, packet) =>
        rules.mayReceive((client as unknown as Client).conn.identity, packet.topic) ? packet : null,
    });
  }

  async start(): Promise<void> {
    await this.#aedes.listen();
    this.#aedes.on('connackSent', (connack, client) => {
      if (connack.returnCode === 0) this.#accepted.get((client as unknown as Client).conn)?.();
    });
    this.#aedes.on('clientReady', (client) => this.#begin(client as unknown as Client));
    this.#aedes.on('subscribe', (_asked, client) => this.#begin(client as unknown as Client));
    this.#aedes.on('unsubscribe', (topics, client) => this.#listening.end((client as unknown as Client).conn, topics));
    const quiet = (_client: unknown, error: Error): void =>
      this.#hooks.log.debug({ reason: reasonOf(error) }, 'MQTT client error');
    this.#aedes.on('clientError', quiet);
    this.#aedes.on('connectionError', quiet);
    this.#aedes.on('error' as 'closed', (error?: unknown) =>
      this.#hooks.log.error({ reason: reasonOf(error) }, 'MQTT broker error'),
    );
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#aedes.close(() => resolve()));
  }

  /** Hands an authenticated connection over. `accepted` is called when its CONNACK has been written. */
  attach(bridge: Bridge, connect: IConnectPacket, accepted: () => void): void {
    const { identity } = bridge;
    const clientId = connect.clientId;
    this.#bridges.set(clientId, bridge);
    this.#accepted.set(bridge, accepted);
    if (identity.kind === 'consumer') this.#countConsumer(identity.tenantSlug, 1);
    bridge.once('close', () => {
      this.#listening.end(bridge);
      if (identity.kind === 'consumer') this.#countConsumer(identity.tenantSlug, -1);
      if (this.#bridges.get(clientId) === bridge) this.#bridges.delete(clientId);
    });
    this.#aedes.handle(bridge);
    bridge.push(generate(connect));
  }

  isConnected(clientId: string): boolean {
    return this.#bridges.has(clientId);
  }

  /** A connected client's rights have changed. */
  renew(bridge: Bridge, identity: DeviceIdentity): void {
    bridge.identity = identity;
  }

  /** Whether some subscriber may want this tenant's live messages: only then is a copy made. */
  wantsLive(tenantSlug: string, topic: string, retain: boolean): boolean {
    if (retain && this.#rules.retained?.keeps(topic)) return true;
    return this.#consumers.has(tenantSlug) || (this.#sessions.size > 0 && this.#sessions.waitsFor(topic));
  }

  /** Copies a message to whoever subscribed to it. Never holds up the intake: what subscribers cannot take is skipped. */
  forward(topic: string, payload: Buffer, qos: 0 | 1 | 2, retain: boolean): void {
    if (this.#liveMessages >= LIVE_MESSAGES || this.#liveBytes + payload.length > LIVE_BYTES) {
      this.#liveSkipped++;
      return;
    }
    this.#liveMessages++;
    this.#liveBytes += payload.length;
    const kept = retain && this.#rules.retained?.keeps(topic) === true;
    this.#aedes.publish({ cmd: 'publish', topic, payload, qos, retain: kept, dup: false }, () => {
      this.#liveMessages--;
      this.#liveBytes -= payload.length;
    });
  }

  /** Whether a device connected here listens to what is addressed to it. */
  listens(tenantSlug: string, device: string, leaf: ToDevice): boolean {
    return this.#listening.has(topicOf(tenantSlug, device, leaf));
  }

  /** Sends to a device that listens now; resolves when it was handed to the broker, not when the device has it. */
  tell(tenantSlug: string, device: string, leaf: ToDevice, payload: Buffer): Promise<void> {
    return this.publish(topicOf(tenantSlug, device, leaf), payload, { qos: 1, retain: false });
  }

  /** Publishes as the broker itself; resolves when it was handed to whoever is connected and subscribed. */
  publish(topic: string, payload: Buffer, options: { qos: 0 | 1; retain: boolean }): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#aedes.publish({ cmd: 'publish', topic, payload, ...options, dup: false }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  /** Sends a command to a device; resolves when it was handed to the broker, not when the device has it. */
  command(tenantSlug: string, device: string, payload: Buffer): Promise<void> {
    return this.publish(topicOf(tenantSlug, device, 'command'), payload, { qos: 1, retain: false });
  }

  counts(): BrokerCounts {
    return {
      clients: this.#aedes.connectedClients,
      sessions: this.#sessions.size,
      sessionBytes: this.#sessions.totalBytes,
      liveSkipped: this.#liveSkipped,
      sessionOverflows: this.#sessionOverflows,
    };
  }

  #authorizePublish(client: Client | null, packet: Published, done: (error?: Error | null) => void): void {
    if (!this.#rules.retained?.keeps(packet.topic)) packet.retain = false;
    const identity = client?.conn.identity;
    if (!identity || !this.#rules.mayPublish(identity, packet.topic)) {
      if (identity) this.#hooks.refused(identity, 'TOPIC_PUBLISH', packet.topic);
      done(new Error('publishing to this topic is not permitted'));
      return;
    }
    const payload = Buffer.from(packet.payload as Buffer);
    const taken = this.#hooks.published(identity, packet.topic, payload);
    if (taken) {
      taken.then(() => done(null), done);
      return;
    }
    done(null);
  }

  #begin(client: Client): void {
    const { conn, subscriptions } = client;
    if (conn.identity.kind !== 'consumer') this.#listening.begin(conn, Object.keys(subscriptions));
  }

  #authorizeSubscribe(client: Client, filter: string): boolean {
    const { identity } = client.conn;
    const room = filter in client.subscriptions || Object.keys(client.subscriptions).length < MAX_SUBSCRIPTIONS;
    if (room && this.#rules.maySubscribe(identity, filter)) return true;
    this.#hooks.refused(identity, 'TOPIC_SUBSCRIBE', filter);
    return false;
  }

  #maySubscribe(clientId: string, filter: string): boolean {
    const identity = this.#bridges.get(clientId)?.identity;
    return identity !== undefined && this.#rules.maySubscribe(identity, filter);
  }

  #countConsumer(tenantSlug: string, change: 1 | -1): void {
    const count = (this.#consumers.get(tenantSlug) ?? 0) + change;
    if (count > 0) this.#consumers.set(tenantSlug, count);
    else this.#consumers.delete(tenantSlug);
  }

  #overflowed(clientId: string): void {
    // The first, then every thousandth: an absent consumer must not fill the log.
    if (this.#sessionOverflows++ % 1000 === 0)
      this.#hooks.log.warn(
        { credential: credentialOf(clientId), overflows: this.#sessionOverflows },
        'a stored MQTT session is full; its client misses live messages (they are in the store)',
      );
  }
}
