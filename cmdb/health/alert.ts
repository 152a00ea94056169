/** The monitoring systems whose notifications are understood, each in its own words. */
export const ALERT_SOURCES = ['alertmanager', 'grafana', 'zabbix'] as const;
export type AlertSource = (typeof ALERT_SOURCES)[number];

/** One alert, whoever told it. */
export interface Alert {
  /** The same in every notification of one alert, until it is over. */
  readonly fingerprint: string;
  readonly firing: boolean;
  /** In the source's words, lower-cased; empty when the notification does not say. */
  readonly severity: string;
  readonly title: string;
  /** What it is about, as names and values; empty when only the end of an alert is told. */
  readonly labels: Readonly<Record<string, string>>;
  readonly startedAtMs: number;
  /** When it was over; null while it fires. */
  readonly endedAtMs: number | null;
  /** Where the monitoring system shows it. */
  readonly url: string | null;
}
