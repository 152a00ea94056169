import type { Clock, Database, Logger } from '../../platform/index.ts';
import { sparkplugFormat, tryPayload } from '../decode/sparkplug/format.ts';
import type { SparkplugPayload } from '../decode/sparkplug/model.ts';
import type { DeviceIdentity, DevicePresence, PresenceBoard } from '../devices/index.ts';
import { type EncodedOrigin, MAX_VENDOR_TOPIC_BYTES, type Spool } from '../spool/index.ts';
import { birthOf } from './birth.ts';
import { BirthBook, type KeptBirth } from './births.ts';
import { rebirthCommand } from './rebirth.ts';
import { resolveMessage } from './resolve.ts';
import { EdgeSession, type Ended } from './session.ts';
import { mayPublishSparkplug, nodeCommandTopic, parseSparkplugTopic, type SparkplugTopic } from './topics.ts';

/** How long a missing message may be overtaken by others before a rebirth is asked for (§7.3.2: reorder timeout). */
const REORDER_MS = 2_000;
/** An edge node that does not answer with a birth is asked again, not more often than this. */
const REBIRTH_EVERY_MS = 10_000;

export interface SparkplugHostDeps {
  clock: Clock;
  log: Logger;
  db: Database;
  spool: Pick<Spool, 'encodeOrigin'>;
  presence: Pick<PresenceBoard, 'entry' | 'connected' | 'disconnected' | 'problem'>;
  /** Sends a command to an edge node, by whatever broker it is connected to. */
  publish: (topic: string, payload: Buffer) => void;
}

/** What publishing to one topic of an edge node means. */
export interface SparkplugTarget {
  topic: string;
  parsed: SparkplugTopic;
  edge: DeviceIdentity;
  /** The node or device that the message is about; the node where the device is not registered under it. */
  deviceId: string;
  unknownDevice: string | null;
  origin: EncodedOrigin;
  presence: DevicePresence;
}

/** A message, looked at: what to spool of it (null: nothing, it holds no reading) and what to do when that is done. */
export interface Looked {
  record: Buffer | null;
  units: number;
  kept: () => void;
}

/** The Sparkplug host application: follows births and deaths, and makes every message self-contained. */
export class SparkplugHost {
  readonly counts = { rebirthRequests: 0, held: 0, sequenceGaps: 0 };
  readonly #deps: SparkplugHostDeps;
  readonly #births: BirthBook;
  /** By the edge node's device id. */
  readonly #sessions = new Map<string, EdgeSession>();

  constructor(deps: SparkplugHostDeps) {
    this.#deps = deps;
    this.#births = new BirthBook(deps);
  }

  /** Takes up the births known before a restart: an edge node that a broker has kept connected does not send them again. */
  start(): Promise<void> {
    return this.takeUp();
  }

  /** Takes up the births that another process has kept since, as the host in its place. */
  async takeUp(): Promise<void> {
    for (const { deviceName: _name, ...kept } of await this.#births.load()) {
      const payload = tryPayload(kept.payload);
      if ('reason' in payload) continue;
      const session = this.#session(kept.edgeId);
      if (session.knowsBirth(kept)) continue;
      if (kept.deviceId === kept.edgeId) session.nodeRestored(birthOf(payload), kept);
      else session.deviceBorn(birthOf(payload), kept);
    }
  }

  stop(): Promise<void> {
    return this.#births.stop();
  }

  /** What a topic means for this publisher; null: it may not publish there. */
  target(edge: DeviceIdentity, topic: string): SparkplugTarget | null {
    const parsed = parseSparkplugTopic(topic);
    if (parsed === null || !mayPublishSparkplug(edge, topic)) return null;
    if (Buffer.byteLength(topic) > MAX_VENDOR_TOPIC_BYTES) return null;
    const child = parsed.device === null ? undefined : edge.children.get(parsed.device);
    const unknown = parsed.device !== null && child === undefined;
    const deviceId = child?.deviceId ?? edge.deviceId;
    const { tenantId } = edge;
    return {
      topic,
      parsed,
      edge,
      deviceId,
      unknownDevice: unknown ? unknownDevice(parsed) : null,
      origin: this.#deps.spool.encodeOrigin({
        tenantId,
        deviceId,
        deviceName: child === undefined ? edge.name : parsed.device!,
        kind: 'telemetry',
        format: sparkplugFormat.name,
        vendorTopic: topic,
      }),
      presence: this.#deps.presence.entry(tenantId, deviceId),
    };
  }

  /**
   * Looks at a message. Nothing of the host's state changes before `kept` is called, so that a message which the spool cannot
   * take now may be looked at again.
   */
  look(target: SparkplugTarget, bytes: Buffer, repeated: boolean): Looked {
    const { type } = target.parsed;
    const read = tryPayload(bytes);
    const payload = 'reason' in read ? null : read;
    if (payload !== null && (type === 'NDEATH' || type === 'DDEATH'))
      return { record: null, units: 0, kept: () => this.#died(target, payload) };
    const session = this.#session(target.edge.deviceId);
    const birth = session.birthOf(target.parsed.device === null ? null : target.deviceId);
    const message = resolveMessage({ type, birth, unknownDevice: target.unknownDevice }, bytes, payload);
    const units = sparkplugFormat.count(message.record, 0, message.record.length);
    return {
      record: units === 0 ? null : message.record,
      units,
      kept: () => {
        const { resolved } = message;
        if (resolved.held) this.#held(target, resolved.held);
        if (payload === null) return;
        if (message.birth && type === 'NBIRTH') {
          const kept = this.#keep(target, bytes);
          this.#ended(session.nodeBorn(message.birth, kept, payload));
          return;
        }
        if (message.birth) session.deviceBorn(message.birth, this.#keep(target, bytes));
        if (target.parsed.device !== null && session.deviceHeard(target.deviceId))
          this.#deps.presence.connected(target.presence);
        if (!repeated) this.#follow(target, session, payload);
        if (message.needsBirth || !session.nodeAlive) this.#askForBirth(target.edge, session);
      },
    };
  }

  /** The edge node's last connection has ended, with or without a word. */
  connectionLost(edgeId: string): void {
    const session = this.#sessions.get(edgeId);
    if (session) this.#ended(session.nodeDied());
  }

  #session(edgeId: string): EdgeSession {
    let session = this.#sessions.get(edgeId);
    if (!session) {
      session = new EdgeSession();
      this.#sessions.set(edgeId, session);
    }
    return session;
  }

  #keep(target: SparkplugTarget, bytes: Buffer): KeptBirth {
    const { edge, deviceId } = target;
    const bornAtMs = this.#deps.clock.nowMs();
    // A copy: the bytes lie in the socket's buffer.
    const kept = {
      tenantId: edge.tenantId,
      edgeId: edge.deviceId,
      deviceId,
      alive: true,
      payload: Buffer.from(bytes),
      bornAtMs,
    };
    this.#births.keep(kept);
    return kept;
  }

  #died(target: SparkplugTarget, payload: SparkplugPayload): void {
    const session = this.#session(target.edge.deviceId);
    if (target.parsed.type === 'NDEATH') {
      if (session.isDeathOfNow(payload)) this.#ended(session.nodeDied());
      return;
    }
    if (target.unknownDevice === null) this.#ended(session.deviceDied(target.deviceId));
    this.#follow(target, session, payload);
  }

  #ended(ended: readonly Ended[]): void {
    const { presence } = this.#deps;
    for (const { kept, present } of ended) {
      this.#births.keep({ ...kept, alive: false });
      if (present) presence.disconnected(presence.entry(kept.tenantId, kept.deviceId));
    }
  }

  #held(target: SparkplugTarget, held: { code: string; reason: string }): void {
    this.counts.held++;
    const { presence } = this.#deps;
    const { tenantId, deviceId } = target.edge;
    presence.problem(presence.entry(tenantId, deviceId), held.code, held.reason);
  }

  #follow(target: SparkplugTarget, session: EdgeSession, payload: SparkplugPayload): void {
    const { sequence } = session;
    const before = sequence.gap;
    sequence.take(payload.seq);
    if (before || !sequence.gap) return;
    this.counts.sequenceGaps++;
    this.#deps.clock.setTimer(REORDER_MS, () => {
      if (!sequence.gap) return;
      sequence.giveUp();
      this.#askForBirth(target.edge, session);
    });
  }

  #askForBirth(edge: DeviceIdentity, session: EdgeSession): void {
    const { clock, log, publish } = this.#deps;
    const nowMs = clock.nowMs();
    if (session.askedAtMs !== null && nowMs - session.askedAtMs < REBIRTH_EVERY_MS) return;
    session.askedAtMs = nowMs;
    this.counts.rebirthRequests++;
    log.info({ tenant: edge.tenantSlug, edge: edge.name }, 'asked a Sparkplug edge node for its birth certificates');
    publish(nodeCommandTopic(edge.tenantSlug, edge.name), rebirthCommand(nowMs));
  }
}

function unknownDevice({ edge, device }: SparkplugTopic): string {
  return `${device} is not registered as a device of the gateway ${edge}; register it with that gateway, then replay`;
}
