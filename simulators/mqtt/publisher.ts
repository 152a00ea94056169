import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Clock, systemClock, type Timer } from '../../platform/pure.ts';
import {
  connackReason,
  connectPacket,
  DISCONNECT,
  PacketReader,
  PINGREQ,
  PUBLISH_OVERHEAD,
  writePublish,
} from './packets.ts';

export interface PublisherOptions {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  url: string;
  clientId: string;
  username?: string;
  password?: string;
  /** Messages sent and not yet acknowledged; `offer` refuses beyond. At most 65,000. */
  window?: number;
  keepAliveSeconds?: number;
  /** First and longest pause between attempts to reconnect; each is doubled and drawn at random (full jitter). */
  reconnectMs?: { first: number; longest: number };
  /** Gives numbers in [0, 1) for the jitter. */
  random?: () => number;
  clock?: Clock;
}

interface Unacknowledged {
  topic: Buffer;
  payload: Uint8Array;
  acknowledged: () => void;
  failed: ((reason: Error) => void) | undefined;
  sent: boolean;
}

const FLUSH_BYTES = 256 * 1024;
const COPY_BYTES = 32 * 1024;

/**
 * A lean MQTT 3.1.1 client that publishes at QoS 1. Every message is kept until its PUBACK; after a broken connection
 * it reconnects with jitter and sends what is unacknowledged again, in order, byte for byte the same.
 *
 * Leaves out: subscribing, QoS 0 and 2, wills, MQTT 5.
 */
export class Qos1Publisher {
  readonly #options: Required<Omit<PublisherOptions, 'username' | 'password'>> &
    Pick<PublisherOptions, 'username' | 'password'>;
  readonly #unacknowledged = new Map<number, Unacknowledged>();
  readonly #topics = new Map<string, Buffer>();
  #socket: Socket | undefined;
  #online = false;
  #closing = false;
  #attempt = 0;
  #nextPacketId = 1;
  #outgoing: Buffer = Buffer.allocUnsafe(FLUSH_BYTES);
  #outgoingLength = 0;
  #flushScheduled = false;
  readonly #closed = new AbortController();
  #ping: Timer | undefined;
  #roomWaiters: (() => void)[] = [];
  #connections = 0;

  constructor(options: PublisherOptions) {
    this.#options = {
      window: 256,
      keepAliveSeconds: 30,
      reconnectMs: { first: 50, longest: 2000 },
      random: Math.random,
      clock: systemClock(),
      ...options,
    };
    if (this.#options.window < 1 || this.#options.window > 65_000) throw new Error('window must lie in 1 … 65,000');
  }

  /** Messages sent or waiting to be sent whose PUBACK has not come. */
  get unacknowledged(): number {
    return this.#unacknowledged.size;
  }

  /** How often a connection was accepted by the broker. */
  get connections(): number {
    return this.#connections;
  }

  get online(): boolean {
    return this.#online;
  }

  /** Connects for the first time; rejects when the broker cannot be reached or refuses. Later breaks heal by themselves. */
  async connect(): Promise<void> {
    await new Promise<void>((resolve, reject) => this.#open(resolve, reject));
  }

  /**
   * Hands over one message unless the window is full.
   *
   * @param acknowledged called once, when the PUBACK has come
   * @returns false when the window is full: wait for `room()`
   */
  offer(topic: string, payload: Uint8Array, acknowledged: () => void, failed?: (reason: Error) => void): boolean {
    if (this.#closing) throw new Error('the publisher is closed');
    if (this.#unacknowledged.size >= this.#options.window) return false;
    const packetId = this.#freePacketId();
    const message = { topic: this.#topicBytes(topic), payload, acknowledged, failed, sent: false };
    this.#unacknowledged.set(packetId, message);
    if (this.#online) this.#append(packetId, message);
    return true;
  }

  /** Resolves when the window has room. */
  async room(): Promise<void> {
    while (this.#unacknowledged.size >= this.#options.window) {
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
    }
  }

  /** Publishes and resolves when the PUBACK has come; rejects only if the publisher is closed before. */
  async publish(topic: string, payload: Uint8Array): Promise<void> {
    await this.room();
    await new Promise<void>((resolve, reject) => {
      if (!this.offer(topic, payload, resolve, reject)) reject(new Error('the window filled up meanwhile'));
    });
  }

  /** Says goodbye and closes; what is unacknowledged is given up and its `publish` rejects. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#closed.abort();
    this.#ping?.cancel();
    const socket = this.#socket;
    if (socket && !socket.destroyed) {
      this.#flush();
      await new Promise<void>((resolve) => socket.end(DISCONNECT, () => resolve()));
      socket.destroy();
    }
    this.#giveUp(new Error('the publisher was closed before the PUBACK came'));
  }

  /** Breaks the connection without a word, as a power cut does; it reconnects by itself. */
  breakConnection(): void {
    this.#socket?.destroy();
  }

  #giveUp(reason: Error): void {
    const left = [...this.#unacknowledged.values()];
    this.#unacknowledged.clear();
    for (const message of left) message.failed?.(reason);
    this.#wakeWaiters();
  }

  #open(onAccepted?: () => void, onRefused?: (reason: Error) => void): void {
    const { protocol, hostname, port } = new URL(this.#options.url);
    const host = hostname.replace(/^\[|\]$/g, '');
    const socket =
      protocol === 'mqtts:'
        ? connectTls({ host, port: Number(port || 8883), servername: host })
        : connectTcp({ host, port: Number(port || 1883) });
    this.#socket = socket;
    socket.setNoDelay(true);
    const reader = new PacketReader();
    const { clientId, username, password, keepAliveSeconds } = this.#options;
    let reason: Error | undefined;
    socket.once(protocol === 'mqtts:' ? 'secureConnect' : 'connect', () => {
      socket.write(
        connectPacket({
          clientId,
          keepAliveSeconds,
          // The session is ours to keep: everything unacknowledged is held here.
          cleanSession: true,
          ...(username === undefined ? {} : { username }),
          ...(password === undefined ? {} : { password }),
        }),
      );
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.read(chunk, (packet) => {
          if (packet.type === 'puback') this.#acknowledge(packet.packetId);
          if (packet.type === 'connack') {
            if (packet.returnCode === 0) {
              this.#accepted();
              onAccepted?.();
            } else {
              reason = new Error(`the broker refused ${clientId}: ${connackReason(packet.returnCode)}`);
              socket.destroy();
            }
          }
        });
      } catch (error) {
        reason = error as Error;
        socket.destroy();
      }
    });
    socket.on('error', (error) => {
      reason ??= error;
    });
    socket.on('close', () => {
      this.#online = false;
      this.#ping?.cancel();
      if (this.#closing) return;
      if (onRefused && this.#connections === 0) {
        onRefused(reason ?? new Error(`the broker at ${this.#options.url} closed the connection`));
        return;
      }
      this.#reconnectLater();
    });
  }

  #accepted(): void {
    this.#online = true;
    this.#attempt = 0;
    this.#connections++;
    this.#outgoingLength = 0;
    for (const [packetId, message] of this.#unacknowledged) this.#append(packetId, message);
    this.#keepAlive();
  }

  #keepAlive(): void {
    this.#ping = this.#options.clock.setTimer((this.#options.keepAliveSeconds * 1000) / 2, () => {
      if (!this.#online) return;
      this.#socket?.write(PINGREQ);
      this.#keepAlive();
    });
  }

  #reconnectLater(): void {
    const { first, longest } = this.#options.reconnectMs;
    const ceiling = Math.min(longest, first * 2 ** this.#attempt++);
    const pauseMs = ceiling * (0.2 + 0.8 * this.#options.random());
    // Sleeping keeps the process alive: somebody waits for these messages to arrive.
    void this.#options.clock.sleep(pauseMs, this.#closed.signal).then(() => {
      if (!this.#closing) this.#open();
    });
  }

  #acknowledge(packetId: number): void {
    const message = this.#unacknowledged.get(packetId);
    if (!message) return;
    this.#unacknowledged.delete(packetId);
    message.acknowledged();
    if (this.#roomWaiters.length > 0) this.#wakeWaiters();
  }

  #wakeWaiters(): void {
    const waiters = this.#roomWaiters;
    this.#roomWaiters = [];
    for (const wake of waiters) wake();
  }

  #freePacketId(): number {
    while (this.#unacknowledged.has(this.#nextPacketId)) this.#advancePacketId();
    const packetId = this.#nextPacketId;
    this.#advancePacketId();
    return packetId;
  }

  #advancePacketId(): void {
    this.#nextPacketId = this.#nextPacketId === 65_535 ? 1 : this.#nextPacketId + 1;
  }

  #topicBytes(topic: string): Buffer {
    const known = this.#topics.get(topic);
    if (known) return known;
    const bytes = Buffer.from(topic);
    this.#topics.set(topic, bytes);
    return bytes;
  }

  /** Collects packets and hands them to the socket in one piece: a system call a message would be the bottleneck. */
  #append(packetId: number, message: Unacknowledged): void {
    const { topic, payload } = message;
    const needed = PUBLISH_OVERHEAD + topic.length + payload.length;
    if (this.#outgoingLength + needed > this.#outgoing.length) this.#flush();
    if (needed > this.#outgoing.length) this.#outgoing = Buffer.allocUnsafe(needed);
    this.#outgoingLength = writePublish(this.#outgoing, this.#outgoingLength, topic, payload, packetId, message.sent);
    message.sent = true;
    if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      setImmediate(() => {
        this.#flushScheduled = false;
        this.#flush();
      });
    }
  }

  #flush(): void {
    if (this.#outgoingLength === 0) return;
    const filled = this.#outgoing.subarray(0, this.#outgoingLength);
    this.#outgoingLength = 0;
    // The socket keeps what it was given until it is written: a small piece is copied, a large one given away.
    const copied = filled.length < COPY_BYTES;
    const bytes = copied ? Buffer.from(filled) : filled;
    if (!copied) this.#outgoing = Buffer.allocUnsafe(FLUSH_BYTES);
    if (this.#online) this.#socket?.write(bytes);
  }
}
