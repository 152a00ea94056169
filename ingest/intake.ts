import type { Registry } from 'prom-client';
import { type Clock, type Database, type Logger, readMetrics, reasonOf, type Service } from '../platform/index.ts';
import { Broker, type BrokerHooks } from './broker/broker.ts';
import { productRules } from './broker/productRules.ts';
import { exposeRemoteMetrics } from './broker/remote/metrics.ts';
import { createRemoteBroker, type RemoteBroker, type RemoteSettings } from './broker/remote/remoteBroker.ts';
import { actsFor, isForDevice, parseTopic } from './broker/topics.ts';
import {
  createDeviceRegistry,
  DeviceDirectory,
  type DeviceIdentity,
  type DeviceLink,
  type DeviceRegistry,
  type Heard,
  PresenceBoard,
  type ToDevice,
} from './devices/index.ts';
import type { FrontCounts } from './front/counts.ts';
import { Front } from './front/front.ts';
import { DEFAULT_LIMITS, type FrontLimits, type Presence } from './front/frontDeps.ts';
import { exposeCertificate } from './front/listeners/certificateMetrics.ts';
import { type ListenerSettings, listenersFromSettings } from './front/listeners/fromSettings.ts';
import type { Listener } from './front/listeners/listener.ts';
import { deviceAdmission } from './front/signIn.ts';
import { takeIn } from './front/takeIn.ts';
import { resolveTarget } from './front/targets.ts';
import { FormatShelf } from './mapping/shelf.ts';
import { exposePartsMetrics } from './parts/metrics.ts';
import type { PartsArea } from './parts/partsArea.ts';
import { exposeQuotas } from './quota/metrics.ts';
import { Quotas } from './quota/quotas.ts';
import { SparkplugHost, statePayload, stateTopic } from './sparkplug/index.ts';
import type { AcceptingSpool } from './spool/index.ts';

/** The settings that bear on the intake, by their names in the configuration. */
export interface IntakeSettings extends ListenerSettings, RemoteSettings {
  MQTT_LISTEN?: boolean | undefined;
  SPARKPLUG_HOST_ID: string;
}

export interface IntakeDeps {
  /** What tells this intake from others, after a restart too: the id of its spool. */
  id: string;
  config: IntakeSettings;
  /** Bounds other than the packet size; for tests. */
  limits?: Partial<FrontLimits>;
  clock: Clock;
  log: Logger;
  db: Database;
  metrics: Registry;
  spool: AcceptingSpool;
  /** Where parts of large blocks are put together; without it they are not. Opened and closed by its owner. */
  parts?: PartsArea;
  /** Keeps what devices answer to commands and report of their configuration. */
  heard?: Heard;
}

/** The intake half of ingest: MQTT in, spool out. The spool is opened and closed by its owner. */
export interface Intake extends Service {
  /** The port listened on, once started; 0 when there is no such listener. */
  port(scheme?: Listener['scheme']): number;
  /** Reads the TLS certificate's files now. @returns whether they are in use */
  reloadCertificates(): boolean;
  /** Where devices publish: the broker of MQTT_URL, or our own listener. */
  url(): string;
  /** @throws when nothing can come in, saying why */
  ready(): Promise<void>;
  /** Registers devices; in this process, changes take effect at once. */
  registry: DeviceRegistry;
  /** The way to the devices connected here. */
  link: DeviceLink;
  counts(): FrontCounts;
}

export function createIntake(deps: IntakeDeps): Intake {
  const { config, clock, log, db, metrics, spool, parts = null } = deps;
  const formats = new FormatShelf({ db, log, role: 'auth' });
  const directory = new DeviceDirectory({ db, clock, log, formats });
  const presence = new PresenceBoard({ db, clock, log });
  const listeners = new Set<Parameters<DeviceLink['onListening']>[0]>();
  /** What a device says beside its data is kept before it is acknowledged. */
  const hear = async (identity: DeviceIdentity, topic: string, payload: Buffer): Promise<void> => {
    const parsed = parseTopic(topic)!;
    const { deviceId, name } = actsFor(identity, parsed)!;
    const leaf = parsed.leaf === 'answer' ? 'answer' : 'reported';
    const said = { tenantId: identity.tenantId, deviceId, device: name, leaf, payload } as const;
    const { problem } = (await deps.heard?.(said)) ?? { problem: null };
    if (problem === null) return;
    presence.problem(presence.entry(said.tenantId, deviceId), leaf.toUpperCase(), problem);
  };
  const quotas = new Quotas({ db, clock, log, intake: deps.id });
  const sparkplug = new SparkplugHost({
    ...{ clock, log, db, spool, presence },
    publish: (topic, payload) => {
      remote?.publishOnce(topic, payload);
      broker.publish(topic, payload, { qos: 0, retain: false }).catch((error: unknown) => {
        log.warn({ reason: reasonOf(error), topic }, 'a Sparkplug command could not be sent');
      });
    },
  });
  const announce = (online: boolean): Promise<void> =>
    broker.publish(stateTopic(config.SPARKPLUG_HOST_ID), statePayload(online, clock.nowMs()), { qos: 1, retain: true });
  const resolve = (identity: DeviceIdentity, topic: string) =>
    resolveTarget(identity, topic, { spool, presence, formats, sparkplug, parts });
  const rules = productRules((identity, topic) => resolve(identity, topic) !== null);
  const begins = (tenantSlug: string, device: string, leaf: ToDevice) => {
    for (const listener of listeners) listener(tenantSlug, device, leaf);
  };
  const hooks: BrokerHooks = {
    log,
    listening: (topic) => {
      const { tenantSlug, device, leaf } = parseTopic(topic)!;
      if (isForDevice(leaf)) begins(tenantSlug, device, leaf);
    },
    published: (identity, topic, payload) => {
      const target = resolve(identity, topic);
      if (target === null) return;
      if (target === 'broker') {
        return hear(identity, topic, payload);
      }
      takeIn(spool, front.counts, target, clock.nowNs(), false, payload, 0, payload.length);
    },
    refused: (identity, code, topic) => {
      front.counts.refusals[code === 'TOPIC_PUBLISH' ? 'topic-publish' : 'topic-subscribe']++;
      const verb = code === 'TOPIC_PUBLISH' ? 'publishing to' : 'subscribing to';
      const entry = presence.entry(identity.tenantId, identity.deviceId);
      presence.problem(entry, code, `${verb} ${topic.slice(0, 200)} is not permitted`);
    },
  };
  const broker: Broker = new Broker(hooks, rules);
  const { listeners: doors, certificates } = listenersFromSettings(config, { clock, log });
  const meterOf = (identity: DeviceIdentity) => quotas.meter(identity);
  const front = new Front({
    listeners: doors,
    limits: { ...DEFAULT_LIMITS, maxPacketBytes: config.MQTT_MAX_PACKET_BYTES, ...deps.limits },
    clock,
    log,
    spool,
    parts: parts?.spool ?? null,
    broker,
    presence: withEndings(presence, (deviceId) => sparkplug.connectionLost(deviceId)),
    admission: deviceAdmission({ clock, directory, presence, rules }),
    resolve,
    meterOf,
  });
  const remote: RemoteBroker | null = createRemoteBroker({
    ...{ settings: config, db, clock, log, spool, parts: parts?.spool ?? null, directory, presence },
    ...{ resolve, meterOf, hear, begins, counts: front.counts, takeUpBirths: () => sparkplug.takeUp() },
  });
  const listens = config.MQTT_LISTEN ?? remote === null;
  const registry = createDeviceRegistry({
    db,
    clock,
    changed: (deviceId) => {
      directory.changed(deviceId).catch((error: unknown) => {
        log.warn({ reason: reasonOf(error), deviceId }, 'a change of a device takes effect at the next check');
      });
    },
  });
  exposeMetrics(metrics, front, broker, spool, sparkplug);
  if (parts) exposePartsMetrics(metrics, parts);
  if (certificates) exposeCertificate(metrics, certificates);
  exposeQuotas(metrics, quotas);
  if (remote) exposeRemoteMetrics(metrics, remote);
  const portOf = (scheme: Listener['scheme']): number =>
    doors.find((listener) => listener.scheme === scheme)?.port ?? 0;
  return {
    start: async () => {
      await broker.start();
      await sparkplug.start();
      await announce(true);
      directory.start();
      await quotas.start();
      presence.start();
      certificates?.start();
      await remote?.start();
      if (listens) await front.start();
    },
    stop: async () => {
      certificates?.stop();
      // Stopped a second time, or never started: there is nobody to tell.
      await announce(false).catch(() => undefined);
      if (listens) await front.stop();
      await remote?.stop();
      await sparkplug.stop();
      await broker.stop();
      await directory.stop();
      await quotas.stop();
      await presence.stop();
    },
    port: (scheme = 'mqtt') => portOf(scheme),
    reloadCertificates: () => certificates?.reload() ?? true,
    url: () => (listens || !remote ? `mqtt://${config.MQTT_HOST}:${portOf('mqtt')}` : remote.url),
    ready: async () => {
      const problem = remote?.problem() ?? null;
      if (problem !== null) throw new Error(`nothing comes in from the MQTT broker: ${problem}`);
    },
    registry,
    link: {
      listens: (tenantSlug, device, leaf) => remote?.listens() || broker.listens(tenantSlug, device, leaf),
      tell: async (tenantSlug, device, leaf, payload, expiresAtMs) => {
        if (!remote || broker.listens(tenantSlug, device, leaf)) await broker.tell(tenantSlug, device, leaf, payload);
        else await remote.tell(tenantSlug, device, leaf, payload, expiresAtMs);
      },
      onListening: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    counts: () => front.counts,
  };
}

/** The presence board as the front uses it, with a word when a device's last connection has ended. */
function withEndings(presence: PresenceBoard, ended: (deviceId: string) => void): Presence {
  return {
    entry: (tenantId, deviceId) => presence.entry(tenantId, deviceId),
    touched: (entry) => presence.touched(entry),
    connected: (entry) => presence.connected(entry),
    problem: (entry, code, text) => presence.problem(entry, code, text),
    disconnected: (entry, reason) => {
      presence.disconnected(entry, reason);
      if (entry.connections === 0) ended(entry.deviceId);
    },
  };
}

/** Counters that the hot path keeps as plain numbers; prom-client asks for them when somebody reads /metrics. */
function exposeMetrics(
  registry: Registry,
  front: Front,
  broker: Broker,
  spool: AcceptingSpool,
  sparkplug: SparkplugHost,
): void {
  const { gauge, counter, counterBy } = readMetrics(registry, 'faultline_ingest_');
  gauge('connections', 'Open MQTT connections', () => front.counts.connections);
  counter('messages_total', 'Messages taken into the spool', () => front.counts.messages);
  counter('units_total', 'Ledger units accepted', () => front.counts.units);
  counter('payload_bytes_total', 'Payload bytes taken into the spool', () => front.counts.payloadBytes);
  counter(
    'live_skipped_total',
    'Live copies not made because subscribers did not keep up',
    () => broker.counts().liveSkipped,
  );
  counter(
    'session_overflows_total',
    'Messages that a full stored session did not take',
    () => broker.counts().sessionOverflows,
  );
  const { counts } = sparkplug;
  counter('sparkplug_rebirth_requests_total', 'Birth certificates asked for', () => counts.rebirthRequests);
  counter('sparkplug_held_total', 'Messages that wait for a birth or a device', () => counts.held);
  counter('sparkplug_sequence_gaps_total', 'Gaps in seq', () => counts.sequenceGaps);
  gauge('sessions', 'Stored MQTT sessions', () => broker.counts().sessions);
  gauge('session_bytes', 'Bytes queued in stored MQTT sessions', () => broker.counts().sessionBytes);
  gauge('spool_bytes', 'Bytes of the spool on disk', () => spool.statistics().diskBytes);
  gauge('spool_limit_bytes', 'Bytes at which the spool is full', () => spool.statistics().limitBytes);
  gauge('spool_pending_bytes', 'Bytes not yet behind fdatasync', () => spool.statistics().pendingBytes);
  gauge('spool_full', '1 while PUBACK is withheld', () => (spool.state() === 'full' ? 1 : 0));
  gauge('spool_damaged_ranges', 'Unreadable stretches found in the spool', () => spool.statistics().damagedRanges);
  counter('spool_groups_total', 'Groups committed', () => spool.statistics().groupsCommitted);
  counter('spool_write_errors_total', 'Failed writes of the spool', () => spool.statistics().writeErrors);
  counterBy('refusals_total', 'Connections and packets refused, by reason', ['reason'], () =>
    Object.entries(front.counts.refusals).map(([reason, count]) => [{ reason }, count] as const),
  );
}
