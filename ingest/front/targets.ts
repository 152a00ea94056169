import { actsFor, parseTopic } from '../broker/topics.ts';
import type { DeviceIdentity, DevicePresence, PresenceBoard } from '../devices/index.ts';
import type { EncodedOrigin, Spool, TopicKind } from '../spool/index.ts';

/** What publishing to one data topic means for one connection; looked up once, then remembered by topic. */
export interface IngestTarget {
  topic: string;
  kind: TopicKind;
  tenantSlug: string;
  origin: EncodedOrigin;
  presence: DevicePresence;
}

/**
 * Decides on a publish topic: a target in the spool, `'broker'` for what aedes handles (answers), or null when it is
 * forbidden.
 */
export function resolveTarget(
  identity: DeviceIdentity,
  topic: string,
  spool: Spool,
  presence: PresenceBoard,
): IngestTarget | 'broker' | null {
  const parsed = parseTopic(topic);
  if (parsed === null || identity.kind === 'consumer' || parsed.leaf === 'command') return null;
  const device = actsFor(identity, parsed);
  if (device === null) return null;
  if (parsed.leaf === 'answer') return 'broker';
  const { tenantId, tenantSlug } = identity;
  const origin = { tenantId, deviceId: device.deviceId, deviceName: device.name, kind: parsed.leaf };
  return {
    topic,
    kind: parsed.leaf,
    tenantSlug,
    origin: spool.encodeOrigin(origin),
    presence: presence.entry(tenantId, device.deviceId),
  };
}
