import { z } from 'zod';
import type { Alert } from '../alert.ts';

const texts = z.record(z.string(), z.string()).default({});
const instant = z.iso.datetime({ offset: true });

const alert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: texts,
  annotations: texts,
  startsAt: instant,
  endsAt: instant.optional(),
  generatorURL: z.string().optional(),
  fingerprint: z.string().min(1).max(200).optional(),
});

/**
 * A notification of Prometheus Alertmanager (webhook, version 4). Grafana's alerting sends the same with fields of its
 * own beside it; what is not needed here is left alone.
 */
export const prometheusNotification = z
  .object({ status: z.string(), alerts: z.array(alert).max(10_000) })
  .describe('a webhook notification of Prometheus Alertmanager, version 4, or of Grafana alerting');
export type PrometheusNotification = z.infer<typeof prometheusNotification>;

/** The alerts of a notification, in its order. */
export function prometheusAlerts(notification: PrometheusNotification): Alert[] {
  return notification.alerts.map(({ status, labels, annotations, startsAt, endsAt, generatorURL, fingerprint }) => {
    const startedAtMs = Date.parse(startsAt);
    // An alert that fires has a zero end, or the time at which it would be given up.
    const endedAtMs = status === 'resolved' ? Date.parse(endsAt ?? startsAt) : null;
    return {
      fingerprint: fingerprint ?? labelsAsFingerprint(labels),
      firing: status === 'firing',
      severity: (labels.severity ?? labels.priority ?? '').toLowerCase(),
      title: annotations.summary ?? annotations.title ?? labels.alertname ?? annotations.description ?? 'alert',
      labels,
      startedAtMs,
      endedAtMs: endedAtMs === null ? null : Math.max(endedAtMs, startedAtMs),
      url: generatorURL || null,
    };
  });
}

/** Alertmanager before 0.16 sends no fingerprint; its labels are what names an alert there. */
function labelsAsFingerprint(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))).slice(0, 500);
}
