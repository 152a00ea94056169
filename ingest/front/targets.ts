import { actsFor, isForDevice, parseTopic } from '../broker/topics.ts';
import {
  DEFAULT_FORMATS,
  flw1Format,
  formatByTopicLevel,
  type PayloadFormat,
  sparkplugFormat,
} from '../decode/index.ts';
import type { DeviceIdentity, DevicePresence, PresenceBoard } from '../devices/index.ts';
import type { PartsArea } from '../parts/partsArea.ts';
import type { Looked, SparkplugHost } from '../sparkplug/index.ts';
import type { AcceptingSpool, EncodedOrigin } from '../spool/index.ts';

/** What publishing to one data topic means for one connection; looked up once, then remembered by topic. */
export interface IngestTarget {
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
  spool: AcceptingSpool;
  presence: PresenceBoard;
  /** Null: Sparkplug's topics are nobody's. */
  sparkplug: SparkplugHost | null;
  /** Null: parts of blocks are not put together. */
  parts: PartsArea | null;
}

/**
 * Decides on a publish topic: a target in the spool, `'broker'` for what aedes handles (answers and reports), or null when it is
 * forbidden.
 */
export function resolveTarget(
  identity: DeviceIdentity,
  topic: string,
  deps: TargetDeps,
): IngestTarget | 'broker' | null {
  const { spool, presence, sparkplug, parts } = deps;
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
  const parsed = parseTopic(topic);
  if (parsed === null || identity.kind === 'consumer' || isForDevice(parsed.leaf)) return null;
  const device = actsFor(identity, parsed);
  if (device === null) return null;
  if (parsed.leaf === 'answer' || parsed.leaf === 'reported') return 'broker';
  const { tenantId, tenantSlug } = identity;
  const { leaf: kind } = parsed;
  const format = parsed.format === null ? DEFAULT_FORMATS[kind] : formatByTopicLevel(kind, parsed.format);
  if (format === null) return null;
  const { deviceId, name: deviceName } = device;
  const origin = { tenantId, deviceId, deviceName, kind, format: format.name, vendorTopic: null };
  return {
    topic,
    format,
    tenantSlug,
    origin: spool.encodeOrigin(origin),
    presence: presence.entry(tenantId, device.deviceId),
    look: null,
    takePart:
      parts !== null && format.name === flw1Format.name
        ? (arrivalNs, payload, repeated) => parts.take(origin, arrivalNs, payload, repeated)
        : null,
  };
}
