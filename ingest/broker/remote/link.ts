import type { Duplex } from 'node:stream';
import { type Packet, parser as packetParser } from 'mqtt-packet';
import { type Clock, type Logger, reasonOf, type Timer } from '../../../platform/index.ts';
import { OwedAcknowledgements } from '../../front/acknowledger.ts';
import { PacketReader, type PacketSink } from '../../front/packetReader.ts';
import type { RemoteAddress } from './address.ts';
import { Outgoing } from './outgoing.ts';
import {
  connectPacket,
  DISCONNECT,
  NO_SHARED_SUBSCRIPTIONS,
  PINGREQ,
  PUBLISH,
  type PublishLayout,
  publishLayout,
  reasonText,
  type SessionTerms,
  type Testament,
} from './packets.ts';
import { Subscriptions } from './subscriptions.ts';
import { openTransport } from './transport.ts';

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 30_000;
const ANSWER_WITHIN_MS = 10_000;

export interface LinkOptions {
  address: RemoteAddress;
  terms: SessionTerms;
  clock: Clock;
  log: Logger;
  /** 0..1, for the jitter of reconnections. */
  random: () => number;
  /** Made anew for each connection; null: nobody is told when we are lost. */
  will?: () => Testament | null;
  /** Whether we cannot do without shared subscriptions. */
  isShared: boolean;
  opened?: () => void;
  /** Takes a message, or returns false: it is offered again after `resume`. */
  take: (layout: PublishLayout, bytes: Buffer, end: number, atNs: bigint, owed: OwedAcknowledgements) => boolean;
}

type Stage = 'stopped' | 'away' | 'greeting' | 'open';

/**
 * One MQTT 5 session with a broker, kept up: it connects again with jitter for as long as it takes, and what the broker
 * holds for us meanwhile comes then. Acknowledgements are the taker's; holding them stalls the broker at the receive
 * maximum, and nothing else: keep-alive goes on.
 */
export class Link implements PacketSink {
  readonly outgoing: Outgoing;
  readonly subscriptions: Subscriptions;
  readonly #options: LinkOptions;
  #stage: Stage = 'stopped';
  #stream: Duplex | null = null;
  #reader: PacketReader;
  #parser = packetParser({ protocolVersion: 5 });
  #owed: OwedAcknowledgements | null = null;
  #opening: AbortController | null = null;
  #timer: Timer | null = null;
  #failures = 0;
  #connections = 0;
  #heardAtMs = 0;
  #arrivalNs = 0n;
  #keepAliveMs = 0;
  #held = false;
  #holding = false;
  #problem: string | null = 'not yet connected';

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#reader = new PacketReader(this);
    const send = (bytes: Buffer): boolean => this.#stage === 'open' && this.#send(bytes);
    this.outgoing = new Outgoing(send);
    this.subscriptions = new Subscriptions({ ...options, send, packetId: () => this.outgoing.nextPacketId() });
  }

  /** Why nothing comes through this link now; null when all is well. */
  get problem(): string | null {
    return this.#problem ?? this.subscriptions.problem;
  }

  get isOpen(): boolean {
    return this.#stage === 'open';
  }

  /** Times that the session was taken up again. */
  get reconnections(): number {
    return Math.max(0, this.#connections - 1);
  }

  /** Messages taken and not yet acknowledged. */
  get inFlight(): number {
    return this.#owed?.size ?? 0;
  }

  /** A message waits for room. */
  get isHeld(): boolean {
    return this.#held;
  }

  start(): void {
    this.#stage = 'away';
    this.#holding = false;
    void this.#connect();
  }

  /** Takes no more messages; everything else goes on. */
  hold(): void {
    this.#holding = true;
  }

  /** Leaves; the session stays with the broker. */
  async stop(): Promise<void> {
    const stream = this.#stream;
    this.#stage = 'stopped';
    this.#opening?.abort();
    this.#drop('stopped');
    if (!stream || stream.destroyed) return;
    const ended = new Promise<void>((resolve) => stream.end(DISCONNECT, () => resolve()));
    await Promise.race([ended, this.#options.clock.sleep(1_000)]);
    stream.destroy();
  }

  /** There is room again for what was held. */
  resume(): void {
    if (!this.#held || this.#holding || this.#stage !== 'open') return;
    this.#held = false;
    this.#heardAtMs = this.#options.clock.nowMs();
    this.#act(this.#reader.resume());
    if (!this.#held) this.#stream?.resume();
  }

  admits(): boolean {
    return true;
  }

  take(bytes: Buffer, start: number, body: number, end: number): boolean {
    if (bytes[start]! >> 4 === PUBLISH) return this.#publish(bytes, start, body, end);
    this.#parser.parse(bytes.subarray(start, end));
    return true;
  }

  async #connect(): Promise<void> {
    const { address, terms, log } = this.#options;
    const opening = new AbortController();
    this.#opening = opening;
    // Stopped meanwhile, and perhaps started again.
    const isOver = () => this.#stage !== 'away' || this.#opening !== opening;
    const late = this.#options.clock.setTimer(ANSWER_WITHIN_MS, () => opening.abort(new Error('no answer in time')));
    try {
      const stream = await openTransport(address, opening.signal);
      late.cancel();
      if (isOver()) return void stream.destroy();
      this.#greet(stream);
      stream.write(connectPacket(address, terms, this.#options.will?.() ?? null));
    } catch (error) {
      late.cancel();
      const { cause } = error as { cause?: unknown };
      const reason = reasonOf(cause ?? error);
      if (isOver()) return;
      log.warn({ broker: address.shown, reason }, 'the MQTT broker cannot be reached; trying again');
      this.#retry(`${address.shown} cannot be reached: ${reason}`);
    }
  }

  #greet(stream: Duplex): void {
    this.#stage = 'greeting';
    this.#stream = stream;
    this.#held = false;
    this.#reader = new PacketReader(this);
    this.#owed = new OwedAcknowledgements(stream);
    this.#parser = packetParser({ protocolVersion: 5 });
    this.#parser.on('packet', (packet) => this.#control(packet));
    this.#parser.on('error', (error) => this.#lost(`the broker sent what is no MQTT 5: ${error.message}`));
    this.#heardAtMs = this.#options.clock.nowMs();
    stream.on('data', (chunk: Buffer) => stream === this.#stream && this.#received(chunk));
    stream.on('close', () => stream === this.#stream && this.#lost('the connection broke'));
    this.#watch(ANSWER_WITHIN_MS);
  }

  #received(chunk: Buffer): void {
    const { clock } = this.#options;
    this.#heardAtMs = clock.nowMs();
    this.#arrivalNs = clock.nowNs();
    this.#act(this.#reader.read(chunk));
  }

  #act(state: 'more' | 'held' | 'refused'): void {
    if (state === 'refused') this.#lost('the broker sent what is no MQTT 5');
    if (state !== 'held') return;
    this.#held = true;
    this.#stream?.pause();
  }

  #publish(bytes: Buffer, start: number, body: number, end: number): boolean {
    if (this.#holding) return false;
    if (this.#stage !== 'open') return true;
    const layout = publishLayout(bytes, start, body, end);
    if (layout !== null) return this.#options.take(layout, bytes, end, this.#arrivalNs, this.#owed!);
    this.#lost('the broker sent a malformed PUBLISH');
    return true;
  }

  #control(packet: Packet): void {
    switch (packet.cmd) {
      case 'connack':
        this.#greeted(packet.reasonCode ?? packet.returnCode ?? 0, packet.properties ?? {}, packet.sessionPresent);
        break;
      case 'suback':
        this.subscriptions.answered(packet.messageId!, packet.granted as number[]);
        break;
      case 'puback':
        this.outgoing.acknowledged(packet.messageId!, packet.reasonCode ?? 0);
        break;
      case 'disconnect':
        this.#lost(`the broker ended the session: ${reasonText(packet.reasonCode ?? 0)}`);
        break;
      default:
    }
  }

  #greeted(
    code: number,
    properties: {
      serverKeepAlive?: number;
      receiveMaximum?: number;
      sharedSubscriptionAvailable?: boolean;
      subscriptionIdentifiersAvailable?: boolean;
    },
    sessionPresent: boolean,
  ): void {
    const { address, terms, log, isShared } = this.#options;
    const cannotShare = isShared && properties.sharedSubscriptionAvailable === false;
    const refusal = code !== 0 ? code : cannotShare ? NO_SHARED_SUBSCRIPTIONS : 0;
    if (refusal !== 0) {
      this.#lost(`the broker refuses the connection: ${reasonText(refusal)}`);
      return;
    }
    this.#stage = 'open';
    this.#problem = null;
    this.#connections++;
    this.#keepAliveMs = 1000 * (properties.serverKeepAlive ?? terms.keepAliveSeconds);
    this.outgoing.allowed = properties.receiveMaximum ?? 65_535;
    log.info({ broker: address.shown, clientId: terms.clientId, sessionPresent }, 'connected to the MQTT broker');
    this.subscriptions.opened(properties.subscriptionIdentifiersAvailable ?? true);
    this.#options.opened?.();
    this.#watch(this.#keepAliveMs / 2);
  }

  /** Keep-alive (§3.1.2.10), and giving up on a broker that says nothing; whom we do not read is not blamed. */
  #watch(afterMs: number): void {
    this.#timer?.cancel();
    if (afterMs <= 0) return;
    this.#timer = this.#options.clock.setTimer(afterMs, () => {
      const silentMs = this.#options.clock.nowMs() - this.#heardAtMs;
      if (this.#stage === 'greeting') this.#lost('the broker did not answer CONNECT in time');
      else if (silentMs > 1.5 * this.#keepAliveMs && !this.#held) this.#lost(`nothing was heard for ${silentMs} ms`);
      else {
        // Only now: two processes that take one session from each other shall not do it ever faster.
        this.#failures = 0;
        this.#send(PINGREQ);
        this.#watch(afterMs);
      }
    });
  }

  #send(bytes: Buffer): boolean {
    if (!this.#stream || this.#stream.destroyed) return false;
    this.#stream.write(bytes);
    return true;
  }

  #lost(reason: string): void {
    if (this.#stage === 'stopped' || this.#stage === 'away') return;
    this.#options.log.warn({ broker: this.#options.address.shown, reason }, 'lost the MQTT broker; connecting again');
    const stream = this.#stream;
    this.#drop(reason);
    stream?.destroy();
    this.#stage = 'away';
    this.#retry(reason);
  }

  #drop(reason: string): void {
    this.#timer?.cancel();
    this.#stream = null;
    this.#owed = null;
    this.#held = false;
    this.#problem = reason;
    this.outgoing.dropped(reason);
    this.subscriptions.dropped();
  }

  #retry(reason: string): void {
    this.#problem = reason;
    const { clock, random } = this.#options;
    const longestMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures++, 16));
    this.#timer = clock.setTimer(longestMs * (0.5 + random() / 2), () => void this.#connect());
  }
}
