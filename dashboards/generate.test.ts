import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { INTAKE_ALERTS } from './alerts/alertRules.ts';
import { GENERATED, pathOf } from './generate.ts';

test.each(Object.entries(GENERATED))('%s is what the code makes (else: npm run dashboards)', (file, make) => {
  expect(readFileSync(pathOf(file), 'utf8')).toBe(make());
});

test('the alert rules are what Prometheus reads', () => {
  const { groups } = parse(GENERATED['alerts/faultline.rules.yml']!()) as {
    groups: { rules: { alert: string; expr: string; for: string; annotations: Record<string, string> }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.map((rule) => rule.alert)).toEqual(INTAKE_ALERTS.map((rule) => rule.name));
  expect(new Set(rules.map((rule) => rule.alert)).size).toBe(rules.length);
  for (const rule of rules) {
    expect(rule.for).toMatch(/^\d+[smh]$/);
    expect(rule.annotations.action).toBeTruthy();
  }
});

test('each rule names the metrics of its expression, no more and no fewer', () => {
  for (const { name, expr, metrics } of INTAKE_ALERTS) {
    const read = new Set(expr.match(/faultline_[a-z_]+/g) ?? []);
    expect([...read].sort(), name).toEqual([...metrics].sort());
  }
});
