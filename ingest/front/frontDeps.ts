import type { Clock, Logger } from '../../platform/index.ts';
import type { Broker } from '../broker/broker.ts';
import type { DeviceIdentity, PresenceBoard } from '../devices/index.ts';
import type { TenantMeter } from '../quota/tenantMeter.ts';
import type { AcceptingSpool, Spool } from '../spool/index.ts';
import type { Acknowledger } from './acknowledger.ts';
import type { Admission } from './admission.ts';
import type { FrontCounts } from './counts.ts';
import type { Qos2Sessions } from './openQos2.ts';
import type { IngestTarget } from './targets.ts';

/** Bounds of what a peer may make the front keep or wait for. */
export interface FrontLimits {
  /** Largest PUBLISH; a larger one ends its connection. */
  maxPacketBytes: number;
  /** Largest packet that is no PUBLISH, CONNECT included. */
  maxControlBytes: number;
  /** Bytes kept for connections that have not signed in, all together. */
  maxAnonymousBytes: number;
  /** Bytes kept of incomplete or held packets of all connections together. */
  maxKeptBytes: number;
  connectTimeoutMs: number;
  maxConnections: number;
}

export const DEFAULT_LIMITS: FrontLimits = {
  maxPacketBytes: 4 * 1024 * 1024,
  maxControlBytes: 64 * 1024,
  maxAnonymousBytes: 16 * 1024 * 1024,
  maxKeptBytes: 256 * 1024 * 1024,
  connectTimeoutMs: 10_000,
  maxConnections: 20_000,
};

/** What the front tells of devices' presence. */
export type Presence = Pick<PresenceBoard, 'entry' | 'touched' | 'connected' | 'disconnected' | 'problem'>;

/** What the composition decides for a front. */
export interface FrontPorts {
  clock: Clock;
  log: Logger;
  spool: AcceptingSpool;
  /** Where parts of large blocks wait for the others; null: such parts are not put together here. */
  parts: Spool | null;
  broker: Broker;
  admission: Admission;
  /** What publishing to a topic means: a target in the spool, the broker's affair, or null when it is forbidden. */
  resolve: (identity: DeviceIdentity, topic: string) => IngestTarget | 'broker' | null;
  /** By what a tenant's use is measured. */
  meterOf: (identity: DeviceIdentity) => TenantMeter;
  presence: Presence;
  limits: FrontLimits;
}

/** What every connection of the front works with. */
export interface FrontDeps extends FrontPorts {
  acknowledger: Acknowledger;
  qos2Sessions: Qos2Sessions;
  counts: FrontCounts;
  /** Bytes kept of incomplete or held packets: for connections that have not signed in, and for all. */
  kept: { anonymousBytes: number; bytes: number };
}
