import type { Socket } from 'node:net';
import { Bridge } from '../broker/bridge.ts';
import type { DeviceIdentity } from '../devices/index.ts';
import { SPOOL_FULL } from '../spool/index.ts';
import { OwedAcknowledgements } from './acknowledger.ts';
import type { FrontDeps, Refusal } from './frontDeps.ts';
import { KeptBytes } from './keptBytes.ts';
import { PacketReader, type PacketSink } from './packetReader.ts';
import { type SignedIn, signIn } from './signIn.ts';
import { type IngestTarget, resolveTarget } from './targets.ts';
import { CONNECT, PINGREQ, PINGRESP, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL } from './wire.ts';

/** A client that does not read its acknowledgements is not read from either. */
const MAX_UNREAD_BYTES = 1024 * 1024;
const MAX_OPEN_QOS2 = 1_000;

type Stage = 'waiting' | 'signing-in' | 'open' | 'stopping' | 'closed';

/** One client's socket: guards CONNECT, takes data into the spool, passes everything else to the broker. */
export class Connection implements PacketSink {
  readonly #deps: FrontDeps;
  readonly #socket: Socket;
  readonly #address: string;
  readonly #reader: PacketReader;
  readonly #kept: KeptBytes;
  readonly #owed: OwedAcknowledgements;
  readonly #openedAtMs: number;
  readonly #closed: (connection: Connection) => void;
  readonly #targets = new Map<string, IngestTarget | 'broker'>();
  readonly #openQos2 = new Set<number>();
  #stage: Stage = 'waiting';
  #identity: DeviceIdentity | null = null;
  #clientId = '';
  #bridge: Bridge | null = null;
  #lastTopic: Buffer = Buffer.alloc(0);
  #lastTarget: IngestTarget | null = null;
  #lastEnd = 0;
  #keepAliveMs = 0;
  #heardAtMs: number;
  #arrivalNs = 0n;
  #countedPresent = false;
  #waitsForSpool = false;
  #waitsForBroker = false;
  #waitsForReader = false;

  constructor(deps: FrontDeps, socket: Socket, closed: (connection: Connection) => void) {
    this.#deps = deps;
    this.#socket = socket;
    this.#closed = closed;
    this.#address = socket.remoteAddress ?? '';
    this.#openedAtMs = deps.clock.nowMs();
    this.#heardAtMs = this.#openedAtMs;
    this.#reader = new PacketReader(this);
    this.#kept = new KeptBytes(deps);
    this.#owed = new OwedAcknowledgements(socket);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('drain', () => this.#drained());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#ended());
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
    this.#socket.pause();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Ends what has waited too long. Whom we keep waiting ourselves is not blamed for silence. */
  sweep(nowMs: number): void {
    if (this.#stage === 'closed') {
      // The peer did not take its refusal.
      if (nowMs - this.#heardAtMs > this.#deps.limits.connectTimeoutMs) this.#socket.destroy();
      return;
    }
    if (this.#stage === 'waiting' || this.#stage === 'signing-in') {
      if (nowMs - this.#openedAtMs > this.#deps.limits.connectTimeoutMs)
        this.#refuse('connect-timeout', 'no complete CONNECT in time');
      return;
    }
    // §3.1.2.10: one and a half times the keep-alive.
    const silentMs = nowMs - this.#heardAtMs;
    if (this.#keepAliveMs > 0 && silentMs > 1.5 * this.#keepAliveMs && !this.#waitsForSpool && !this.#waitsForBroker)
      this.#refuse('keep-alive', `nothing heard for ${silentMs} ms`);
  }

  /** The device's rights have changed: take them over, or end the connection when its credential is no longer good. */
  renew(identity: DeviceIdentity): void {
    const before = this.#identity;
    if (!before || identity.deviceId !== before.deviceId || identity.version === before.version) return;
    const sameSecret = identity.secretHash !== null && before.secretHash?.equals(identity.secretHash) === true;
    if (!sameSecret) {
      this.#refuse('revoked', 'the credential was revoked or replaced');
      return;
    }
    this.#identity = identity;
    this.#targets.clear();
    this.#lastTarget = null;
    if (this.#bridge) this.#deps.broker.renew(this.#bridge, this.#clientId, identity);
  }

  /** There is space in the spool again. */
  resumeSpool(): void {
    if (!this.#waitsForSpool) return;
    this.#waitsForSpool = false;
    this.#resume();
  }

  admits(firstByte: number, remainingBytes: number): boolean {
    const type = firstByte >> 4;
    const { limits } = this.#deps;
    if (this.#stage === 'waiting') {
      if (firstByte !== CONNECT << 4) return this.#refused('protocol', 'the first packet must be CONNECT');
      if (remainingBytes > limits.maxControlBytes)
        return this.#refused(
          'connect-too-large',
          `a CONNECT of ${remainingBytes} bytes; ${limits.maxControlBytes} are allowed`,
        );
      return true;
    }
    const limit = type === PUBLISH ? limits.maxPacketBytes : limits.maxControlBytes;
    if (remainingBytes <= limit) return true;
    return this.#refused(
      'packet-too-large',
      `a packet of ${remainingBytes} bytes; ${limit} are allowed: send smaller messages`,
    );
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
        this.#socket.write(PINGRESP);
        return true;
      case PUBREL:
        return this.#released(bytes, start, body, end);
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
    const excess = this.#stage === 'closed' ? null : this.#kept.update(this.#reader.keptBytes);
    if (excess) {
      this.#refuse(excess.refusal, excess.reason);
      return;
    }
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) this.#waitsForReader = true;
    const waits = this.#waitsForReader || this.#waitsForBroker || this.#stage === 'signing-in';
    if (state === 'held' || waits) this.#socket.pause();
  }

  #resume(): void {
    if (this.#stage !== 'open' || this.#waitsForSpool || this.#waitsForBroker || this.#waitsForReader) return;
    this.#heardAtMs = this.#deps.clock.nowMs();
    this.#act(this.#reader.resume());
    if (!this.#waitsForSpool && !this.#waitsForBroker && !this.#waitsForReader) this.#socket.resume();
  }

  #drained(): void {
    if (!this.#waitsForReader) return;
    this.#waitsForReader = false;
    this.#resume();
  }

  async #signIn(bytes: Buffer): Promise<void> {
    const result = await signIn(this.#deps, this.#address, bytes);
    if (this.#stage !== 'signing-in') return;
    if ('refusal' in result) this.#refuse(result.refusal, result.reason, result.answer);
    else this.#handOver(result);
  }

  #handOver({ identity, connect, keepAliveMs }: SignedIn): void {
    this.#identity = identity;
    this.#clientId = connect.clientId;
    this.#keepAliveMs = keepAliveMs;
    this.#bridge = new Bridge(this.#socket, identity, () => this.#brokerWants());
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
    const target = this.#target(bytes, topicStart, topicEnd);
    if (target === null) return true;
    if (target === 'broker') return this.#pass(bytes, start, end);
    const packetId = qos === 0 ? 0 : bytes.readUInt16BE(topicEnd);
    if (qos > 0 && packetId === 0) return this.#violation('a packet identifier of 0');
    if (qos === 2 && this.#repeatsQos2(packetId)) return true;
    return this.#accept(target, bytes, payloadStart, end, qos, packetId, (firstByte & 0x08) !== 0);
  }

  #accept(
    target: IngestTarget,
    bytes: Buffer,
    start: number,
    end: number,
    qos: number,
    packetId: number,
    duplicate: boolean,
  ): boolean {
    const { spool, acknowledger, counts, presence, broker } = this.#deps;
    const units = target.format.count(bytes, start, end);
    const endOffset = spool.appendSlice(target.origin, this.#arrivalNs, units, duplicate, bytes, start, end);
    if (endOffset === SPOOL_FULL) {
      this.#waitsForSpool = true;
      return false;
    }
    this.#lastEnd = endOffset;
    counts.messages++;
    counts.units += units;
    counts.payloadBytes += end - start;
    target.presence.lastMessageMs = this.#heardAtMs;
    if (target.presence.written) presence.touched(target.presence);
    if (qos > 0) {
      if (qos === 2) this.#openQos2.add(packetId);
      this.#owed.push(endOffset, qos === 1 ? PUBACK : PUBREC, packetId);
      acknowledger.owes(this.#owed);
    }
    if (broker.wantsLive(target.tenantSlug, target.topic))
      broker.forward(target.topic, Buffer.from(bytes.subarray(start, end)), qos as 0 | 1 | 2);
    return true;
  }

  /** §4.3.3: a QoS 2 message repeated before its PUBREL is the same message; it is owed a PUBREC again, no record. */
  #repeatsQos2(packetId: number): boolean {
    if (!this.#openQos2.has(packetId)) {
      if (this.#openQos2.size >= MAX_OPEN_QOS2) return !this.#violation('too many QoS 2 messages without PUBREL');
      return false;
    }
    this.#owed.push(this.#lastEnd, PUBREC, packetId);
    if (this.#owed.settle(this.#deps.spool.latestDurableOffset())) this.#deps.acknowledger.owes(this.#owed);
    return true;
  }

  #released(bytes: Buffer, start: number, body: number, end: number): boolean {
    if (end - body < 2) return this.#violation('a malformed PUBREL');
    const packetId = bytes.readUInt16BE(body);
    if (!this.#openQos2.delete(packetId)) return this.#pass(bytes, start, end);
    this.#socket.write(Buffer.from([PUBCOMP, 2, packetId >> 8, packetId & 0xff]));
    return true;
  }

  /** What publishing to this topic means; the last topic is compared byte by byte, without making a text of it. */
  #target(bytes: Buffer, start: number, end: number): IngestTarget | 'broker' | null {
    if (this.#lastTarget !== null && sameBytes(this.#lastTopic, bytes, start, end)) return this.#lastTarget;
    const topic = bytes.toString('utf8', start, end);
    let target = this.#targets.get(topic) ?? null;
    if (target === null) {
      target = resolveTarget(this.#identity!, topic, this.#deps.spool, this.#deps.presence);
      if (target === null) {
        this.#problem(this.#identity!, 'TOPIC_PUBLISH', `publishing to ${topic.slice(0, 200)} is not permitted`);
        this.#refuse('topic-publish', 'publishing to a forbidden topic');
        return null;
      }
      this.#targets.set(topic, target);
    }
    if (target !== 'broker') {
      this.#lastTopic = Buffer.from(bytes.subarray(start, end));
      this.#lastTarget = target;
    }
    return target;
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

  #refused(refusal: Refusal, reason: string): false {
    this.#refuse(refusal, reason);
    return false;
  }

  #refuse(refusal: Refusal, reason: string, answer: Buffer | null = null): void {
    if (this.#stage === 'closed') return;
    this.#stage = 'closed';
    const { counts, log } = this.#deps;
    counts.refusals[refusal]++;
    const identity = this.#identity;
    if (identity && refusal === 'packet-too-large') this.#problem(identity, 'PACKET_TOO_LARGE', reason);
    const about = { refusal, reason, address: this.#address, device: identity?.name, tenant: identity?.tenantSlug };
    if (identity) log.warn(about, 'closed an MQTT connection');
    else log.debug(about, 'refused an MQTT connection');
    if (answer) this.#socket.end(answer, () => this.#socket.destroy());
    else this.#socket.destroy();
  }

  #problem(identity: DeviceIdentity, code: string, text: string): void {
    const { presence } = this.#deps;
    presence.problem(presence.entry(identity.tenantId, identity.deviceId), code, text);
  }

  #ended(): void {
    this.#stage = 'closed';
    this.#kept.release();
    this.#bridge?.destroy();
    if (this.#countedPresent && this.#identity) {
      const { presence } = this.#deps;
      presence.disconnected(presence.entry(this.#identity.tenantId, this.#identity.deviceId));
    }
    this.#closed(this);
  }
}

function sameBytes(known: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  // From the end: topics of one connection differ there.
  for (let index = known.length - 1; index >= 0; index--) if (known[index] !== bytes[start + index]) return false;
  return true;
}
