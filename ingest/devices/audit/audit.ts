import { jsonArray, jsonSequence, newId, type Tx } from '../../../platform/index.ts';

/** What an entry is about. */
export const AUDIT_SUBJECTS = ['device', 'type', 'claim', 'command'] as const;
export type AuditSubject = (typeof AUDIT_SUBJECTS)[number];

/** Who does something: a person, a program with a person's token, a device, or the product itself. */
export interface Actor {
  id: string | null;
  name: string;
  /** The address the request came from; null for what the product does by itself. */
  source: string | null;
}

export const SYSTEM: Actor = { id: null, name: 'system', source: null };

export interface AuditEntry {
  subject: AuditSubject;
  subjectId: string;
  /** In the past tense: `registered`, `rotated`, `confirmed`. */
  action: string;
  /** What changed; never a secret. */
  data?: Record<string, unknown>;
}

export interface AuditedEntry extends Required<AuditEntry> {
  id: string;
  at: Date;
  actor: string;
  actorId: string | null;
  source: string | null;
}

/** Adds entries within the transaction of the change that they tell of. */
export async function audit(tx: Tx, atMs: number, by: Actor, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await tx.query(
    `insert into device_audit (tenant_id, id, at, actor_id, actor, source, subject, subject_id, action, data)
     select $1, e.id, $2, $3, $4, $5, e.subject, e.subject_id, e.action, e.data
       from unnest($6::uuid[], $7::text[], $8::uuid[], $9::text[], ${jsonArray('$10', 'jsonb')})
         as e (id, subject, subject_id, action, data)`,
    [
      tx.tenantId,
      new Date(atMs),
      by.id,
      by.name,
      by.source,
      entries.map(() => newId()),
      entries.map(({ subject }) => subject),
      entries.map(({ subjectId }) => subjectId),
      entries.map(({ action }) => action),
      jsonSequence(entries.map(({ data }) => data ?? {})),
    ],
  );
}

/** The entries about one subject, newest first. */
export async function auditOf(
  tx: Tx,
  subjectId: string,
  page: { limit: number; cursor?: string | undefined },
): Promise<AuditedEntry[]> {
  const { rows } = await tx.query<AuditedEntry>(
    `select id, at, actor, actor_id as "actorId", source, subject, subject_id as "subjectId", action, data
       from device_audit where subject_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
    [subjectId, page.cursor ?? null, page.limit],
  );
  return rows;
}
