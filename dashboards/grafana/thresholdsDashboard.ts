import { bars, DATASOURCE, stat, table, timeSeries } from './panels.ts';

const OF_TENANT = '{tenant=~"$tenant"}';
const CONSOLE = '$console/console/#/thresholds';
const SIMULATE = { title: 'Simulate another value', url: `${CONSOLE}?point=\${__field.labels.point}` };

/** Metrics that the panels read; a test finds each of them at `/metrics`. */
export const THRESHOLD_METRICS = [
  'faultline_threshold_value',
  'faultline_threshold_limit_share',
  'faultline_threshold_alarms',
  'faultline_threshold_faults',
] as const;

const judged = 'found=~"confirmed|false_alarm"';
const precision = (by: string) =>
  `sum${by} (faultline_threshold_alarms{tenant=~"$tenant", found="confirmed"}) / ` +
  `sum${by} (faultline_threshold_alarms{tenant=~"$tenant", ${judged}})`;

const PANELS = [
  stat({
    title: 'Precision',
    description: 'Confirmed among the alarms that people judged, last 91 days',
    place: { x: 0, y: 0, w: 6, h: 4 },
    queries: [{ expr: precision('') }],
    unit: 'percentunit',
  }),
  stat({
    title: 'Recall',
    description: 'Confirmed faults that an anomaly told of, last 91 days',
    place: { x: 6, y: 0, w: 6, h: 4 },
    queries: [
      {
        expr: 'sum (faultline_threshold_faults{tenant=~"$tenant", by="anomaly"}) / sum (faultline_threshold_faults{tenant=~"$tenant"})',
      },
    ],
    unit: 'percentunit',
  }),
  stat({
    title: 'Alarms that nobody has judged',
    description: 'Each of them, closed with what was found, makes the other figures truer',
    place: { x: 12, y: 0, w: 6, h: 4 },
    queries: [{ expr: 'sum (faultline_threshold_alarms{tenant=~"$tenant", found="open"})' }],
  }),
  stat({
    title: 'Points beyond their limit',
    description: 'Of the hundred nearest to their limits in each plant',
    place: { x: 18, y: 0, w: 6, h: 4 },
    queries: [{ expr: `count (faultline_threshold_limit_share${OF_TENANT} >= 1) or vector(0)` }],
  }),
  timeSeries({
    title: 'Feature against its limit',
    description:
      'Distance from normal as a share of the limit: at 1 the feature speaks. Click a line to simulate another value',
    place: { x: 0, y: 4, w: 24, h: 10 },
    queries: [
      {
        expr: 'faultline_threshold_limit_share{tenant=~"$tenant", point=~"$point"}',
        legend: '{{point}} {{feature}}',
      },
    ],
    links: [SIMULATE],
    limit: 1,
    unit: 'percentunit',
  }),
  table({
    title: 'Thresholds in force',
    description: 'What was set, where, and by whom; everywhere else the defaults hold',
    place: { x: 0, y: 14, w: 24, h: 8 },
    queries: [{ expr: `faultline_threshold_value${OF_TENANT}` }],
    columns: ['tenant', 'setting', 'level', 'scope', 'feature', 'regime', 'author', 'Value'],
    links: [{ title: 'Open in the console', url: CONSOLE }],
  }),
  bars({
    title: 'Alarms by detector and what was found',
    description: 'Confirmed anomalies of the last 91 days',
    place: { x: 0, y: 22, w: 12, h: 9 },
    queries: [
      {
        expr: `sum by (detector, found) (faultline_threshold_alarms${OF_TENANT}) > 0`,
        legend: '{{detector}}: {{found}}',
      },
    ],
  }),
  table({
    title: 'Precision per detector',
    description: 'Confirmed among the judged alarms, last 91 days; recall belongs to all detectors together',
    place: { x: 12, y: 22, w: 12, h: 9 },
    queries: [{ expr: precision(' by (detector, fault)') }],
    columns: ['detector', 'fault', 'Value'],
    unit: 'percentunit',
  }),
];

const variable = (name: string, label: string, query: string) => ({
  ...{ name, label, type: 'query', datasource: DATASOURCE, query: { query, refId: name }, definition: query },
  ...{ includeAll: true, allValue: '.*', multi: true, refresh: 2, sort: 1 },
  current: { text: 'All', value: '$__all' },
});

/** Thresholds in force, how near points are to them, what fired, and how good that was. */
export function thresholdsDashboard(): string {
  const dashboard = {
    ...{ uid: 'faultline-thresholds', title: 'Faultline: thresholds', tags: ['faultline'], schemaVersion: 41 },
    ...{ editable: true, refresh: '1m', time: { from: 'now-7d', to: 'now' }, timezone: 'browser' },
    links: [{ type: 'link', title: 'Simulate and apply', url: CONSOLE, targetBlank: true }],
    templating: {
      list: [
        { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' },
        variable('tenant', 'Plant', 'label_values(faultline_threshold_faults, tenant)'),
        variable('point', 'Point', `label_values(faultline_threshold_limit_share${OF_TENANT}, point)`),
        {
          ...{ name: 'console', label: 'Address of Faultline', type: 'textbox', query: 'http://127.0.0.1:8080' },
          current: { text: 'http://127.0.0.1:8080', value: 'http://127.0.0.1:8080' },
        },
      ],
    },
    panels: PANELS.map((panel, i) => ({ id: i + 1, ...panel })),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
