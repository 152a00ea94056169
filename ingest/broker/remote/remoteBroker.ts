import { type Clock, type Database, type Logger, reasonOf, type Service } from '../../../platform/index.ts';
import type { DeviceDirectory, DeviceIdentity, DeviceLink, PresenceBoard } from '../../devices/index.ts';
import { Acknowledger } from '../../front/acknowledger.ts';
import type { FrontCounts } from '../../front/counts.ts';
import type { FrontPorts } from '../../front/frontDeps.ts';
import type { AcceptingSpool, Spool } from '../../spool/index.ts';
import { parseTopic, topicOf } from '../topics.ts';
import { remoteAddress } from './address.ts';
import { Arrivals } from './arrivals.ts';
import { everWanted, OURS, VENDORS, wantedFilters } from './filters.ts';
import { HeardDevices } from './heard.ts';
import { HostState } from './hostState.ts';
import { LagProbe } from './lagProbe.ts';
import { Link } from './link.ts';
import type { PublishLayout } from './packets.ts';
import { subscriptionsNamed } from './publishProperties.ts';
import { SoleTasks } from './soleTasks.ts';
import { VendorTopics } from './vendorTopics.ts';

const SESSION_EXPIRY_SECONDS = 604_800;
const KEEP_ALIVE_SECONDS = 30;
/** Messages in flight: enough for the broker to go on sending while a group is on its way to the disk. */
const RECEIVE_MAXIMUM = 4_096;
/** Beyond MQTT_MAX_PACKET_BYTES we refuse by name; beyond this the broker does not even send (§3.1.2.11.4). */
const MAXIMUM_PACKET_BYTES = 64 * 1024 * 1024 + 64 * 1024;
/** How long what was taken may need to get to the disk, and its acknowledgement to the broker, before we leave. */
const DRAIN_WITHIN_MS = 1_000;
/** Topics of ours and of Sparkplug: those that a vendor's filter may match, too, come by their own subscription. */
const NO_VENDORS = /^(?:fl|spBv1\.0|\$[^/]*)\//;

/** The settings that bear on it, by their names in the configuration. */
export interface RemoteSettings {
  MQTT_URL?: string | undefined;
  MQTT_CA?: string | undefined;
  MQTT_CLIENT_CERT?: string | undefined;
  MQTT_CLIENT_KEY?: string | undefined;
  MQTT_SESSION_EXPIRY_S?: number | undefined;
  MQTT_MAX_PACKET_BYTES: number;
  /** Whether ingest processes share the messages there. Default: true. */
  MQTT_SHARED?: boolean | undefined;
  /** Whether this process may be the Sparkplug host there. Default: true. */
  MQTT_SPARKPLUG?: boolean | undefined;
  /** Whether this process may take waveform blocks from there. Default: true. */
  MQTT_WAVEFORM?: boolean | undefined;
  /** The tenant that vendors' topics there belong to. */
  MQTT_VENDOR_TENANT: string;
  /** User property by which the broker tells who published. */
  MQTT_PUBLISHER_PROPERTY?: string | undefined;
  SPARKPLUG_HOST_ID: string;
}

export interface RemoteBrokerDeps {
  settings: RemoteSettings;
  db: Database;
  clock: Clock;
  log: Logger;
  spool: AcceptingSpool;
  /** Where parts of large blocks wait for the others, if they do. */
  parts: Spool | null;
  directory: DeviceDirectory;
  presence: PresenceBoard;
  /** Decides who may publish what. */
  resolve: FrontPorts['resolve'];
  meterOf: FrontPorts['meterOf'];
  counts: FrontCounts;
  /** Keeps what a device says beside its data. Rejects: offer it again. */
  hear: (identity: DeviceIdentity, topic: string, payload: Buffer) => Promise<void>;
  /** Takes up what another process knew of edge nodes, as their host from now on. */
  takeUpBirths: () => Promise<void>;
  /** A device that was silent is heard again, so it may listen. */
  begins: Parameters<DeviceLink['onListening']>[0];
  /** 0..1, for the jitter of reconnections. */
  random?: () => number;
}

export interface RemoteBrokerCounts {
  connected: boolean;
  inFlight: number;
  reconnections: number;
  /** Waits for space in the spool, or for look-ups. */
  held: boolean;
  lagMs: number;
  waitingBytes: number;
  slowedBytes: number;
  isSparkplugHost: boolean;
  takesWaveforms: boolean;
  vendorFilters: number;
  vendorFiltersRefused: number;
}

/** A broker that somebody else runs, as the way in: Mosquitto, EMQX, HiveMQ, VerneMQ, by MQTT 5. */
export interface RemoteBroker extends Service {
  /** For people: without credentials. */
  url: string;
  /** Whether what is said to a device can reach the broker; whether the device listens there, only the broker knows. */
  listens(): boolean;
  /** At QoS 0, to whoever listens now. */
  publishOnce(topic: string, payload: Buffer): void;
  /** @throws when the broker does not have it */
  tell: DeviceLink['tell'];
  /** Why nothing comes in now; null when all is well. */
  problem(): string | null;
  counts(): RemoteBrokerCounts;
}

/** The broker of MQTT_URL; null without one. Nothing runs before `start`. */
export function createRemoteBroker(deps: RemoteBrokerDeps): RemoteBroker | null {
  const { settings } = deps;
  if (settings.MQTT_URL === undefined) return null;
  const address = remoteAddress(settings.MQTT_URL, {
    ca: settings.MQTT_CA,
    cert: settings.MQTT_CLIENT_CERT,
    key: settings.MQTT_CLIENT_KEY,
  });
  const { clock, log, spool, presence, db } = deps;
  // The spool's id: stable over restarts, and no other process has it.
  const clientId = `faultline-${spool.id}`;
  const acknowledger = new Acknowledger(spool, deps.parts);
  const heard = new HeardDevices({ clock, presence });
  const vendors = new VendorTopics({
    ...{ db, clock, log, tenantSlug: settings.MQTT_VENDOR_TENANT },
    isToldPublisher: settings.MQTT_PUBLISHER_PROPERTY !== undefined,
    changed: () => {
      arrivals.forgetTopics();
      choose();
    },
  });
  const arrivals = new Arrivals({
    ...deps,
    acknowledger,
    maxPayloadBytes: settings.MQTT_MAX_PACKET_BYTES,
    vendorsPublishers: (topic) => vendors.publishersOf(topic),
    publisherProperty: settings.MQTT_PUBLISHER_PROPERTY ?? null,
    heard: ({ presence: entry, tenantSlug, topic }) => {
      if (!heard.heard(entry)) return;
      const parsed = parseTopic(topic);
      if (parsed) for (const leaf of ['command', 'config'] as const) deps.begins(tenantSlug, parsed.device, leaf);
    },
    room: () => link.resume(),
  });
  const probe = new LagProbe({ clock, clientId, publish: (topic, payload) => link.outgoing.publish(topic, payload) });
  const state = new HostState(settings.SPARKPLUG_HOST_ID, { clock, log, outgoing: () => link.outgoing });
  const tasks = new SoleTasks({
    ...{ db, clock, log, holder: clientId },
    mayHost: settings.MQTT_SPARKPLUG ?? true,
    mayTakeWaveforms: settings.MQTT_WAVEFORM ?? true,
    // Before the first connection it is decided, too, so that this begins with the right subscriptions and will.
    isAble: () => !isStarted || link.isOpen,
    changed: async (task, held) => {
      if (task === 'sparkplug' && held) await takeUpBirths();
      choose();
      // A will is a part of CONNECT (§3.1.2.5).
      if (task === 'sparkplug' && link.isOpen) await leave().then(() => isStarted && link.start());
    },
  });
  const takeUpBirths = async (): Promise<void> => {
    try {
      await deps.takeUpBirths();
    } catch (error) {
      log.warn({ reason: reasonOf(error) }, 'births kept by the host before us cannot be read; edge nodes are asked');
    }
  };
  const isShared = settings.MQTT_SHARED ?? true;
  const choose = (): void => {
    const wanted = wantedFilters({
      ...{ isShared, takesWaveforms: tasks.takesWaveforms, probe: probe.topic, vendors: vendors.filters },
      hostId: tasks.isHost ? settings.SPARKPLUG_HOST_ID : null,
    });
    link.subscriptions.want(wanted, everWanted(settings.SPARKPLUG_HOST_ID, vendors.ever));
  };
  const link: Link = new Link({
    terms: {
      clientId,
      keepAliveSeconds: KEEP_ALIVE_SECONDS,
      receiveMaximum: RECEIVE_MAXIMUM,
      sessionExpirySeconds: settings.MQTT_SESSION_EXPIRY_S ?? SESSION_EXPIRY_SECONDS,
      maximumPacketBytes: MAXIMUM_PACKET_BYTES,
    },
    ...{ address, clock, log, isShared, random: deps.random ?? Math.random },
    will: () => (tasks.isHost ? state.will() : null),
    opened: () => void (tasks.isHost && state.say(true)),
    take: (layout, bytes, end, atNs, owed) => {
      if (isTopic(probe.topic, bytes, layout)) {
        probe.arrived(bytes.toString('latin1', layout.payloadStart, end));
        return arrivals.dismiss(layout, owed);
      }
      if (isTopic(state.topic, bytes, layout)) {
        if (tasks.isHost && isStarted) state.heard(bytes.toString('utf8', layout.payloadStart, end));
        return arrivals.dismiss(layout, owed);
      }
      if (isSecondCopy(bytes, layout)) return arrivals.dismiss(layout, owed);
      return arrivals.take(layout, bytes, end, atNs, owed);
    },
  });
  /** Goes when what was taken is acknowledged; the session stays. */
  const leave = async (): Promise<void> => {
    link.hold();
    const written = spool.latestDurableOffset() + spool.statistics().pendingBytes;
    if (spool.state() === 'open')
      await Promise.race([spool.flushed(written).catch(() => undefined), clock.sleep(DRAIN_WITHIN_MS)]);
    await link.stop();
  };
  let isStarted = false;
  let stopListening: (() => void) | null = null;
  return {
    url: address.shown,
    start: async () => {
      const goOn = (): void => {
        arrivals.resume();
        link.resume();
      };
      const stops = [spool, deps.parts].map((log) => log?.onSpace(goOn));
      stopListening = () => {
        for (const stop of stops) stop?.();
      };
      await vendors.start();
      await tasks.start();
      choose();
      heard.start();
      probe.start();
      isStarted = true;
      link.start();
    },
    stop: async () => {
      const wasStarted = isStarted;
      isStarted = false;
      probe.stop();
      await vendors.stop();
      // Before another host may say that it is there.
      if (tasks.isHost && link.isOpen) await Promise.race([state.say(false), clock.sleep(500)]);
      await tasks.stop();
      if (wasStarted) await leave();
      arrivals.stop();
      heard.stop();
      acknowledger.stop();
      stopListening?.();
    },
    publishOnce: (topic, payload) => link.outgoing.publishOnce(topic, payload),
    listens: () => link.isOpen,
    tell: (tenantSlug, device, leaf, payload, expiresAtMs) => {
      const seconds = expiresAtMs === null ? null : Math.max(1, Math.ceil((expiresAtMs - clock.nowMs()) / 1000));
      return link.outgoing.publish(topicOf(tenantSlug, device, leaf), payload, { expirySeconds: seconds });
    },
    problem: () => link.problem,
    counts: () => ({
      connected: link.isOpen,
      inFlight: link.inFlight,
      reconnections: link.reconnections,
      held: link.isHeld,
      lagMs: probe.lagMs,
      waitingBytes: arrivals.waitingBytes,
      slowedBytes: arrivals.slowedBytes,
      isSparkplugHost: tasks.isHost,
      takesWaveforms: tasks.takesWaveforms,
      vendorFilters: vendors.filters.length,
      vendorFiltersRefused: link.subscriptions.vendorsRefused,
    }),
  };
}

function isTopic(topic: string, bytes: Buffer, { topicStart, topicEnd }: PublishLayout): boolean {
  return topicEnd - topicStart === topic.length && bytes.toString('latin1', topicStart, topicEnd) === topic;
}

/** A copy of a topic of ours that only a vendor's filter matched, such as `+/#`: the other copy is on its way. */
function isSecondCopy(bytes: Buffer, { propertiesStart, payloadStart, topicStart, topicEnd }: PublishLayout): boolean {
  const named = subscriptionsNamed(bytes, propertiesStart, payloadStart);
  if ((named & (1 << VENDORS)) === 0 || (named & (1 << OURS)) !== 0) return false;
  return NO_VENDORS.test(bytes.toString('utf8', topicStart, topicEnd));
}
