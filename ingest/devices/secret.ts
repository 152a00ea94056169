import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

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
