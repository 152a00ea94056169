import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { INTAKE_ALERTS } from './alerts/alertRules.ts';
import { GENERATED, pathOf } from './generate.ts';
import { THRESHOLD_METRICS } from './grafana/thresholdsDashboard.ts';

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

interface Panel {
  id: number;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig: { defaults: { links: { url: string }[] } };
  targets: { expr: string }[];
}
const { panels, templating } = JSON.parse(GENERATED['grafana/thresholds.generated.json']!()) as {
  panels: Panel[];
  templating: { list: { name: string }[] };
};

test('the panels of the thresholds read the metrics that they name, and use no variable that is not there', () => {
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const read = new Set(expressions.flatMap((expr) => expr.match(/faultline_[a-z_]+/g) ?? []));
  expect([...read].sort()).toEqual([...THRESHOLD_METRICS].sort());
  const known = new Set(templating.list.map(({ name }) => name));
  const urls = panels.flatMap(({ fieldConfig }) => fieldConfig.defaults.links.map(({ url }) => url));
  expect(urls.some((url) => url.includes('/console/#/thresholds?point='))).toBe(true);
  for (const text of [...expressions, ...urls]) {
    for (const [, name] of text.matchAll(/\$\{?([a-z]+)\b/g)) expect([...known, '__field'], text).toContain(name);
    expect(text.match(/\(/g)?.length ?? 0, text).toBe(text.match(/\)/g)?.length ?? 0);
  }
});

test('no panel lies on another, and each fits into the 24 columns', () => {
  const taken = new Map<string, string>();
  for (const { title, gridPos } of panels) {
    expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(taken.get(`${x} ${y}`), title).toBeUndefined();
        taken.set(`${x} ${y}`, title);
      }
    }
  }
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});
