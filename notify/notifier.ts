import { type Clock, jsonArray, jsonSequence, newId, type Outbox, type Sealer, type Tx } from '../platform/index.ts';
import { chunks, IDS_PER_EVENT } from './chunks.ts';
import { notifyErrors } from './errors.ts';
import { NotificationRequested } from './events.ts';
import { answerLinkOf, type MessageRequest, recipientSchema } from './message.ts';
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
  sealer: Sealer;
  outbox: Outbox;
  /** Called after the commit with what is new; only to be quick, the event is what counts. */
  soon: (tenantId: string, ids: readonly string[]) => void;
}): Notifier {
  const requestAll = async (tx: Tx, requests: readonly MessageRequest[]): Promise<string[]> => {
    if (requests.length === 0) return [];
    const now = new Date(deps.clock.nowMs());
    const ids = await insert(
      tx,
      requests.map((request) => rowOf(request, deps.sealer)),
      now,
    );
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

/** Inserts the messages that are new, in the order of their keys: two batches with the same ones never wait in a circle. */
async function insert(tx: Tx, messages: readonly MessageRow[], now: Date): Promise<string[]> {
  // A plant's few people get all of its messages: each is sent to the server once.
  const people = new Map(messages.map(({ recipient }) => [JSON.stringify(recipient), recipient]));
  const placeOf = new Map([...people.keys()].map((person, i) => [person, i + 1]));
  const recipients = [...people.values()];
  const { rows } = await tx.query<{ id: string }>(
    `insert into notification (tenant_id, id, recipient_ref, recipient_name, recipient_email, recipient_phone,
                               recipient_locale, template, params, link, sealed_answer_link, dedupe_key, status, next_attempt_at, created_at)
     select $1, m.id, r.ref, r.name, r.email, r.phone, r.locale, m.template, m.params, m.link, m.sealed_answer_link,
            m.dedupe_key, 'pending', $2, $2
       from unnest($3::uuid[], $4::integer[], $5::text[], ${jsonArray('$6', 'json')}, $7::text[], $8::text[], $14::bytea[])
              as m (id, recipient, template, params, link, dedupe_key, sealed_answer_link)
       join unnest($9::text[], $10::text[], $11::text[], $12::text[], $13::text[]) with ordinality
              as r (ref, name, email, phone, locale, place) on r.place = m.recipient
      order by r.ref, m.dedupe_key
     on conflict (tenant_id, recipient_ref, dedupe_key) do nothing
     returning id`,
    [
      tx.tenantId,
      now,
      messages.map((m) => m.id),
      messages.map((m) => placeOf.get(JSON.stringify(m.recipient))),
      messages.map((m) => m.template),
      jsonSequence(messages.map((m) => m.params)),
      messages.map((m) => m.link),
      messages.map((m) => m.dedupeKey),
      recipients.map((r) => r.ref),
      recipients.map((r) => r.name),
      recipients.map((r) => r.email ?? null),
      recipients.map((r) => r.phone ?? null),
      recipients.map((r) => r.locale),
      messages.map((m) => m.sealed),
    ],
  );
  return rows.map((row) => row.id);
}

type MessageRow = ReturnType<typeof rowOf>;

function rowOf(request: MessageRequest, sealer: Sealer) {
  const { template, params } = checkParams(request.template, request.params);
  const recipient = recipientSchema.safeParse(request.recipient);
  if (!recipient.success) {
    const problems = recipient.error.issues.map((i) => `recipient.${i.path.join('.')}: ${i.message}`).join('; ');
    throw notifyErrors.TEMPLATE_PARAMS({ template, problems }, { field: 'recipient' });
  }
  if (request.link !== undefined) absoluteLink(request.link, undefined);
  const { dedupeKey, link = null, answerLink } = request;
  if (answerLink !== undefined) absoluteLink(answerLink, undefined);
  const id = newId();
  const sealed = answerLink === undefined ? null : sealer.seal(answerLink, answerLinkOf(id));
  return { id, recipient: recipient.data, template, params, link, sealed, dedupeKey };
}
