import { type Clock, type Logger, reasonOf, type Service } from '../../../platform/index.ts';
import type { DeviceDirectory, DeviceIdentity, DeviceLink, PresenceBoard } from '../../devices/index.ts';
import { Acknowledger } from '../../front/acknowledger.ts';
import type { FrontCounts } from '../../front/counts.ts';
import type { FrontPorts } from '../../front/frontDeps.ts';
import { statePayload, stateTopic } from '../../sparkplug/index.ts';
import type { AcceptingSpool, Spool } from '../../spool/index.ts';
import { parseTopic, topicOf } from '../topics.ts';
import { remoteAddress } from './address.ts';
import { Arrivals } from './arrivals.ts';
import { HeardDevices } from './heard.ts';
import { LagProbe } from './lagProbe.ts';
import { Link } from './link.ts';

/** The group that all ingest processes of one installation are members of: each message goes to one of them. */
const GROUP = 'faultline';
const SHARED_FILTERS = ['fl/1/+/+/telemetry/#', 'fl/1/+/+/answer', 'fl/1/+/+/reported'].map(
  (filter) => `$share/${GROUP}/${filter}`,
);
/** Not shared: the parts of a large block belong together, so one process hears all of them. */
const WAVEFORM_FILTERS = ['fl/1/+/+/waveform/#'];
/** Not shared: what an edge node says has a meaning only after its birth, so one process hears all of it. */
const SPARKPLUG_FILTERS = [
  ...['NBIRTH', 'NDATA', 'NDEATH'].map((type) => `spBv1.0/+/${type}/+`),
  ...['DBIRTH', 'DDATA', 'DDEATH'].map((type) => `spBv1.0/+/${type}/+/+`),
];
/** What sessions of earlier versions may still be subscribed to. */
const FORMER_FILTERS = [`$share/${GROUP}/fl/1/+/+/waveform/#`];
const SESSION_EXPIRY_SECONDS = 604_800;
const KEEP_ALIVE_SECONDS = 30;
/** Messages in flight: enough for the broker to go on sending while a group is on its way to the disk. */
const RECEIVE_MAXIMUM = 4_096;
/** Beyond MQTT_MAX_PACKET_BYTES we refuse by name; beyond this the broker does not even send (§3.1.2.11.4). */
const MAXIMUM_PACKET_BYTES = 64 * 1024 * 1024 + 64 * 1024;

/** The settings that bear on it, by their names in the configuration. */
export interface RemoteSettings {
  MQTT_URL?: string | undefined;
  MQTT_CA?: string | undefined;
  MQTT_CLIENT_CERT?: string | undefined;
  MQTT_CLIENT_KEY?: string | undefined;
  MQTT_SESSION_EXPIRY_S?: number | undefined;
  MQTT_MAX_PACKET_BYTES: number;
  /** Whether this process is the Sparkplug host there. */
  MQTT_SPARKPLUG?: boolean | undefined;
  /** Whether this process takes waveform blocks from there. */
  MQTT_WAVEFORM?: boolean | undefined;
  SPARKPLUG_HOST_ID: string;
}

export interface RemoteBrokerDeps {
  settings: RemoteSettings;
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
  const { clock, log, spool, presence } = deps;
  // The spool's id: stable over restarts, and no other process has it.
  const clientId = `faultline-${spool.id}`;
  const acknowledger = new Acknowledger(spool, deps.parts);
  const heard = new HeardDevices({ clock, presence });
  const arrivals = new Arrivals({
    ...deps,
    acknowledger,
    maxPayloadBytes: settings.MQTT_MAX_PACKET_BYTES,
    heard: ({ presence: entry, tenantSlug, topic }) => {
      if (!heard.heard(entry)) return;
      const parsed = parseTopic(topic);
      if (parsed) for (const leaf of ['command', 'config'] as const) deps.begins(tenantSlug, parsed.device, leaf);
    },
    room: () => link.resume(),
  });
  const probe = new LagProbe({ clock, clientId, publish: (topic, payload) => link.outgoing.publish(topic, payload) });
  const terms = {
    clientId,
    keepAliveSeconds: KEEP_ALIVE_SECONDS,
    receiveMaximum: RECEIVE_MAXIMUM,
    sessionExpirySeconds: settings.MQTT_SESSION_EXPIRY_S ?? SESSION_EXPIRY_SECONDS,
    maximumPacketBytes: MAXIMUM_PACKET_BYTES,
  };
  const isHost = settings.MQTT_SPARKPLUG ?? true;
  const stateOf = stateTopic(settings.SPARKPLUG_HOST_ID);
  /** The will and what we say after connecting carry the same time (Sparkplug 3.0.0 §5.14). */
  let saidAtMs = clock.nowMs();
  const say = (online: boolean): Promise<void> =>
    link.outgoing.publish(stateOf, statePayload(online, saidAtMs), { retain: true }).catch((error: unknown) => {
      log.warn({ reason: reasonOf(error), topic: stateOf }, 'edge nodes were not told whether their host is here');
    });
  const link: Link = new Link({
    ...(isHost && {
      will: () => {
        saidAtMs = clock.nowMs();
        return { topic: stateOf, payload: statePayload(false, saidAtMs) };
      },
      opened: () => void say(true),
    }),
    ...{ address, terms, clock, log, random: deps.random ?? Math.random },
    take: (layout, bytes, end, atNs, owed) => {
      if (!isProbe(probe.topic, bytes, layout.topicStart, layout.topicEnd))
        return arrivals.take(layout, bytes, end, atNs, owed);
      probe.arrived(bytes.toString('latin1', layout.payloadStart, end));
      return arrivals.dismiss(layout, owed);
    },
  });
  const wanted = [
    ...SHARED_FILTERS,
    ...((settings.MQTT_WAVEFORM ?? true) ? WAVEFORM_FILTERS : []),
    ...(isHost ? SPARKPLUG_FILTERS : []),
    probe.topic,
  ];
  const known = [...WAVEFORM_FILTERS, ...SPARKPLUG_FILTERS, ...FORMER_FILTERS];
  link.subscriptions.want(
    wanted,
    known.filter((filter) => !wanted.includes(filter)),
  );
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
      heard.start();
      probe.start();
      link.start();
    },
    stop: async () => {
      probe.stop();
      link.hold();
      const written = spool.latestDurableOffset() + spool.statistics().pendingBytes;
      if (spool.state() === 'open')
        await Promise.race([spool.flushed(written).catch(() => undefined), clock.sleep(1_000)]);
      arrivals.stop();
      if (isHost && link.isOpen) await Promise.race([say(false), clock.sleep(500)]);
      await link.stop();
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
    }),
  };
}

function isProbe(topic: string, bytes: Buffer, start: number, end: number): boolean {
  return end - start === topic.length && bytes.toString('latin1', start, end) === topic;
}
