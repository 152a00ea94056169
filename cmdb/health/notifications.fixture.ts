/** A webhook notification of Alertmanager, in the form that version 0.28 sends. */
export function alertmanagerNotification(
  alerts: readonly {
    fingerprint: string;
    status?: 'firing' | 'resolved';
    labels: Record<string, string>;
    startsAt: string;
    endsAt?: string;
    summary?: string;
  }[],
) {
  return {
    version: '4',
    groupKey: '{}:{alertname="InstanceDown"}',
    truncatedAlerts: 0,
    status: alerts.some(({ status }) => status !== 'resolved') ? 'firing' : 'resolved',
    receiver: 'faultline',
    groupLabels: { alertname: 'InstanceDown' },
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager:9093',
    alerts: alerts.map(({ status = 'firing', summary = 'Instance down', endsAt, ...alert }) => ({
      ...alert,
      status,
      annotations: { summary },
      endsAt: endsAt ?? '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus:9090/graph?g0.expr=up+%3D%3D+0',
    })),
  };
}
