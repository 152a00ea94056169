import { newId, type Outbox, type Tx } from '../../../platform/index.ts';
import { type Actor, audit, SYSTEM } from '../audit/audit.ts';
import { deviceNamed } from '../registry.ts';
import type { CommandState, DeviceCommand } from './command.ts';
import { commandErrors } from './errors.ts';
import { DeviceCommandDue } from './events.ts';
import { ruleOf } from './rules.ts';

const MAX_OPEN_PER_DEVICE = 100;
const MAX_BODY_BYTES = 16 * 1024;

const COLUMNS = `
  c.id, d.name as device, c.kind, c.body, c.state, c.confirmation, c.proposed_at as "proposedAt",
  c.proposed_by as "proposedBy", c.proposed_by_id as "proposedById", c.decided_at as "decidedAt",
  c.decided_by as "decidedBy", c.note, c.expires_at as "expiresAt", c.sent_at as "sentAt", c.sends,
  c.received_at as "receivedAt", c.answered_at as "answeredAt", c.answer`;
const SELECT = `select ${COLUMNS} from device_command c join device d on d.tenant_id = c.tenant_id and d.id = c.device_id`;

type Row = DeviceCommand & { proposedById: string | null };

export interface NewCommand {
  kind: string;
  body: Record<string, unknown>;
  expiresInMs?: number | undefined;
}

/** A confirmation that was given elsewhere, such as with the proposal to stop a line. */
export interface Confirmed {
  id: string;
  by: Actor;
  atMs: number;
}

export interface CommandDeps {
  outbox: Outbox;
  nowMs: number;
}

/**
 * Proposes a command, or takes over one that was confirmed elsewhere. A kind that needs no confirmation is confirmed
 * at once. Repeating it with the same id changes nothing.
 *
 * @throws DEVICE_UNKNOWN, COMMAND_TOO_MANY, COMMAND_SIZE
 */
export async function proposeCommand(
  tx: Tx,
  { outbox, nowMs }: CommandDeps,
  deviceName: string,
  command: NewCommand,
  by: Actor,
  confirmed?: Confirmed,
): Promise<DeviceCommand> {
  const device = await deviceNamed(tx, deviceName);
  const bytes = Buffer.byteLength(JSON.stringify(command.body));
  if (bytes > MAX_BODY_BYTES) throw commandErrors.COMMAND_SIZE({ bytes, limit: MAX_BODY_BYTES }, { field: 'body' });
  const rule = await ruleOf(tx, command.kind);
  const id = confirmed?.id ?? newId();
  const decided = confirmed ?? (rule.confirmation === 'none' ? { by, atMs: nowMs } : null);
  const expiresAtMs = (confirmed?.atMs ?? nowMs) + (command.expiresInMs ?? rule.expiresInMs);
  // The device's row is the lock under which its open commands are counted.
  await tx.query('select from device where id = $1 for update', [device.id]);
  const open = await tx.query<{ count: number }>(
    `select count(*)::int as count from device_command where device_id = $1 and state in ('proposed', 'confirmed', 'sent')`,
    [device.id],
  );
  if (!confirmed && open.rows[0]!.count >= MAX_OPEN_PER_DEVICE)
    throw commandErrors.COMMAND_TOO_MANY({ device: device.name, limit: MAX_OPEN_PER_DEVICE });
  const { rowCount } = await tx.query(
    `insert into device_command (tenant_id, id, device_id, kind, body, state, confirmation, proposed_at, proposed_by_id,
       proposed_by, decided_at, decided_by, expires_at)
     values ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (tenant_id, id) do nothing`,
    [
      ...[tx.tenantId, id, device.id, command.kind, JSON.stringify(command.body)],
      ...[decided ? 'confirmed' : 'proposed', rule.confirmation, new Date(nowMs), by.id, by.name],
      ...[decided && new Date(decided.atMs), decided?.by.name, new Date(expiresAtMs)],
    ],
  );
  if (rowCount === 1) {
    const data = { device: device.name, kind: command.kind, body: command.body };
    await audit(tx, nowMs, by, [{ subject: 'command', subjectId: id, action: 'proposed', data }]);
    if (decided) {
      const note = confirmed ? {} : { because: 'its kind needs no confirmation' };
      await audit(tx, decided.atMs, decided.by, [
        { subject: 'command', subjectId: id, action: 'confirmed', data: note },
      ]);
    }
    await outbox.publish(tx, DeviceCommandDue, { commandId: id }, { dueAtMs: expiresAtMs });
  }
  return getCommand(tx, id);
}

/** @throws COMMAND_UNKNOWN */
export async function getCommand(tx: Tx, id: string): Promise<DeviceCommand> {
  return viewOf(await rowOf(tx, id));
}

export async function listCommands(
  tx: Tx,
  filter: {
    device?: string | undefined;
    state?: CommandState | undefined;
    kind?: string | undefined;
    limit: number;
    cursor?: string | undefined;
  },
): Promise<DeviceCommand[]> {
  const { rows } = await tx.query<Row>(
    `${SELECT} where ($1::text is null or d.id::text = $1 or d.name = $1) and ($2::text is null or c.state = $2)
       and ($3::text is null or c.kind = $3) and ($4::uuid is null or c.id < $4) order by c.id desc limit $5`,
    [filter.device ?? null, filter.state ?? null, filter.kind ?? null, filter.cursor ?? null, filter.limit],
  );
  return rows.map(viewOf);
}

export interface Decision {
  to: 'confirmed' | 'rejected' | 'cancelled';
  note?: string | undefined;
}

/**
 * A person's decision. Of two who decide at once, the later is told how it stands.
 *
 * @throws COMMAND_UNKNOWN, COMMAND_STATE, COMMAND_OWN
 */
export async function decideCommand(
  tx: Tx,
  id: string,
  { to, note }: Decision,
  by: Actor,
  nowMs: number,
): Promise<DeviceCommand> {
  const command = await rowOf(tx, id, 'for update of c');
  const open: readonly CommandState[] = to === 'cancelled' ? ['proposed', 'confirmed'] : ['proposed'];
  if (!open.includes(command.state) || command.expiresAt.getTime() <= nowMs)
    throw commandErrors.COMMAND_STATE({ state: standing(command, nowMs), wanted: to });
  if (to === 'confirmed' && command.confirmation === 'another' && by.id !== null && by.id === command.proposedById)
    throw commandErrors.COMMAND_OWN({});
  await tx.query('update device_command set state = $2, decided_at = $3, decided_by = $4, note = $5 where id = $1', [
    id,
    to,
    new Date(nowMs),
    by.name,
    note ?? null,
  ]);
  await audit(tx, nowMs, by, [{ subject: 'command', subjectId: id, action: to, data: note ? { note } : {} }]);
  return getCommand(tx, id);
}

/** Marks a command as being sent now; null when it must not be. `again`: the device may have missed it. */
export async function markSent(tx: Tx, id: string, again: boolean, nowMs: number): Promise<DeviceCommand | null> {
  const { rowCount } = await tx.query(
    `update device_command set state = 'sent', sent_at = coalesce(sent_at, $2), sends = sends + 1
      where id = $1 and expires_at > $2 and received_at is null and (state = 'confirmed' or ($3 and state = 'sent'))`,
    [id, new Date(nowMs), again],
  );
  if (rowCount === 0) return null;
  const command = await getCommand(tx, id);
  await audit(tx, nowMs, SYSTEM, [
    { subject: 'command', subjectId: id, action: 'sent', data: { device: command.device, sends: command.sends } },
  ]);
  return command;
}

/** The command's time is over: what was not answered never will be. */
export async function expireCommand(tx: Tx, id: string, nowMs: number): Promise<void> {
  const { rows } = await tx.query<{ state: CommandState }>(
    `update device_command set state = case when state = 'sent' then 'timed_out' else 'expired' end
      where id = $1 and state in ('proposed', 'confirmed', 'sent') returning state`,
    [id],
  );
  if (rows[0]) await audit(tx, nowMs, SYSTEM, [{ subject: 'command', subjectId: id, action: rows[0].state }]);
}

export async function rowOf(tx: Tx, id: string, lock = ''): Promise<Row> {
  const { rows } = await tx.query<Row>(`${SELECT} where c.id = $1 ${lock}`, [id]);
  if (!rows[0]) throw commandErrors.COMMAND_UNKNOWN({ id });
  return rows[0];
}

function standing({ state, expiresAt }: Row, nowMs: number): CommandState {
  const open = state === 'proposed' || state === 'confirmed';
  return open && expiresAt.getTime() <= nowMs ? 'expired' : state;
}

function viewOf({ proposedById: _, ...command }: Row): DeviceCommand {
  return command;
}
