import type { Duplex } from 'node:stream';
import { Bridge } from '../broker/bridge.ts';
import { type DeviceIdentity, isEntitled } from '../devices/index.ts';
import type { TenantMeter } from '../quota/tenantMeter.ts';
import { SPOOL_FULL } from '../spool/index.ts';
import { OwedAcknowledgements } from './acknowledger.ts';
import type { SignedIn } from './admission.ts';
import { connectionsUsedUp, packetRefusal, rateUsedUp } from './bounds.ts';
import type { Refusal } from './counts.ts';
import type { FrontDeps } from './frontDeps.ts';
import { KeptBytes } from './keptBytes.ts';
import { OpenQos2 } from './openQos2.ts';
import { PacketReader, type PacketSink } from './packetReader.ts';
import { NOTHING_TO_KEEP, takeIn } from './takeIn.ts';
import type { IngestTarget } from './targets.ts';
import { TopicTargets } from './topicTargets.ts';
import type { Transport } from './transport.ts';
import {
  CONNACK_UNAVAILABLE,
  connack,
  DISCONNECT,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
} from './wire.ts';

/** A client that does not read its acknowledgements is not read from either. */
const MAX_UNREAD_BYTES = 1024 * 1024;
const MAX_OPEN_QOS2 = 1_000;

type Stage = 'waiting' | 'signing-in' | 'open' | 'stopping' | 'closed';

/** One client's stream: guards CONNECT, takes data into the spool, passes everything else to the broker. */
export class Connection implements PacketSink {
  readonly #deps: FrontDeps;
  readonly #transport: Transport;
  readonly #stream: Duplex;
  readonly #reader: PacketReader;
  readonly #kept: KeptBytes;
  readonly #owed: OwedAcknowledgements;
  readonly #openedAtMs: number;
  readonly #closed: (connection: Connection) => void;
  readonly #targets: TopicTargets;
  #openQos2 = new OpenQos2();
  #stage: Stage = 'waiting';
  #identity: DeviceIdentity | null = null;
  #secretUsed: Buffer | null = null;
  #clientId = '';
  #bridge: Bridge | null = null;
  #meter: TenantMeter | null = null;
  #lastEnd = 0;
  #because: string | null = null;
  #brokerEnded = false;
  #keepAliveMs = 0;
  #heardAtMs: number;
  #arrivalNs = 0n;
  #countedPresent = false;
  #waitsForSpool = false;
  #waitsForBroker = false;
  #waitsForReader = false;
  #waitsForQuota = false;
  readonly #quotaHasRoom = (): void => {
    this.#waitsForQuota = false;
    this.#resume();
  };

  constructor(deps: FrontDeps, transport: Transport, closed: (connection: Connection) => void) {
    this.#deps = deps;
    const { stream } = transport;
    this.#transport = transport;
    this.#stream = stream;
    this.#closed = closed;
    this.#targets = new TopicTargets(deps.resolve);
    this.#openedAtMs = deps.clock.nowMs();
    this.#heardAtMs = this.#openedAtMs;
    this.#reader = new PacketReader(this);
    this.#kept = new KeptBytes(deps);
    this.#owed = new OwedAcknowledgements(stream);
    transport.onKept(() => this.#account());
    stream.on('data', (chunk: Buffer) => this.#received(chunk));
    stream.on('drain', () => this.#drained());
    stream.on('error', () => stream.destroy());
    stream.on('close', () => this.#ended());
  }

  get identity(): DeviceIdentity | null {
    return this.#identity;
  }

  /** Waits for space in the spool: the server resumes it. */
  get waitsForSpool(): boolean {
    return this.#waitsForSpool;
  }

  /** Reads nothing more: the process is stopping. */
  pause(): void {
    this.#stage = this.#stage === 'open' ? 'stopping' : this.#stage;
    this.#because ??= 'stopping';
    this.#stream.pause();
  }

  close(): void {
    this.#stream.destroy();
  }

  /** Ends what has waited too long. Whom we keep waiting ourselves is not blamed for silence. */
  sweep(nowMs: number): void {
    if (this.#stage === 'closed') {
      // The peer did not take its refusal.
      if (nowMs - this.#heardAtMs > this.#deps.limits.connectTimeoutMs) this.#stream.destroy();
      return;
    }
    if (this.#stage === 'waiting' || this.#stage === 'signing-in') {
      if (nowMs - this.#openedAtMs > this.#deps.limits.connectTimeoutMs)
        this.#refuse('connect-timeout', 'no complete CONNECT in time');
      return;
    }
    const identity = this.#identity;
    if (identity?.previousSecret && !isEntitled(identity, this.#secretUsed, nowMs)) {
      this.#refuse('revoked', 'the secret was replaced, and the time for which both were good is over');
      return;
    }
    // §3.1.2.10: one and a half times the keep-alive.
    const silentMs = nowMs - this.#heardAtMs;
    const isKept = this.#waitsForSpool || this.#waitsForBroker || this.#waitsForQuota;
    if (this.#keepAliveMs > 0 && silentMs > 1.5 * this.#keepAliveMs && !isKept)
      this.#refuse('keep-alive', `nothing heard for ${silentMs} ms`);
  }

  /** The device's rights have changed: take them over, or end the connection when its credential is no longer good. */
  renew(identity: DeviceIdentity): void {
    const before = this.#identity;
    if (!before || identity.deviceId !== before.deviceId || identity.version === before.version) return;
    if (!isEntitled(identity, this.#secretUsed, this.#deps.clock.nowMs())) {
      this.#refuse('revoked', 'the credential was revoked or replaced');
      return;
    }
    this.#identity = identity;
    this.#targets.forget();
    if (this.#bridge) this.#deps.broker.renew(this.#bridge, identity);
  }

  /** There is space in the spool again. */
  resumeSpool(): void {
    if (!this.#waitsForSpool) return;
    this.#waitsForSpool = false;
    this.#resume();
  }

  admits(firstByte: number, remainingBytes: number): boolean {
    const found = packetRefusal(this.#deps.limits, this.#stage === 'waiting', firstByte, remainingBytes);
    if (found) this.#refuse(found.refusal, found.reason);
    return found === null;
  }

  take(bytes: Buffer, start: number, body: number, end: number): boolean {
    if (this.#stage === 'closed') return true;
    const firstByte = bytes[start]!;
    if (this.#stage === 'waiting') {
      this.#stage = 'signing-in';
      void this.#signIn(Buffer.from(bytes.subarray(start, end)));
      return true;
    }
    if (this.#stage !== 'open') return false;
    switch (firstByte >> 4) {
      case PUBLISH:
        return this.#publish(bytes, start, body, end);
      case PINGREQ:
        this.#stream.write(PINGRESP);
        return true;
      case PUBREL:
        return this.#released(bytes, start, body, end);
      case DISCONNECT:
        this.#because ??= 'clean';
        return this.#pass(bytes, start, end);
      default:
        return this.#pass(bytes, start, end);
    }
  }

  #received(chunk: Buffer): void {
    if (this.#stage === 'closed') return;
    const { clock } = this.#deps;
    this.#heardAtMs = clock.nowMs();
    this.#arrivalNs = clock.nowNs();
    this.#act(this.#reader.read(chunk));
  }

  #act(state: 'more' | 'held' | 'refused'): void {
    if (state === 'refused') {
      if (this.#stage !== 'closed') this.#refuse('protocol', 'a malformed packet');
      return;
    }
    if (!this.#account()) return;
    if (this.#stream.writableLength > MAX_UNREAD_BYTES) this.#waitsForReader = true;
    const waits = this.#waits || this.#stage === 'signing-in';
    if (state === 'held' || waits) this.#stream.pause();
  }

  /** Counts what is kept for this client. @returns false when it was too much: the connection is closed */
  #account(): boolean {
    if (this.#stage === 'closed') return true;
    const excess = this.#kept.update(this.#reader.keptBytes + this.#transport.keptBytes());
    if (excess) this.#refuse(excess.refusal, excess.reason);
    return excess === null;
  }

  #resume(): void {
    if (this.#stage !== 'open' || this.#waits) return;
    this.#heardAtMs = this.#deps.clock.nowMs();
    this.#act(this.#reader.resume());
    if (!this.#waits) this.#stream.resume();
  }

  get #waits(): boolean {
    return this.#waitsForSpool || this.#waitsForBroker || this.#waitsForReader || this.#waitsForQuota;
  }

  #drained(): void {
    if (!this.#waitsForReader) return;
    this.#waitsForReader = false;
    this.#resume();
  }

  async #signIn(bytes: Buffer): Promise<void> {
    const result = await this.#deps.admission.admit(bytes, this.#transport);
    if (this.#stage !== 'signing-in') return;
    if ('refusal' in result) this.#refuse(result.refusal, result.reason, result.answer);
    else this.#handOver(result);
  }

  #handOver({ identity, connect, keepAliveMs, secretUsed }: SignedIn): void {
    this.#identity = identity;
    const meter = this.#deps.meterOf(identity);
    // Whoever takes over its own connection adds none.
    if (!meter.admitsConnection() && !this.#deps.broker.isConnected(connect.clientId)) {
      meter.refusedConnections++;
      const reason = connectionsUsedUp(meter.limits);
      this.#problem(identity, 'QUOTA_CONNECTIONS', reason);
      this.#refuse('quota', reason, connack(CONNACK_UNAVAILABLE));
      return;
    }
    this.#meter = meter;
    meter.connections++;
    this.#secretUsed = secretUsed;
    this.#clientId = connect.clientId;
    this.#openQos2 = this.#deps.qos2Sessions.begin(connect.clientId, connect.clean ?? true);
    this.#keepAliveMs = keepAliveMs;
    this.#bridge = new Bridge(this.#stream, identity, () => this.#brokerWants());
    this.#deps.broker.attach(this.#bridge, connect, () => this.#accepted());
  }

  #accepted(): void {
    if (this.#stage !== 'signing-in' || !this.#identity) return;
    this.#stage = 'open';
    this.#kept.signedIn();
    const { presence } = this.#deps;
    this.#countedPresent = true;
    presence.connected(presence.entry(this.#identity.tenantId, this.#identity.deviceId));
    this.#resume();
  }

  #publish(bytes: Buffer, start: number, body: number, end: number): boolean {
    const firstByte = bytes[start]!;
    const qos = (firstByte >> 1) & 3;
    const topicStart = body + 2;
    const topicEnd = topicStart + (end >= topicStart ? bytes.readUInt16BE(body) : 0);
    const payloadStart = topicEnd + (qos === 0 ? 0 : 2);
    // §3.3.1-4 and §3.3.2: QoS 3, an empty topic or a length beyond the packet is a protocol violation.
    if (qos === 3 || topicEnd === topicStart || payloadStart > end) return this.#violation('a malformed PUBLISH');
    const target = this.#targets.find(this.#identity!, bytes, topicStart, topicEnd);
    if (target === null) return this.#forbidden(bytes.toString('utf8', topicStart, topicEnd));
    if (target === 'broker') return this.#pass(bytes, start, end);
    const packetId = qos === 0 ? 0 : bytes.readUInt16BE(topicEnd);
    if (qos > 0 && packetId === 0) return this.#violation('a packet identifier of 0');
    if (qos < 2) return this.#accept(target, bytes, payloadStart, end, qos, packetId, firstByte);
    const said = bytes.subarray(topicStart, end);
    if (this.#repeatsQos2(packetId, said)) return true;
    const taken = this.#accept(target, bytes, payloadStart, end, qos, packetId, firstByte);
    if (taken) this.#openQos2.add(packetId, this.#lastEnd, said);
    return taken;
  }

  #accept(
    target: IngestTarget,
    bytes: Buffer,
    start: number,
    end: number,
    qos: number,
    packetId: number,
    firstByte: number,
  ): boolean {
    const duplicate = (firstByte & 0x08) !== 0;
    const { spool, acknowledger, counts, presence, broker } = this.#deps;
    const meter = this.#meter!;
    if (meter.isLimited && !meter.hasRoom()) return this.#waitForQuota(meter);
    // Messages of one chunk come in at one reading of the clock: a nanosecond each keeps clockless readings apart.
    const endOffset = takeIn(spool, counts, target, this.#arrivalNs++, duplicate, bytes, start, end);
    if (endOffset === SPOOL_FULL) {
      this.#waitsForSpool = true;
      return false;
    }
    meter.took(end - start);
    if (endOffset !== NOTHING_TO_KEEP) this.#lastEnd = endOffset;
    target.presence.lastMessageMs = this.#heardAtMs;
    if (target.presence.written) presence.touched(target.presence);
    if (qos > 0) {
      this.#owed.push(this.#lastEnd, qos === 1 ? PUBACK : PUBREC, packetId);
      if (endOffset < 0) acknowledger.owesNow(this.#owed);
      else acknowledger.owes(this.#owed);
    }
    const retain = (firstByte & 0x01) !== 0;
    if (broker.wantsLive(target.tenantSlug, target.topic, retain))
      broker.forward(target.topic, Buffer.from(bytes.subarray(start, end)), qos as 0 | 1 | 2, retain);
    return true;
  }

  /** §4.3.3: a QoS 2 message repeated before its PUBREL is the same message; it is owed a PUBREC again, no record. */
  #repeatsQos2(packetId: number, said: Buffer): boolean {
    const endOffset = this.#openQos2.repeated(packetId, said);
    if (endOffset === null) {
      if (this.#openQos2.size >= MAX_OPEN_QOS2) return !this.#violation('too many QoS 2 messages without PUBREL');
      return false;
    }
    this.#owed.push(endOffset, PUBREC, packetId);
    this.#deps.acknowledger.owesNow(this.#owed);
    return true;
  }

  #released(bytes: Buffer, start: number, body: number, end: number): boolean {
    if (end - body < 2) return this.#violation('a malformed PUBREL');
    const packetId = bytes.readUInt16BE(body);
    if (!this.#openQos2.release(packetId)) return this.#pass(bytes, start, end);
    this.#stream.write(Buffer.from([PUBCOMP, 2, packetId >> 8, packetId & 0xff]));
    return true;
  }

  /** Reads no more until the tenant's rate has room: the client feels it as back-pressure, nothing is lost. */
  #waitForQuota(meter: TenantMeter): false {
    this.#waitsForQuota = true;
    meter.wait(this.#quotaHasRoom);
    this.#problem(this.#identity!, 'QUOTA_RATE', rateUsedUp(meter.limits));
    return false;
  }

  #forbidden(topic: string): true {
    this.#problem(this.#identity!, 'TOPIC_PUBLISH', `publishing to ${topic.slice(0, 200)} is not permitted`);
    this.#refuse('topic-publish', 'publishing to a forbidden topic');
    return true;
  }

  #pass(bytes: Buffer, start: number, end: number): boolean {
    if (this.#waitsForBroker) return false;
    if (!this.#bridge!.push(Buffer.from(bytes.subarray(start, end)))) this.#waitsForBroker = true;
    return true;
  }

  #brokerWants(): void {
    if (!this.#waitsForBroker) return;
    this.#waitsForBroker = false;
    // Never within aedes' own read: it would be entered again.
    setImmediate(() => this.#resume());
  }

  #violation(reason: string): true {
    this.#refuse('protocol', reason);
    return true;
  }

  #refuse(refusal: Refusal, reason: string, answer: Buffer | null = null): void {
    if (this.#stage === 'closed') return;
    this.#stage = 'closed';
    this.#because ??= refusal;
    const { counts, log } = this.#deps;
    counts.refusals[refusal]++;
    const identity = this.#identity;
    if (identity && refusal === 'packet-too-large') this.#problem(identity, 'PACKET_TOO_LARGE', reason);
    const about = {
      refusal,
      reason,
      address: this.#transport.address,
      device: identity?.name,
      tenant: identity?.tenantSlug,
    };
    if (identity) log.warn(about, 'closed an MQTT connection');
    else log.debug(about, 'refused an MQTT connection');
    if (answer) this.#stream.end(answer, () => this.#stream.destroy());
    else this.#stream.destroy();
  }

  #problem(identity: DeviceIdentity, code: string, text: string): void {
    const { presence } = this.#deps;
    presence.problem(presence.entry(identity.tenantId, identity.deviceId), code, text);
  }

  /** For the device's history: what ended it, as far as can be told. */
  #endedBecause(): string {
    if (this.#because !== null) return this.#because;
    if (!this.#brokerEnded) return 'lost';
    return this.#deps.broker.isConnected(this.#clientId) ? 'taken-over' : 'broker';
  }

  #ended(): void {
    this.#brokerEnded = this.#bridge?.destroyed === true;
    this.#stage = 'closed';
    this.#kept.release();
    this.#deps.qos2Sessions.end(this.#clientId, this.#openQos2);
    this.#bridge?.destroy();
    if (this.#meter) {
      this.#meter.connections--;
      this.#meter.leave(this.#quotaHasRoom);
    }
    if (this.#countedPresent && this.#identity) {
      const { presence } = this.#deps;
      presence.disconnected(presence.entry(this.#identity.tenantId, this.#identity.deviceId), this.#endedBecause());
    }
    this.#closed(this);
  }
}
