import { stringify } from 'yaml';
import { type AlertRule, INTAKE_ALERTS } from './alertRules.ts';

/** Prometheus' own form of alert rules (`promtool check rules` accepts it). */
export function prometheusRules(rules: readonly AlertRule[] = INTAKE_ALERTS): string {
  const groups = [
    {
      name: 'faultline-intake',
      interval: '15s',
      rules: rules.map((rule) => ({
        alert: rule.name,
        expr: rule.expr,
        for: rule.for,
        labels: { severity: rule.severity },
        annotations: { summary: rule.summary, action: rule.action },
      })),
    },
  ];
  return `# Made by \`npm run dashboards\` from dashboards/alerts/alertRules.ts: change it there.\n${stringify({ groups }, { lineWidth: 0 })}`;
}
