import type { Ledger } from '../attach/index.ts';
import type { Findings, Surroundings, Timeline } from './findings.ts';

const money = new Intl.NumberFormat('en');

/** What happened, in a few lines for a person. */
export function tellStory(
  { anomaly, evidence, order, services, ownerMails }: Findings,
  { sensorOrder, falseAlarms }: Surroundings,
  timeline: Timeline,
): string {
  const lines = [
    `POINT     ${anomaly.pointKey} on ${anomaly.assetName}`,
    `FAULT     ${anomaly.fault}, ${anomaly.level}, confidence ${Math.round(anomaly.confidence * 100)} %`,
    `          ${anomaly.summary.en}`,
    `          ${anomaly.summary.zh}`,
    `BELIEVED  ${because(evidence)}`,
    `ORDER     ${order.number}, priority ${order.priority}, for ${order.assigneeName ?? 'nobody'}`,
    `          ${order.assignments.at(-1)?.choice.because ?? ''}`,
    `          impact: ${order.priorityBasis.impactBecause}; urgency: ${order.priorityBasis.urgencyBecause}`,
  ];
  for (const service of services) {
    lines.push(
      `AT RISK   ${service.name}: ${service.state}, criticality ${service.criticality}, ` +
        `${money.format(service.users)} users, ${money.format(service.costPerHour)} an hour`,
      `          ${service.causeChain.map(({ name }) => name).join(' → ')}`,
    );
  }
  for (const { owner, mail } of ownerMails) {
    const owned = services.filter(({ owners }) => owners.some(({ email }) => email === owner.email));
    lines.push(`TOLD      ${owner.name} <${owner.email}>, who answers for ${owned.map(({ name }) => name).join(', ')}`);
    lines.push(`          “${mail.subject}”`);
  }
  const { sentMs, confirmedMs, orderedMs, notifiedMs } = timeline;
  lines.push(
    `LATENCY   ${latencyOf(timeline)} ms from the last waveform of the confirming run to the last owner's mail: ` +
      `confirmed after ${confirmedMs - sentMs}, order ${orderedMs - confirmedMs} later, mails ${notifiedMs - orderedMs} later`,
  );
  if (sensorOrder) {
    const { number, kind, priority, summary } = sensorOrder;
    lines.push(`SENSOR    ${number}, ${kind}, priority ${priority}: ${summary.en}`);
  }
  const alarms = falseAlarms.map(({ pointKey, fault }) => `${pointKey} ${fault}`).join(', ');
  lines.push(`QUIET     a change of speed, a change of load and a restart raised ${alarms || 'nothing'}`);
  return lines.filter((line) => line.trim() !== '').join('\n');
}

function because({
  basis,
  operating,
  harmonics,
  sidebands,
  features,
  severity,
  rejected,
}: Findings['evidence']): string {
  const lines = harmonics.slice(0, 3).map(({ hz, snrDb }) => `${hz.toFixed(1)} Hz (+${snrDb.toFixed(0)} dB)`);
  const parts = [`basis: ${basis} over ${operating.blocks} blocks`];
  if (lines.length > 0) parts.push(`envelope lines at ${lines.join(', ')}`);
  if (sidebands.length > 0) parts.push(`${sidebands.length} sidebands`);
  const speaking = features.filter(({ speaks }) => speaks).map(({ name }) => name);
  if (speaking.length > 0) parts.push(`above the point's own past: ${speaking.join(', ')}`);
  if (severity) parts.push(`velocity ${severity.velocityRmsMmS.toFixed(2)} mm/s, zone ${severity.zone}`);
  if (rejected.length > 0) parts.push(`rejected: ${rejected.map(({ fault }) => fault).join(', ')}`);
  return parts.join('; ');
}

export function latencyOf({ sentMs, notifiedMs }: Timeline): number {
  return notifiedMs - sentMs;
}

/** The one JSON object that ends a run with `--once`. */
export function lastLine(findings: Findings, around: Surroundings, ledger: Ledger, timeline: Timeline): string {
  const { anomaly, evidence, order, services, owners, ownerMails } = findings;
  const { accepted, stored, duplicate, pending, quarantined, expired, storedCount } = ledger;
  return JSON.stringify({
    anomaly,
    evidence: evidenceWithoutCurves(evidence),
    workOrder: {
      id: order.id,
      number: order.number,
      state: order.state,
      priority: order.priority,
      assignee: order.assigneeName,
      summary: order.summary,
      evidenceUrl: order.evidenceUrl,
    },
    impact: { services, owners },
    sensorOrder: around.sensorOrder,
    falseAlarms: around.falseAlarms,
    notifications: ownerMails.map(({ owner, mail }) => ({
      recipient: owner.name,
      email: owner.email,
      subject: mail.subject,
      receivedAt: new Date(mail.receivedAtMs).toISOString(),
    })),
    ledger: { accepted, stored, duplicate, pending, quarantined, expired },
    storedCount,
    latencyMs: latencyOf(timeline),
  });
}

/** The card without what is drawn of it: the picture has its own address. */
function evidenceWithoutCurves(card: Findings['evidence']): Record<string, unknown> {
  const { trend, spectrum, envelope, ...rest } = card as unknown as Record<string, unknown>;
  return {
    ...rest,
    curves: [trend, spectrum, envelope].filter((curve) => curve !== null && curve !== undefined).length,
  };
}
