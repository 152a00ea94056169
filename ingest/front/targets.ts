import { actsFor, isForDevice, parseTopic } from '../broker/topics.ts';
import { DEFAULT_FORMATS, formatByTopicLevel, type PayloadFormat, sparkplugFormat } from '../decode/index.ts';
import type { DeviceIdentity, DevicePresence, PresenceBoard } from '../devices/index.ts';
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
}

/**
 * Decides on a publish topic: a target in the spool, `'broker'` for what aedes handles (answers and reports), or null when it is
 * forbidden.
 */
export function resolveTarget(
  identity: DeviceIdentity,
  topic: string,
  spool: AcceptingSpool,
  presence: PresenceBoard,
  sparkplug: SparkplugHost | null,
): IngestTarget | 'broker' | null {
  const edge = sparkplug?.target(identity, topic);
  if (sparkplug && edge) {
    const { origin, presence: entry } = edge;
    const look = (payload: Buffer, repeated: boolean) => sparkplug.look(edge, payload, repeated);
    return { topic, format: sparkplugFormat, tenantSlug: identity.tenantSlug, origin, presence: entry, look };
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
  };
}
