import { type SparkplugType, TYPES } from '../decode/sparkplug/types.ts';
import type { DeviceIdentity } from '../devices/index.ts';

const NAMESPACE = 'spBv1.0';

/** `spBv1.0/{group}/{type}/{edge}[/{device}]` of a message that carries metrics. */
export interface SparkplugTopic {
  group: string;
  type: SparkplugType;
  edge: string;
  /** Null for the edge node itself. */
  device: string | null;
}

/** Takes a topic of an edge node's messages apart (Sparkplug 3.0.0 §4.1); null when it is none. */
export function parseSparkplugTopic(topic: string): SparkplugTopic | null {
  const [namespace, group, type, edge, device, more] = topic.split('/', 6);
  if (namespace !== NAMESPACE || !group || !edge || more !== undefined || device === '') return null;
  if (!TYPES.includes(type as SparkplugType) || (type!.startsWith('D') ? device === undefined : device !== undefined))
    return null;
  return { group, type: type as SparkplugType, edge, device: device ?? null };
}

/** Where an edge node hears commands of its host. */
export function nodeCommandTopic(group: string, edge: string): string {
  return `${NAMESPACE}/${group}/NCMD/${edge}`;
}

/** Where a primary host says whether it is there (§4.2.5). */
export function stateTopic(hostId: string): string {
  return `${NAMESPACE}/STATE/${hostId}`;
}

export function isStateTopic(topic: string): boolean {
  return topic.startsWith(`${NAMESPACE}/STATE/`);
}

/** What a primary host says there, birth and will alike. */
export function statePayload(online: boolean, timestampMs: number): Buffer {
  return Buffer.from(JSON.stringify({ online, timestamp: timestampMs }));
}

/** The group is the tenant's slug and the edge node the device itself: nobody publishes for another's edge node. */
export function mayPublishSparkplug(identity: DeviceIdentity, topic: string): boolean {
  const parsed = parseSparkplugTopic(topic);
  return (
    parsed !== null &&
    identity.kind !== 'consumer' &&
    parsed.group === identity.tenantSlug &&
    parsed.edge === identity.name
  );
}

/** Commands for itself and its devices, and the state of hosts; a consumer hears its whole group. */
export function mayReceiveSparkplug(identity: DeviceIdentity, topic: string): boolean {
  const levels = topic.split('/', 6);
  const [namespace, group, type, edge] = levels;
  if (namespace !== NAMESPACE || levels.length > 5) return false;
  if (group === 'STATE') return levels.length === 3;
  if (group !== identity.tenantSlug) return false;
  return identity.kind === 'consumer' || ((type === 'NCMD' || type === 'DCMD') && edge === identity.name);
}

/** As `mayReceiveSparkplug`, with wildcards in the last level only (for consumers: anywhere behind the group). */
export function maySubscribeSparkplug(identity: DeviceIdentity, filter: string): boolean {
  const levels = filter.split('/', 6);
  if (levels[0] !== NAMESPACE || levels.length < 3 || levels.length > 5) return false;
  const named = identity.kind === 'consumer' && levels[1] !== 'STATE' ? levels.slice(1, 2) : levels.slice(1, -1);
  if (named.some((level) => level === '+' || level === '#')) return false;
  if (levels[1] === 'STATE' || identity.kind === 'consumer') return mayReceiveSparkplug(identity, filter);
  // `…/NCMD/{edge}` itself, or `…/NCMD/{edge}/#`: never every edge node of the group.
  return mayReceiveSparkplug(identity, filter) && levels.length >= 4;
}
