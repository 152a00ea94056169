import { afterAll, beforeAll, expect, test } from 'vitest';
import { INTAKE_ALERTS } from '../../dashboards/alerts/alertRules.ts';
import { THRESHOLD_METRICS } from '../../dashboards/grafana/thresholdsDashboard.ts';
import { type Composed, composed } from './composed.ts';

let platform: Composed;
beforeAll(async () => {
  platform = await composed();
});
afterAll(() => platform.stop());

test('the running platform has every metric that an alert or a dashboard reads', async () => {
  const text = await platform.api.text('/metrics');
  const known = new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map((match) => match[1]));
  const wanted = [...INTAKE_ALERTS.flatMap((rule) => rule.metrics), ...THRESHOLD_METRICS];
  expect(wanted.length).toBeGreaterThan(5);
  expect(wanted.filter((metric) => !known.has(metric))).toEqual([]);
});
