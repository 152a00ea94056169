import type { Sql } from '../platform/index.ts';
import type { Recipient, Status } from './message.ts';
import type { TemplateKind } from './templates/fields.ts';

/** One message to one recipient and what became of it. */
export interface Notification {
  readonly id: string;
  readonly recipient: Recipient;
  readonly template: TemplateKind;
  readonly params: Readonly<Record<string, unknown>>;
  readonly link: string | null;
  /** Opened by the delivery alone. */
  readonly sealedAnswerLink: Buffer | null;
  readonly dedupeKey: string;
  readonly status: Status;
  /** Why it has not been sent (yet). */
  readonly reason: string | null;
  readonly attempts: number;
  /** Failures since it was asked for, or since it was last sent again by hand. */
  readonly failures: number;
  /** Keys of the channels that refused it for good. */
  readonly refusedBy: readonly string[];
  readonly nextAttemptAt: Date | null;
  readonly createdAt: Date;
  readonly sentAt: Date | null;
}

interface Row extends Omit<Notification, 'recipient'> {
  ref: string;
  name: string;
  email: string | null;
  phone: string | null;
  locale: string;
}

const COLUMNS = `n.id, n.recipient_ref as ref, n.recipient_name as name, n.recipient_email as email,
  n.recipient_phone as phone, n.recipient_locale as locale, n.template, n.params, n.link,
  n.sealed_answer_link as "sealedAnswerLink", n.dedupe_key as "dedupeKey",
  n.status, n.reason, n.attempts, n.failures, n.refused_by as "refusedBy", n.next_attempt_at as "nextAttemptAt",
  n.created_at as "createdAt", n.sent_at as "sentAt"`;

/** Runs a query on `notification n` whose place for the columns is `$columns`. */
export async function queryNotifications(tx: Sql, text: string, values: readonly unknown[]): Promise<Notification[]> {
  const { rows } = await tx.query<Row>(
    text.replace('$columns', () => COLUMNS),
    values,
  );
  return rows.map(({ ref, name, email, phone, locale, ...rest }) => ({
    ...rest,
    recipient: { ref, name, locale, ...(email !== null && { email }), ...(phone !== null && { phone }) },
  }));
}
