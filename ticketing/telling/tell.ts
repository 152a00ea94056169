import { grantLinks } from '../../platform/index.ts';
import { type LogEntry, SYSTEM } from '../orders/log.ts';
import type { Order } from '../orders/order.ts';
import { aboutOrder, ownerMessage } from '../response/messages.ts';
import type { Unit } from '../unit.ts';
import { insertNotices, type Notice, noticeFor } from './notices.ts';
import type { TellingPlan } from './plan.ts';
import type { OwnersPolicy } from './policy.ts';

/** Where the link of a message leads: a page that asks before it says anything to us. */
const PAGE = '/console/#/acknowledge/';
const HOUR_MS = 3_600_000;
const MOST_NAMED = 20;

/** An order with who is to be told of it. */
export interface Telling {
  readonly order: Order;
  readonly plan: TellingPlan;
}

/** What is known of the telling before the order is written: what its log says, who may read it, and when it escalates. */
export function foretold(
  plan: TellingPlan,
  escalateMinutes: number,
  nowMs: number,
): { entries: LogEntry[]; concerned: string[]; escalationDueAt: Date | null } {
  const first = plan.recipients.filter(({ later }) => !later);
  const data = {
    told: first.slice(0, MOST_NAMED).map(({ name, roles }) => ({ name, roles })),
    toldCount: first.length,
    nobodyFor: plan.nobodyFor.slice(0, MOST_NAMED),
    onCallGaps: plan.onCallGaps.slice(0, MOST_NAMED),
  };
  const says = first.length + plan.nobodyFor.length + plan.onCallGaps.length > 0;
  return {
    entries: says ? [{ kind: 'owners_told', actor: SYSTEM, data }] : [],
    concerned: plan.recipients.flatMap(({ email }) => (email === null ? [] : [email.toLowerCase()])),
    escalationDueAt: plan.recipients.length === 0 ? null : new Date(nowMs + escalateMinutes * 60_000),
  };
}

/** Writes who is told and who is told later, and sends the messages of the former: for any number of orders at once. */
export async function tellOwners(unit: Unit, policy: OwnersPolicy, tellings: readonly Telling[]): Promise<void> {
  const drafts = tellings.flatMap(({ order, plan }) =>
    plan.recipients.map((recipient) => ({
      order,
      notice: noticeFor(recipient, order.id, recipient.later ? null : unit.at, false),
    })),
  );
  await insertNotices(
    unit.tx,
    drafts.map(({ notice }) => notice),
  );
  await sendNotices(
    unit,
    policy,
    drafts.filter(({ notice }) => notice.toldAt !== null),
  );
}

/** Sends the message of each notice, with a link of its own. */
export async function sendNotices(
  unit: Unit,
  policy: OwnersPolicy,
  all: readonly { readonly order: Order; readonly notice: Notice }[],
  unacknowledgedMinutes: number | null = null,
): Promise<void> {
  const grants = all.map(({ notice: { id, name } }) => ({
    ...{ permission: 'orders:acknowledge' as const, subject: id, name },
  }));
  const secrets = await grantLinks(unit.tx, grants, unit.nowMs, policy.linkHours * HOUR_MS);
  for (const [i, { order, notice }] of all.entries()) {
    const request = ownerMessage(aboutOrder(order), notice, unacknowledgedMinutes);
    unit.message({ ...request, answerLink: `${PAGE}${secrets[i]}` });
  }
}
