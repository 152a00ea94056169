import type { DeviceIdentity, PublishedDevice } from '../devices/index.ts';
import type { TopicKind } from '../spool/index.ts';

/** The fifth level of every topic of ours: `fl/1/{tenant}/{device}/{leaf}`; data may name its format in a sixth. */
export type Leaf = TopicKind | 'command' | 'config' | 'answer' | 'reported';

const ROOT = 'fl';
const VERSION = '1';
const LEAVES: ReadonlySet<string> = new Set<Leaf>(['telemetry', 'waveform', 'command', 'config', 'answer', 'reported']);
/** `fl/1/tenant/device/leaf/format`: a filter with more levels can match nothing here. */
export const MAX_LEVELS = 6;

/** What is said to a device, never kept for it in the broker: it waits in the database. */
export function isForDevice(leaf: Leaf): leaf is 'command' | 'config' {
  return leaf === 'command' || leaf === 'config';
}

/** Whether a topic is one on which a device is spoken to. */
export function addressed(topic: string): boolean {
  const parsed = parseTopic(topic);
  return parsed !== null && isForDevice(parsed.leaf);
}

export interface ParsedTopic {
  tenantSlug: string;
  device: string;
  leaf: Leaf;
  /** The payload format that the topic of a telemetry or waveform message names, if any. */
  format: string | null;
}

export function topicOf(tenantSlug: string, device: string, leaf: Leaf): string {
  return `${ROOT}/${VERSION}/${tenantSlug}/${device}/${leaf}`;
}

/** Takes a topic name apart, or null when it is none of ours. */
export function parseTopic(topic: string): ParsedTopic | null {
  const [root, version, tenantSlug, device, leaf, format, more] = topic.split('/', MAX_LEVELS + 1);
  if (root !== ROOT || version !== VERSION || !tenantSlug || !device || !LEAVES.has(leaf ?? '') || more !== undefined)
    return null;
  if (format !== undefined && (format === '' || !(leaf === 'telemetry' || leaf === 'waveform'))) return null;
  return { tenantSlug, device, leaf: leaf as Leaf, format: format ?? null };
}

/** The device for which this identity may act: itself or a gateway's child. Null: none of that name. */
export function actsFor(identity: DeviceIdentity, topic: ParsedTopic): (PublishedDevice & { name: string }) | null {
  if (topic.tenantSlug !== identity.tenantSlug) return null;
  const { deviceId, telemetryFormat, name } = identity;
  if (topic.device === name) return { deviceId, telemetryFormat, name };
  const child = identity.children.get(topic.device);
  return child === undefined ? null : { ...child, name: topic.device };
}

/**
 * A device may ask for its own commands and configuration, a gateway also for its children's, by exact names. A consumer may ask for
 * anything within its tenant, with wildcards behind the tenant's level.
 */
export function maySubscribe(identity: DeviceIdentity, filter: string): boolean {
  if (identity.kind !== 'consumer') return mayReceive(identity, filter);
  const levels = filter.split('/', MAX_LEVELS + 1);
  const [root, version, tenantSlug] = levels;
  return (
    levels.length <= MAX_LEVELS &&
    levels.length > 3 &&
    root === ROOT &&
    version === VERSION &&
    tenantSlug === identity.tenantSlug
  );
}

/** Whether a message of this topic may be handed to this identity, whatever it once subscribed to. */
export function mayReceive(identity: DeviceIdentity, topic: string): boolean {
  const parsed = parseTopic(topic);
  if (parsed === null || parsed.tenantSlug !== identity.tenantSlug) return false;
  if (identity.kind === 'consumer') return true;
  return isForDevice(parsed.leaf) && actsFor(identity, parsed) !== null;
}

/** MQTT 3.1.1 §4.7: whether a filter matches a topic name. */
export function filterMatches(filter: string, topic: string): boolean {
  // §4.7.2: a filter that begins with a wildcard does not match what begins with `$`.
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (let index = 0; index < wanted.length; index++) {
    if (wanted[index] === '#') return true;
    if (index >= levels.length || (wanted[index] !== '+' && wanted[index] !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
