/** One Prometheus alert over Faultline's own metrics. */
export interface AlertRule {
  name: string;
  /** The metrics that the expression reads; a test finds each of them at `/metrics`. */
  metrics: readonly string[];
  expr: string;
  /** How long it must hold before anybody is told. */
  for: string;
  severity: 'page' | 'ticket';
  summary: string;
  /** What to do about it. */
  action: string;
}

/** What whoever runs the intake wants to be told: first that data wait, then that they are refused, then that they may be lost. */
export const INTAKE_ALERTS: readonly AlertRule[] = [
  {
    name: 'FaultlineSpoolFull',
    metrics: ['faultline_ingest_spool_full'],
    expr: 'faultline_ingest_spool_full == 1',
    for: '1m',
    severity: 'page',
    summary: 'The spool is full: acknowledgements are withheld and devices have to wait.',
    action: 'Bring the store back, or give the spool more room (SPOOL_MAX_BYTES, disk). Nothing accepted is lost.',
  },
  {
    name: 'FaultlineSpoolFillsSoon',
    metrics: ['faultline_ingest_spool_hours', 'faultline_ingest_store_held'],
    expr: 'faultline_ingest_store_held == 1 and faultline_ingest_spool_hours < 4',
    for: '2m',
    severity: 'page',
    summary: 'A store refuses, and at the present intake the spool lasts for {{ $value | humanize }} hours.',
    action: 'See why the store refuses (GET /api/v1/operations/spools tells), or give the spool more room.',
  },
  {
    name: 'FaultlineStoreRefuses',
    metrics: ['faultline_ingest_store_held_seconds'],
    expr: 'faultline_ingest_store_held_seconds > 60',
    for: '1m',
    severity: 'page',
    summary: 'Storing has been held for {{ $value | humanizeDuration }}.',
    action: 'The reason stands in the log and on the intake page: engine down, token, quota, disk.',
  },
  {
    name: 'FaultlineStoringLags',
    metrics: ['faultline_ingest_store_lag_bytes', 'faultline_ingest_drained_in_seconds'],
    expr: 'faultline_ingest_store_lag_bytes > 64e6 unless faultline_ingest_drained_in_seconds < 3600',
    for: '10m',
    severity: 'ticket',
    summary: 'More comes in than is stored: {{ $value | humanize1024 }}B wait.',
    action: 'Give the store more power, or ingest more processes.',
  },
  {
    name: 'FaultlineAnalyticsLags',
    metrics: ['faultline_ingest_feed_oldest_seconds'],
    expr: 'faultline_ingest_feed_oldest_seconds > 120',
    for: '5m',
    severity: 'page',
    summary: 'Analytics is {{ $value | humanizeDuration }} behind: faults are found late.',
    action: 'Start more processes with --roles analytics, or raise ANALYSIS_THREADS.',
  },
  {
    name: 'FaultlineSpoolDamaged',
    metrics: ['faultline_ingest_spool_damaged_ranges', 'faultline_ingest_spool_lost_ranges'],
    expr: 'increase(faultline_ingest_spool_damaged_ranges[1h]) > 0 or increase(faultline_ingest_spool_lost_ranges[1h]) > 0',
    for: '0m',
    severity: 'page',
    summary: 'A stretch of the spool cannot be read any more.',
    action:
      'Check the disk. What is known of the messages lies in quarantine as SPOOL_DAMAGED; have the devices send again.',
  },
  {
    name: 'FaultlineSpoolWriteErrors',
    metrics: ['faultline_ingest_spool_write_errors_total'],
    expr: 'increase(faultline_ingest_spool_write_errors_total[15m]) > 0',
    for: '0m',
    severity: 'page',
    summary: 'The spool’s disk refuses writes.',
    action: 'Check the disk; messages are taken again when it recovers.',
  },
  {
    name: 'FaultlineQuarantineGrows',
    metrics: ['faultline_ingest_quarantined_units'],
    expr: 'sum by (reason) (delta(faultline_ingest_quarantined_units[1h])) > 100',
    for: '5m',
    severity: 'ticket',
    summary: '{{ $value | humanize }} samples an hour go into quarantine as {{ $labels.reason }}.',
    action: 'Look at the newest example on the intake page, mend the mapping or the device, then replay the reason.',
  },
  {
    name: 'FaultlineLedgerUnbalanced',
    metrics: ['faultline_ingest_ledger_units'],
    expr: [
      'abs(sum(faultline_ingest_ledger_units{term="accepted"})',
      '- sum(faultline_ingest_ledger_units{term!="accepted"})) > 0',
    ].join(' '),
    for: '10m',
    severity: 'page',
    summary: 'The ledger does not add up by {{ $value }} samples.',
    action: 'This must not happen: keep the log and the database, and tell support.',
  },
  {
    name: 'FaultlineRefusalsRise',
    metrics: ['faultline_ingest_refusals_total'],
    expr: 'sum by (reason) (rate(faultline_ingest_refusals_total[10m])) > 1',
    for: '10m',
    severity: 'ticket',
    summary: 'Connections or packets are refused: {{ $labels.reason }}.',
    action: 'The device’s page names its problem: wrong secret, forbidden topic, oversized packet.',
  },
  {
    name: 'FaultlineEventsDead',
    metrics: ['faultline_outbox_dead'],
    expr: 'sum by (consumer) (faultline_outbox_dead) > 0',
    for: '5m',
    severity: 'page',
    summary: 'Events that {{ $labels.consumer }} could not take were given up.',
    action: 'Mend the cause, then POST /api/v1/outbox/dead/retry.',
  },
  {
    name: 'FaultlineDown',
    metrics: [],
    expr: 'up{job="faultline"} == 0',
    for: '1m',
    severity: 'page',
    summary: 'A Faultline process does not answer.',
    action: 'Start it; devices keep what was not acknowledged and send it again.',
  },
];
