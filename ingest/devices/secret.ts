import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { DeviceIdentity } from './identity.ts';

/** A device's secret: 256 random bits, shown once. The prefix tells people and secret scanners what it is. */
export function newDeviceSecret(): string {
  return `fld_${randomBytes(32).toString('base64url')}`;
}

/** As it is kept: random enough that stretching would only slow a thousand devices down that reconnect at once. */
export function hashDeviceSecret(secret: string | Uint8Array): Buffer {
  return createHash('sha256').update(secret).digest();
}

export function secretMatches(secret: Uint8Array, hash: Buffer): boolean {
  return timingSafeEqual(hashDeviceSecret(secret), hash);
}

/**
 * Whether a device that is not revoked is let in: with its secret, or with the one before while that is still good.
 *
 * @param used SHA-256 of what was given; null: a verified certificate, and no secret
 */
export function isEntitled(identity: DeviceIdentity, used: Buffer | null, nowMs: number): boolean {
  const { secretHash, previousSecret } = identity;
  if (secretHash === null) return false;
  if (used === null || timingSafeEqual(used, secretHash)) return true;
  return previousSecret !== null && previousSecret.untilMs > nowMs && timingSafeEqual(used, previousSecret.hash);
}
