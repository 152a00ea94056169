export const DEVICE_KINDS = ['device', 'gateway', 'consumer'] as const;
/** A device publishes its own data, a gateway also its children's; a consumer reads its tenant's live messages. */
export type DeviceKind = (typeof DEVICE_KINDS)[number];

/** Letters and digits of any script, then also . _ : - ; at most 63, so that its UTF-8 fits in 255 bytes. */
export const DEVICE_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._:-]{0,62}$/u;

/** A device that a credential may publish for. */
export interface PublishedDevice {
  deviceId: string;
  /** Format of its telemetry where the topic names none; null: JSON. `mapped:<id>` is a mapping version's. */
  telemetryFormat: string | null;
}

/** What a credential entitles to. */
export interface DeviceIdentity {
  tenantId: string;
  tenantSlug: string;
  deviceId: string;
  name: string;
  kind: DeviceKind;
  telemetryFormat: PublishedDevice['telemetryFormat'];
  /** Devices a gateway publishes for, by name. */
  children: ReadonlyMap<string, PublishedDevice>;
  /** SHA-256 of the secret; null when revoked. */
  secretHash: Buffer | null;
  /** The secret before, as long as it is good beside the new one. */
  previousSecret: { hash: Buffer; untilMs: number } | null;
  /** Grows with every change that a connected client must not outlive. */
  version: number;
}

/** MQTT username: tenant and device. */
export function usernameOf(tenantSlug: string, device: string): string {
  return `${tenantSlug}/${device}`;
}
