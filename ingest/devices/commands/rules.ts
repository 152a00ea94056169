import type { Tx } from '../../../platform/index.ts';
import type { Confirmation } from './command.ts';

/** What a kind of command needs before it is sent, and how long it is worth sending. */
export interface CommandRule {
  kind: string;
  confirmation: Confirmation;
  expiresInMs: number;
}

/** A kind about which nothing was said is treated as one that can hurt. */
const UNSAID: Omit<CommandRule, 'kind'> = { confirmation: 'another', expiresInMs: 10 * 60_000 };

export async function ruleOf(tx: Tx, kind: string): Promise<CommandRule> {
  const { rows } = await tx.query<{ confirmation: Confirmation; expires_in_ms: bigint }>(
    'select confirmation, expires_in_ms from device_command_rule where kind = $1',
    [kind],
  );
  const row = rows[0];
  if (!row) return { kind, ...UNSAID };
  return { kind, confirmation: row.confirmation, expiresInMs: Number(row.expires_in_ms) };
}

export async function listRules(tx: Tx): Promise<CommandRule[]> {
  const { rows } = await tx.query<{ kind: string; confirmation: Confirmation; expires_in_ms: bigint }>(
    'select kind, confirmation, expires_in_ms from device_command_rule order by kind',
  );
  return rows.map((row) => ({
    kind: row.kind,
    confirmation: row.confirmation,
    expiresInMs: Number(row.expires_in_ms),
  }));
}

export async function putRule(tx: Tx, rule: CommandRule): Promise<void> {
  await tx.query(
    `insert into device_command_rule (tenant_id, kind, confirmation, expires_in_ms) values ($1, $2, $3, $4)
     on conflict (tenant_id, kind) do update set confirmation = excluded.confirmation, expires_in_ms = excluded.expires_in_ms`,
    [tx.tenantId, rule.kind, rule.confirmation, rule.expiresInMs],
  );
}
