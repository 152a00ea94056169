import type { Tx } from '../../../platform/index.ts';
import { audit } from '../audit/audit.ts';
import { commandAnswer } from './command.ts';

const MAX_ANSWER_BYTES = 64 * 1024;

/** What became of an answer; everything but `taken` and `repeated` is a problem of its device. */
export type AnswerOutcome = { kind: 'taken' | 'repeated' | 'late' } | { kind: 'malformed' | 'unknown'; reason: string };

/**
 * Takes a device's answer: `received`, then `done` or `failed`, matched by id. A repetition changes nothing; an answer
 * after the command's time is kept with it and the command stays timed out.
 */
export async function takeAnswer(tx: Tx, device: string, payload: Buffer, nowMs: number): Promise<AnswerOutcome> {
  if (payload.length > MAX_ANSWER_BYTES)
    return { kind: 'malformed', reason: `an answer of ${payload.length} bytes; ${MAX_ANSWER_BYTES} are allowed` };
  const parsed = commandAnswer.safeParse(jsonOf(payload));
  if (!parsed.success)
    return { kind: 'malformed', reason: 'answer with {"id": …, "status": "received" | "done" | "failed", …}' };
  const answer = parsed.data;
  const { rows } = await tx.query<{ state: string; sends: number; received_at: Date | null; answered_at: Date | null }>(
    `select c.state, c.sends, c.received_at, c.answered_at from device_command c
       join device d on d.tenant_id = c.tenant_id and d.id = c.device_id
      where c.id = $1 and d.name = $2 for update of c`,
    [answer.id, device],
  );
  const command = rows[0];
  if (!command || command.sends === 0)
    return { kind: 'unknown', reason: `no command ${answer.id} was sent to this device` };
  const isFinal = answer.status !== 'received';
  if (isFinal ? command.answered_at !== null : command.received_at !== null) return { kind: 'repeated' };
  const late = command.state !== 'sent';
  const by = { id: null, name: `device ${device}`, source: null };
  const at = new Date(nowMs);
  if (isFinal)
    await tx.query(
      `update device_command set received_at = coalesce(received_at, $2), answered_at = $2, answer = $3::jsonb,
         state = case when state = 'sent' then $4 else state end where id = $1`,
      [answer.id, at, JSON.stringify(answer), answer.status],
    );
  else await tx.query('update device_command set received_at = $2 where id = $1', [answer.id, at]);
  const action = isFinal ? 'answered' : 'received';
  const data = { status: answer.status, ...(late ? { late: true } : {}) };
  await audit(tx, nowMs, by, [{ subject: 'command', subjectId: answer.id, action, data }]);
  return { kind: late ? 'late' : 'taken' };
}

function jsonOf(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return null;
  }
}
