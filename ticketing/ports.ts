import type { AssetContext, ContextParty } from '../cmdb/index.ts';
import type { Tx } from '../platform/index.ts';

export type { AssetContext };

/** Somebody whom the CMDB names as responsible. */
export type Contact = ContextParty;

/**
 * Where ticketing learns who answers for an asset. Leaves out: anything about services (that is the impact verdict) and
 * history. An asset that the CMDB does not know is left out of the result. It reads in the caller's transaction: a second
 * connection asked for while one is held would let enough callers at once block each other.
 */
export interface AssetContexts {
  contexts(tx: Tx, ciIds: readonly string[]): Promise<ReadonlyMap<string, AssetContext>>;
}

/** Gives the detector its label when an order ends; runs in the order's own transaction. */
export type LabelAnomaly = (
  tx: Tx,
  anomalyId: string,
  label: 'confirmed' | 'false_alarm' | 'other_cause',
  by: string,
) => Promise<void>;

export type ServiceState = 'degraded' | 'down';

/** A business service that a failure would hit, with the people to tell and one shortest chain of causes. */
export interface HitServiceDetail {
  readonly ciId: string;
  readonly key: string;
  readonly name: string;
  readonly state: ServiceState;
  readonly criticality: number;
  readonly costPerHour: number;
  readonly users: number;
  /** Whether announced work alone would have done as much. Absent in verdicts of orders from before it was told. */
  readonly planned?: boolean | undefined;
  readonly owners: readonly {
    readonly ciId: string;
    readonly name: string;
    readonly email: string | null;
    readonly phone: string | null;
    readonly locale: string;
    readonly role: string;
  }[];
  readonly causeChain: readonly {
    readonly ciId: string;
    readonly key: string;
    readonly name: string;
    readonly type: string;
    readonly state: ServiceState;
  }[];
  readonly redundancyLeft: string | null;
}

/** What breaks when something fails, at the named versions of the graph and of the CIs' health. */
export interface ImpactVerdict {
  readonly graphVersion: string;
  readonly healthVersion: string;
  readonly affectedCount: number;
  /** Worst first. */
  readonly services: readonly HitServiceDetail[];
}

/** What breaks if this fails; answered by cmdb. */
export interface Impact {
  impact(
    tenantId: string,
    request: {
      failed: readonly { ciId: string; state: ServiceState }[];
      /** What was not well before, in place of the present health. */
      before?: readonly { ciId: string; state: ServiceState }[];
      minVersion?: bigint;
    },
  ): Promise<ImpactVerdict>;
  /** Which of these failures follow from others of them: the cause's id by the symptom's. */
  symptoms(
    tenantId: string,
    failures: readonly { ciId: string; state: ServiceState }[],
  ): Promise<ReadonlyMap<string, string>>;
}

/** What one on-call calendar says of a service at a time. */
export interface OnCallStanding {
  /** `own`: the calendar is the service's; `team`: that of a team which owns it. */
  readonly via: 'own' | 'team';
  /** Null: nobody is on call. */
  readonly person: Contact | null;
}

/** Who is on call for services at a time, by the service's id; answered by cmdb, in the caller's transaction. */
export interface OnCall {
  onCall(tx: Tx, serviceIds: readonly string[], atMs: number): Promise<ReadonlyMap<string, readonly OnCallStanding[]>>;
}

/** Which IT components fail now; answered by cmdb, in the caller's transaction. */
export interface ComponentHealth {
  failing(tx: Tx): Promise<readonly { failureId: string; ciId: string; state: ServiceState }[]>;
}

/** One message for one person; the channel, the words and the retries are notify's. */
export interface MessageRequest {
  readonly recipient: {
    readonly name: string;
    readonly email?: string;
    readonly phone?: string;
    readonly locale: 'zh-CN' | 'en';
    readonly ref: string;
  };
  readonly template: string;
  readonly params: Record<string, unknown>;
  readonly dedupeKey: string;
  readonly link?: string;
  /** By which the recipient answers without signing in: as good as a password, and handled as one. */
  readonly answerLink?: string;
}

/** Takes messages inside the caller's transaction; one of the same key for the same person is taken once. */
export interface Notifier {
  requestAll(tx: Tx, requests: readonly MessageRequest[]): Promise<unknown>;
}
