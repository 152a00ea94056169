import type { QuotaLimits } from '../quota/tenantMeter.ts';
import type { Refusal } from './counts.ts';
import type { FrontLimits } from './frontDeps.ts';
import { CONNECT, PUBLISH } from './wire.ts';

/** Why a packet may not come, judged by its fixed header alone; null when it may. */
export function packetRefusal(
  limits: FrontLimits,
  isFirst: boolean,
  firstByte: number,
  remainingBytes: number,
): { refusal: Refusal; reason: string } | null {
  if (isFirst) {
    if (firstByte !== CONNECT << 4) return { refusal: 'protocol', reason: 'the first packet must be CONNECT' };
    if (remainingBytes <= limits.maxControlBytes) return null;
    const reason = `a CONNECT of ${remainingBytes} bytes; ${limits.maxControlBytes} are allowed`;
    return { refusal: 'connect-too-large', reason };
  }
  const limit = firstByte >> 4 === PUBLISH ? limits.maxPacketBytes : limits.maxControlBytes;
  if (remainingBytes <= limit) return null;
  const reason = `a packet of ${remainingBytes} bytes; ${limit} are allowed: send smaller messages`;
  return { refusal: 'packet-too-large', reason };
}

/** What is shown at a device whose tenant has used up its connections. */
export function connectionsUsedUp({ maxConnections }: QuotaLimits): string {
  return `the tenant has as many connections as its quota allows (${maxConnections}); close some or have it raised`;
}

/** What is shown at a device that has to wait. */
export function rateUsedUp({ messagesPerSecond, bytesPerSecond }: QuotaLimits): string {
  const limits = [
    ...(messagesPerSecond === null ? [] : [`${messagesPerSecond} messages a second`]),
    ...(bytesPerSecond === null ? [] : [`${bytesPerSecond} bytes a second`]),
  ];
  return `the tenant's quota is used up (here ${limits.join(', ')}); its messages are taken more slowly`;
}
