import { jsonArray, jsonSequence, type Tx } from '../../platform/index.ts';

/** Who did something: a user, or the system under a name. */
export interface Actor {
  readonly id: string | null;
  readonly name: string;
}

/** The actor of what nobody did by hand. */
export const SYSTEM: Actor = { id: null, name: 'Faultline' };

/** What can happen to an order; each kind's data is what a reader of the log needs to understand it. */
export const LOG_KINDS = [
  'opened',
  'owners_told',
  'owners_escalated',
  'acknowledged',
  'anomaly_repeated',
  'anomaly_added',
  'escalated',
  'recovered',
  'caused_by',
  'ci_merged',
  'responded',
  'assigned',
  'queued',
  'moved',
  'declined',
  'accept_expired',
  'response_overdue',
  'resolution_overdue',
  'stop_proposed',
  'stop_confirmed',
  'stop_rejected',
  'stop_failed',
  'commented',
] as const;
export type LogKind = (typeof LOG_KINDS)[number];

export interface LogEntry {
  readonly kind: LogKind;
  readonly actor: Actor;
  readonly data: Record<string, unknown>;
}

/** An entry with its place in the order's log. */
export interface PlacedEntry extends LogEntry {
  readonly orderId: string;
  readonly sequence: number;
}

/** Writes entries of any number of orders. The caller holds the orders' locks and has counted the sequences. */
export async function writeLog(tx: Tx, entries: readonly PlacedEntry[], at: Date): Promise<void> {
  if (entries.length === 0) return;
  await tx.query(
    `insert into work_order_event (tenant_id, order_id, sequence, at, kind, actor_id, actor_name, data)
     select $1, e.order_id, e.sequence, $2, e.kind, e.actor_id, e.actor_name, e.data
       from unnest($3::uuid[], $4::integer[], $5::text[], $6::uuid[], $7::text[], ${jsonArray('$8', 'json')})
         as e (order_id, sequence, kind, actor_id, actor_name, data)`,
    [
      tx.tenantId,
      at,
      entries.map((e) => e.orderId),
      entries.map((e) => e.sequence),
      entries.map((e) => e.kind),
      entries.map((e) => e.actor.id),
      entries.map((e) => e.actor.name),
      jsonSequence(entries.map((e) => e.data)),
    ],
  );
}

export interface StoredEntry extends LogEntry {
  readonly sequence: number;
  readonly at: Date;
}

/** The whole log of one order, oldest first. */
export async function readLog(tx: Tx, orderId: string): Promise<StoredEntry[]> {
  const { rows } = await tx.query<{
    sequence: number;
    at: Date;
    kind: LogKind;
    actorId: string | null;
    actorName: string;
    data: Record<string, unknown>;
  }>(
    `select sequence, at, kind, actor_id as "actorId", actor_name as "actorName", data
       from work_order_event where order_id = $1 order by sequence`,
    [orderId],
  );
  return rows.map(({ actorId, actorName, ...entry }) => ({ ...entry, actor: { id: actorId, name: actorName } }));
}
