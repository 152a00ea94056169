/** What is said to a device on a topic of its own. */
export type ToDevice = 'command' | 'config';

/** The way to devices, as far as this process has one. */
export interface DeviceLink {
  /** Whether the device (or its gateway) is connected here and listens. */
  listens(tenantSlug: string, device: string, leaf: ToDevice): boolean;
  /**
   * Sends to whoever listens now. Nothing is kept for a later connection by us; a broker of its own must drop the
   * message at `expiresAtMs`, if there is such a time.
   */
  tell(tenantSlug: string, device: string, leaf: ToDevice, payload: Buffer, expiresAtMs: number | null): Promise<void>;
  /** Called when a device begins to listen. Returns the way to stop. */
  onListening(listener: (tenantSlug: string, device: string, leaf: ToDevice) => void): () => void;
}

/** What a device says outside its telemetry: answers to commands, and the configuration it has. */
export interface DeviceSaid {
  tenantId: string;
  deviceId: string;
  /** Its name. */
  device: string;
  leaf: 'answer' | 'reported';
  payload: Buffer;
}

/** Keeps what a device says; resolves when it is kept, with what was wrong with it, if anything. Rejects: say it again. */
export type Heard = (said: DeviceSaid) => Promise<{ problem: string | null }>;
