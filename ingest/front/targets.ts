import { actsFor, isForDevice, parseTopic } from '../broker/topics.ts';
import { DEFAULT_FORMATS, formatByTopicLevel, type PayloadFormat } from '../decode/index.ts';
import type { DeviceIdentity, DevicePresence, PresenceBoard } from '../devices/index.ts';
import type { EncodedOrigin, Spool } from '../spool/index.ts';

/** What publishing to one data topic means for one connection; looked up once, then remembered by topic. */
export interface IngestTarget {
  topic: string;
  format: PayloadFormat;
  tenantSlug: string;
  origin: EncodedOrigin;
  presence: DevicePresence;
}

/**
 * Decides on a publish topic: a target in the spool, `'broker'` for what aedes handles (answers and reports), or null when it is
 * forbidden.
 */
export function resolveTarget(
  identity: DeviceIdentity,
  topic: string,
  spool: Spool,
  presence: PresenceBoard,
): IngestTarget | 'broker' | null {
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
  };
}
