import type { Anomaly } from '../intake/anomaly.ts';
import type { Order, Summary } from '../orders/order.ts';
import type { Contact, MessageRequest } from '../ports.ts';
import type { Priority } from '../priority/policy.ts';
import { type Notice, roleWord } from '../telling/notices.ts';

/** What every message about a fault says. `number` is null while no order exists. */
export interface About {
  readonly orderId: string | null;
  readonly number: string | null;
  /** What the message is about, once per recipient: the fault's key and its order. */
  readonly dedupe: string;
  readonly summary: Summary;
  readonly assetName: string;
  readonly fault: string;
  readonly level: string | null;
  readonly priority: Priority;
  readonly evidenceUrl: string | null;
  readonly sinceMs: number;
}

export function aboutOrder(order: Order): About {
  return {
    orderId: order.id,
    number: order.number,
    dedupe: `${order.faultKey ?? 'manual'}/${order.id}`,
    summary: order.summary,
    assetName: order.assetName,
    fault: order.fault,
    level: order.level,
    priority: order.priority,
    evidenceUrl: order.evidenceUrl,
    sinceMs: (order.firstSeenAt ?? order.createdAt).getTime(),
  };
}

/** What is said about an anomaly for which the rules want no order. */
export function aboutAnomaly(anomaly: Anomaly, priority: Priority): About {
  return {
    orderId: null,
    number: null,
    dedupe: `${anomaly.faultKey}/${anomaly.anomalyId}`,
    summary: anomaly.summary,
    assetName: anomaly.assetName,
    fault: anomaly.fault,
    level: anomaly.level,
    priority,
    evidenceUrl: anomaly.evidenceUrl,
    sinceMs: anomaly.firstSeenAtMs,
  };
}

type Person = Omit<Contact, 'locale'> & { readonly locale: string };

function message(about: About, person: Person, template: string, params: Record<string, unknown>): MessageRequest {
  const link = about.orderId === null ? about.evidenceUrl : `/work-orders/${about.orderId}`;
  const locale = person.locale.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
  return {
    recipient: {
      name: person.name,
      ...(person.email ? { email: person.email } : {}),
      ...(person.phone ? { phone: person.phone } : {}),
      locale,
      ref: person.ciId,
    },
    template,
    params: {
      orderNumber: about.number,
      priority: about.priority,
      asset: about.assetName,
      fault: about.fault,
      level: about.level,
      summary: locale === 'zh-CN' ? about.summary.zh : about.summary.en,
      since: new Date(about.sinceMs).toISOString(),
      evidenceUrl: about.evidenceUrl,
      ...params,
    },
    dedupeKey: `${template}/${about.dedupe}`,
    ...(link ? { link } : {}),
  };
}

/**
 * One message per owner, however many services they have: the worst is explained by its cause chain and the redundancy
 * that is left, the others are named.
 *
 * @param unacknowledgedMinutes for how long nobody who was told before has acknowledged; null for who is told first
 */
export function ownerMessage(about: About, notice: Notice, unacknowledgedMinutes: number | null): MessageRequest {
  const params = { ...notice.loss, role: roleWord(notice.roles), unacknowledgedMinutes };
  return message(about, { ...notice, ciId: notice.personId }, 'impact-owner', params);
}

/** Tells the owners who were told of an incident that it is over. */
export function restoredMessages(about: About, notices: readonly Notice[], closedMs: number): MessageRequest[] {
  return notices
    .filter(({ toldAt }) => toldAt !== null)
    .map((notice) =>
      message(about, { ...notice, ciId: notice.personId }, 'order-closed', {
        closedAt: new Date(closedMs).toISOString(),
        service: [notice.loss.service, ...notice.loss.otherServices].join(', '),
        downtimeMinutes: Math.max(0, Math.round((closedMs - about.sinceMs) / 60_000)),
      }),
    );
}

/** Tells the technician what to do, by when it must be taken, and why it went to them. */
export function assignmentMessage(
  about: About,
  technician: { userId: string; name: string; email: string | null; phone: string | null; locale: 'zh-CN' | 'en' },
  assignment: { round: number; because: string; acceptDueMs: number; resolutionDueMs: number },
): MessageRequest {
  const { userId, ...person } = technician;
  const request = message(about, { ...person, ciId: userId }, 'assignment-technician', {
    because: assignment.because,
    acceptBy: new Date(assignment.acceptDueMs).toISOString(),
    resolveBy: new Date(assignment.resolutionDueMs).toISOString(),
  });
  // A second round may well come back to the same person, who then has to be told again.
  return { ...request, dedupeKey: `${request.dedupeKey}/${assignment.round}` };
}

/** Tells those who answer for the machine; again when the level has risen. */
export function leaderMessages(about: About, leaders: readonly Contact[]): MessageRequest[] {
  return leaders.map((leader) => atLevel(about, message(about, leader, 'leader-warning', {})));
}

/** Asks the machine's suppliers for support. */
export function supplierMessages(about: About, suppliers: readonly Contact[]): MessageRequest[] {
  return suppliers.map((supplier) => atLevel(about, message(about, supplier, 'supplier-support', {})));
}

function atLevel(about: About, request: MessageRequest): MessageRequest {
  return { ...request, dedupeKey: `${request.dedupeKey}/${about.level}` };
}

/** Tells the leaders that a clock of the order has run out. */
export function overdueMessages(
  about: About,
  leaders: readonly Contact[],
  clock: string,
  dueMs: number,
): MessageRequest[] {
  return leaders.map((leader) => {
    const request = message(about, leader, 'order-overdue', { clock, dueAt: new Date(dueMs).toISOString() });
    return { ...request, dedupeKey: `${request.dedupeKey}/${clock}` };
  });
}
