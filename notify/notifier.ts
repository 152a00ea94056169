import { type Clock, newId, type Outbox, type Tx } from '../platform/index.ts';
import { chunks, IDS_PER_EVENT } from './chunks.ts';
import { notifyErrors } from './errors.ts';
import { NotificationRequested } from './events.ts';
import { type MessageRequest, recipientSchema } from './message.ts';
import { absoluteLink, checkParams } from './templates/render.ts';

/** Takes messages inside the caller's transaction: they go out after its commit and never after a rollback. */
export interface Notifier {
  /**
   * Asks for one message.
   *
   * @returns its id; null when the same recipient was asked for under the same key before
   * @throws TEMPLATE_UNKNOWN, TEMPLATE_PARAMS, MESSAGE_LINK
   */
  request(tx: Tx, request: MessageRequest): Promise<string | null>;
  /** Asks for many with a fixed number of statements. @returns the ids of those that are new */
  requestAll(tx: Tx, requests: readonly MessageRequest[]): Promise<string[]>;
}

export function createNotifier(deps: {
  clock: Clock;
  outbox: Outbox;
  /** Called after the commit with what is new; only to be quick, the event is what counts. */
  soon: (tenantId: string, ids: readonly string[]) => void;
}): Notifier {
  const requestAll = async (tx: Tx, requests: readonly MessageRequest[]): Promise<string[]> => {
    if (requests.length === 0) return [];
    const now = new Date(deps.clock.nowMs());
    const { rows } = await tx.query<{ id: string }>(
      `insert into notification (tenant_id, id, recipient_ref, recipient_name, recipient_email, recipient_phone,
                                 recipient_locale, template, params, link, dedupe_key, status, next_attempt_at, created_at)
       select $1, r.id, r.ref, r.name, r.email, r.phone, r.locale, r.template, r.params, r.link, r.dedupe_key, 'pending', $2, $2
         from jsonb_to_recordset($3::jsonb) as r (id uuid, ref text, name text, email text, phone text, locale text,
                                                  template text, params jsonb, link text, dedupe_key text)
        order by r.dedupe_key, r.ref
       on conflict (tenant_id, dedupe_key, recipient_ref) do nothing
       returning id`,
      [tx.tenantId, now, JSON.stringify(requests.map(rowOf))],
    );
    const ids = rows.map((row) => row.id);
    const payloads = chunks(ids, IDS_PER_EVENT).map((notificationIds) => ({
      notificationIds,
      cause: 'requested' as const,
    }));
    await deps.outbox.publishAll(tx, NotificationRequested, payloads);
    if (ids.length > 0) tx.afterCommit(() => deps.soon(tx.tenantId, ids));
    return ids;
  };
  return {
    requestAll,
    request: async (tx, request) => (await requestAll(tx, [request]))[0] ?? null,
  };
}

function rowOf(request: MessageRequest) {
  const { template, params } = checkParams(request.template, request.params);
  const recipient = recipientSchema.safeParse(request.recipient);
  if (!recipient.success) {
    const problems = recipient.error.issues.map((i) => `recipient.${i.path.join('.')}: ${i.message}`).join('; ');
    throw notifyErrors.TEMPLATE_PARAMS({ template, problems }, { field: 'recipient' });
  }
  if (request.link !== undefined) absoluteLink(request.link, undefined);
  const { dedupeKey, link = null } = request;
  return { id: newId(), ...recipient.data, template, params, link, dedupe_key: dedupeKey };
}
