import { actsFor, isForDevice, parseTopic, topicOf } from '../broker/topics.ts';
import {
  DEFAULT_FORMATS,
  flw1Format,
  formatByTopicLevel,
  type PayloadFormat,
  sparkplugFormat,
} from '../decode/index.ts';
import type { DeviceIdentity, DevicePresence, PresenceBoard, PublishedDevice } from '../devices/index.ts';
import type { MappedFormat } from '../mapping/compile.ts';
import { type FormatShelf, unknownFormat } from '../mapping/shelf.ts';
import { matchTopic } from '../mapping/topicRule.ts';
import type { PartsArea } from '../parts/partsArea.ts';
import type { Looked, SparkplugHost } from '../sparkplug/index.ts';
import { type AcceptingSpool, type EncodedOrigin, MAX_VENDOR_TOPIC_BYTES } from '../spool/index.ts';

/** What publishing to one data topic means for one connection; looked up once, then remembered by topic. */
export interface IngestTarget {
  /** The topic under which live subscribers hear of it: ours, also for a vendor's. */
  topic: string;
  format: PayloadFormat;
  tenantSlug: string;
  origin: EncodedOrigin;
  presence: DevicePresence;
  /** For messages that are no record by themselves: makes one of a message. */
  look: ((payload: Buffer, repeated: boolean) => Looked) | null;
  /** For blocks that may come in parts: `PartsArea.take`. Null for other targets. */
  takePart: ((arrivalNs: bigint, payload: Buffer, repeated: boolean) => number | null) | null;
}

/** What resolving a topic needs beside the publisher. */
export interface TargetDeps {
  spool: Pick<AcceptingSpool, 'encodeOrigin'>;
  presence: PresenceBoard;
  /** Formats of vendors; null: those built in are all there are. */
  formats: Pick<FormatShelf, 'find' | 'mapped'> | null;
  /** Null: Sparkplug's topics are nobody's. */
  sparkplug: SparkplugHost | null;
  /** Null: parts of blocks are not put together. */
  parts: PartsArea | null;
}

type NamedDevice = PublishedDevice & { name: string };

/**
 * Decides on a publish topic: a target in the spool, `'broker'` for what aedes handles (answers and reports), or null
 * when it is forbidden.
 */
export function resolveTarget(
  identity: DeviceIdentity,
  topic: string,
  deps: TargetDeps,
): IngestTarget | 'broker' | null {
  const { sparkplug } = deps;
  const edge = sparkplug?.target(identity, topic);
  if (sparkplug && edge) {
    const { origin, presence: entry } = edge;
    const look = (payload: Buffer, repeated: boolean) => sparkplug.look(edge, payload, repeated);
    return {
      topic,
      format: sparkplugFormat,
      tenantSlug: identity.tenantSlug,
      origin,
      presence: entry,
      look,
      takePart: null,
    };
  }
  if (identity.kind === 'consumer') return null;
  const parsed = parseTopic(topic);
  if (parsed === null) return vendorTarget(identity, topic, deps);
  if (isForDevice(parsed.leaf)) return null;
  const device = actsFor(identity, parsed);
  if (device === null) return null;
  if (parsed.leaf === 'answer' || parsed.leaf === 'reported') return 'broker';
  const { leaf: kind } = parsed;
  const format =
    parsed.format !== null
      ? formatByTopicLevel(kind, parsed.format)
      : kind === 'telemetry'
        ? formatOf(device, deps)
        : DEFAULT_FORMATS.waveform;
  return format === null ? null : targetOf(identity, device, topic, format, null, deps);
}

/** The format of a device's telemetry. One that cannot be found keeps its messages waiting in quarantine. */
function formatOf({ telemetryFormat }: NamedDevice, { formats }: TargetDeps): PayloadFormat {
  if (telemetryFormat === null) return DEFAULT_FORMATS.telemetry;
  const found = formats?.find(telemetryFormat);
  return found?.kind === 'telemetry' ? found : unknownFormat(telemetryFormat);
}

/** A topic of a vendor's own, if the mapping of the device that it names, or of the publisher itself, takes it. */
function vendorTarget(identity: DeviceIdentity, topic: string, deps: TargetDeps): IngestTarget | null {
  if (/^(?:\$|fl\/|spBv1\.0\/)|[+#]/.test(topic) || Buffer.byteLength(topic) > MAX_VENDOR_TOPIC_BYTES) return null;
  const { deviceId, name, telemetryFormat } = identity;
  const self: NamedDevice = { deviceId, name, telemetryFormat };
  const own = mappingOf(self, deps);
  if (own) {
    for (const rule of own.topics) {
      const words = matchTopic(rule, topic);
      if (words !== null && (words.device === undefined || words.device === name))
        return targetOf(identity, self, topic, own, topic, deps);
    }
  }
  // Children share few types: each type's rules are tried once.
  for (const format of new Set([...identity.children.values()].map((child) => child.telemetryFormat))) {
    for (const rule of (format !== null && deps.formats?.mapped(format)?.topics) || []) {
      const named = matchTopic(rule, topic)?.device;
      const child = named === undefined ? undefined : identity.children.get(named);
      if (child === undefined || child.telemetryFormat !== format) continue;
      return targetOf(
        identity,
        { ...child, name: named! },
        topic,
        formatOf({ ...child, name: named! }, deps),
        topic,
        deps,
      );
    }
  }
  return null;
}

function mappingOf({ telemetryFormat }: NamedDevice, { formats }: TargetDeps): MappedFormat | null {
  return telemetryFormat === null ? null : (formats?.mapped(telemetryFormat) ?? null);
}

function targetOf(
  { tenantId, tenantSlug }: DeviceIdentity,
  { deviceId, name }: NamedDevice,
  topic: string,
  format: PayloadFormat,
  vendorTopic: string | null,
  { spool, presence, parts }: TargetDeps,
): IngestTarget {
  const origin = { tenantId, deviceId, deviceName: name, kind: format.kind, format: format.name, vendorTopic };
  return {
    topic: vendorTopic === null ? topic : topicOf(tenantSlug, name, format.kind),
    format,
    tenantSlug,
    origin: spool.encodeOrigin(origin),
    presence: presence.entry(tenantId, deviceId),
    look: null,
    takePart:
      parts !== null && format.name === flw1Format.name
        ? (arrivalNs, payload, repeated) => parts.take(origin, arrivalNs, payload, repeated)
        : null,
  };
}
