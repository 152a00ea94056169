import type { Api } from '../attach/index.ts';
import type { Mail } from '../mail.ts';

/** An anomaly as the API lists it; only what the story needs. */
export interface Anomaly {
  id: string;
  faultKey: string;
  pointKey: string;
  assetName: string;
  fault: string;
  basis: string;
  level: string;
  confidence: number;
  severityZone: string | null;
  summary: { en: string; zh: string };
  confirmedMs: number | null;
  /** Arrival of the block that confirmed it. */
  lastWaveformMs: number;
}

export interface EvidenceCard {
  basis: string;
  confidence: number;
  severity: { zone: string; velocityRmsMmS: number } | null;
  operating: { speedRpm: number | null; blocks: number };
  harmonics: { order: number; hz: number; snrDb: number }[];
  sidebands: { order: number; hz: number; snrDb: number }[];
  features: { name: string; value: number; unit: string; centre: number | null; speaks: boolean }[];
  rejected: { fault: string; reason: { en: string; zh: string } }[];
  cannotTell: { en: string; zh: string } | null;
}

export interface Owner {
  name: string;
  email: string | null;
  locale: string;
  role: string;
}

export interface Service {
  key: string;
  name: string;
  state: 'degraded' | 'down';
  criticality: number;
  costPerHour: number;
  users: number;
  owners: Owner[];
  causeChain: { name: string; state: string }[];
  redundancyLeft: string | null;
}

export interface WorkOrder {
  id: string;
  number: string;
  state: string;
  faultKey: string | null;
  fault: string;
  priority: string;
  priorityBasis: { impactBecause: string; urgencyBecause: string };
  summary: { en: string; zh: string };
  assetName: string;
  evidenceUrl: string | null;
  assigneeName: string | null;
  queueReason: string | null;
  createdAt: string;
  verdict: { affectedCount: number; services: Service[] } | null;
  assignments: { technicianName: string; choice: { because: string } }[];
}

/** When each stage of the confirming run was over, ms since the epoch. */
export interface Timeline {
  /** The last waveform of the confirming run was handed to the network. */
  sentMs: number;
  confirmedMs: number;
  orderedMs: number;
  /** The last owner's mail was in the mailbox. */
  notifiedMs: number;
}

/** Everything that came of the failing bearing. */
export interface Findings {
  anomaly: Anomaly;
  evidence: EvidenceCard;
  order: WorkOrder;
  services: Service[];
  owners: Owner[];
  /** The message that told each owner. */
  ownerMails: { owner: Owner; mail: Mail }[];
}

/** The confirmed anomaly of a device, as soon as there is one. */
export async function findAnomaly(api: Api, device: string): Promise<Anomaly | undefined> {
  const anomalies = await api.list<Anomaly>('/api/v1/anomalies?limit=200&status=confirmed');
  return anomalies.find(({ pointKey }) => pointKey.startsWith(`${device}/`));
}

/** Whether a subject is of the mail to an owner: somebody may be told as the line's leader, too. */
function tellsOf(subject: string, order: WorkOrder, owned: readonly Service[]): boolean {
  return subject.includes(order.number) && owned.some(({ name }) => subject.includes(name));
}

/** The rest of the story, as soon as the order is dispatched and every owner has got a mail. */
export async function followAnomaly(api: Api, anomaly: Anomaly, mails: readonly Mail[]): Promise<Findings | undefined> {
  const orders = await api.list<{ id: string; faultKey: string | null }>('/api/v1/work-orders?limit=200');
  const opened = orders.find(({ faultKey }) => faultKey === anomaly.faultKey);
  if (!opened) return undefined;
  const order = await api.get<WorkOrder>(`/api/v1/work-orders/${opened.id}`);
  const services = order.verdict?.services ?? [];
  const owners = [
    // Deputies are told only when nobody of these acknowledges.
    ...new Map(
      services
        .flatMap((service) => service.owners)
        .filter((owner) => owner.role !== 'deputy')
        .map((owner) => [owner.email, owner]),
    ).values(),
  ];
  const ownerMails = owners.flatMap((owner) => {
    const owned = services.filter((service) => service.owners.some(({ email }) => email === owner.email));
    const mail = mails.find(({ to, subject }) => to.includes(owner.email ?? '') && tellsOf(subject, order, owned));
    return mail ? [{ owner, mail }] : [];
  });
  if (order.assigneeName === null || owners.length === 0 || ownerMails.length < owners.length) return undefined;
  const evidence = await api.get<EvidenceCard>(`/api/v1/anomalies/${anomaly.id}/evidence`);
  return { anomaly, evidence, order, services, owners, ownerMails };
}

/** Dates the stages; `sentBefore` knows when the failing machine's last waveform before a moment was sent. */
export function timelineOf(
  { anomaly, order, ownerMails }: Findings,
  sentBefore: (momentMs: number) => number | undefined,
): Timeline {
  const confirmedMs = anomaly.confirmedMs ?? anomaly.lastWaveformMs;
  // Later waveforms of the same anomaly move `lastWaveformMs` on; the confirming run ended before the confirmation.
  const sentMs = sentBefore(Math.min(anomaly.lastWaveformMs, confirmedMs));
  if (sentMs === undefined) throw new Error('the anomaly was confirmed before any waveform of the machine was sent');
  return {
    sentMs,
    confirmedMs,
    orderedMs: Date.parse(order.createdAt),
    notifiedMs: Math.max(...ownerMails.map(({ mail }) => mail.receivedAtMs)),
  };
}

/** What is missing while the story does not go on; for the failure's message. */
export async function whatIsMissing(api: Api, anomaly: Anomaly | undefined, mails: readonly Mail[]): Promise<string> {
  if (!anomaly) return 'no anomaly was confirmed on the failing machine';
  const orders = await api.list<WorkOrder>('/api/v1/work-orders?limit=200');
  const order = orders.find(({ faultKey }) => faultKey === anomaly.faultKey);
  if (!order) return `the anomaly ${anomaly.id} was confirmed, but no work order was opened`;
  if (order.assigneeName === null)
    return `${order.number} was not dispatched: ${order.queueReason ?? 'no reason given'}`;
  return `${order.number} was dispatched, but not every owner got a mail (${mails.length} mails in all)`;
}

/** What came of a plant that is otherwise well: the order for a stuck sensor, and false alarms, of which there are none. */
export interface Surroundings {
  sensorOrder: { number: string; kind: string; priority: string; summary: { en: string } } | undefined;
  /** Confirmed anomalies of other machines than the failing one, sensors left out. */
  falseAlarms: { pointKey: string; fault: string }[];
}

export async function lookAround(api: Api, failingDevice: string, stuckPoint: string): Promise<Surroundings> {
  const anomalies = await api.list<Anomaly>('/api/v1/anomalies?limit=200&status=confirmed');
  const orders = await api.list<NonNullable<Surroundings['sensorOrder']> & { faultKey: string | null }>(
    '/api/v1/work-orders?limit=200',
  );
  const sensorOrder = orders.find(({ faultKey }) => faultKey === `point:${stuckPoint}:sensor`);
  const falseAlarms = anomalies
    .filter(({ fault, pointKey }) => fault !== 'sensor' && !pointKey.startsWith(`${failingDevice}/`))
    .map(({ pointKey, fault }) => ({ pointKey, fault }));
  return { sensorOrder, falseAlarms };
}
