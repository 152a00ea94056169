import type { Tx } from '../../platform/index.ts';
import { deviceErrors } from './errors.ts';
import type { DeviceKind } from './identity.ts';
import { RENEWED_WITHIN_MS } from './presence.ts';

/** A device as people see it: what is registered, and three separate facts about its presence. */
export interface DeviceView {
  id: string;
  name: string;
  kind: DeviceKind;
  gateway: string | null;
  /** Key of its type. */
  type: string | null;
  description: string | null;
  createdAt: Date;
  revokedAt: Date | null;
  /** Whether a connection is open (its own or its gateway's), and since when it is so. */
  connection: { connected: boolean; since: Date | null };
  lastMessageAt: Date | null;
  /** Silent: nothing was heard for twice the expected interval, or for the default time. */
  silence: { silent: boolean; expectedIntervalMs: number | null };
  state: 'online' | 'silent' | 'offline';
  /** The last thing this device did that was refused, and what to do about it. */
  problem: { code: string; text: string; at: Date } | null;
}

interface Row {
  id: string;
  name: string;
  kind: DeviceKind;
  gateway: string | null;
  /** Key of its type. */
  type: string | null;
  description: string | null;
  created_at: Date;
  revoked_at: Date | null;
  connected: boolean;
  since: Date | null;
  last_message_at: Date | null;
  expected_interval_ms: number | null;
  problem_code: string | null;
  problem: string | null;
  problem_at: Date | null;
}

const SELECT = `
  select d.id, d.name, d.kind, g.name as gateway, t.key as type, d.description, d.created_at, d.revoked_at,
         coalesce(d.expected_interval_ms, t.expected_interval_ms) as expected_interval_ms,
         coalesce(p.connected and p.renewed_at > $1, false) or coalesce(gp.connected and gp.renewed_at > $1, false) as connected,
         case when p.changed_at is null or (gp.connected and not p.connected) then gp.changed_at
              when p.connected and p.renewed_at <= $1 then p.renewed_at
              else p.changed_at end as since,
         p.last_message_at, p.problem_code, p.problem, p.problem_at
    from device d
    left join device_type t on t.tenant_id = d.tenant_id and t.id = d.type_id
    left join device g on g.tenant_id = d.tenant_id and g.id = d.gateway_id
    left join device_presence p on p.tenant_id = d.tenant_id and p.device_id = d.id
    left join device_presence gp on gp.tenant_id = d.tenant_id and gp.device_id = d.gateway_id`;

export interface PresenceRule {
  nowMs: number;
  /** Silence of a device without an expected interval. */
  silentAfterMs: number;
}

export async function listDevices(
  tx: Tx,
  page: { limit: number; cursor?: string | undefined },
  rule: PresenceRule,
): Promise<DeviceView[]> {
  const { rows } = await tx.query<Row>(`${SELECT} where d.name > $2 collate "C" order by d.name limit $3`, [
    renewedAfter(rule),
    page.cursor ?? '',
    page.limit,
  ]);
  return rows.map((row) => viewOf(row, rule));
}

/** @throws DEVICE_UNKNOWN */
export async function getDevice(tx: Tx, idOrName: string, rule: PresenceRule): Promise<DeviceView> {
  const { rows } = await tx.query<Row>(`${SELECT} where d.id::text = $2 or d.name = $2`, [
    renewedAfter(rule),
    idOrName,
  ]);
  if (!rows[0]) throw deviceErrors.DEVICE_UNKNOWN({ device: idOrName });
  return viewOf(rows[0], rule);
}

function renewedAfter(rule: PresenceRule): Date {
  return new Date(rule.nowMs - RENEWED_WITHIN_MS);
}

function viewOf(row: Row, rule: PresenceRule): DeviceView {
  const patienceMs = row.expected_interval_ms === null ? rule.silentAfterMs : 2 * row.expected_interval_ms;
  const heardMs = row.last_message_at?.getTime() ?? Number.NEGATIVE_INFINITY;
  const silent = rule.nowMs - heardMs > patienceMs;
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    gateway: row.gateway,
    type: row.type,
    description: row.description,
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
    connection: { connected: row.connected, since: row.since },
    lastMessageAt: row.last_message_at,
    silence: { silent, expectedIntervalMs: row.expected_interval_ms },
    state: !row.connected ? 'offline' : silent ? 'silent' : 'online',
    problem:
      row.problem_code === null ? null : { code: row.problem_code, text: row.problem ?? '', at: row.problem_at! },
  };
}
