import { z } from 'zod';
import type { Tx } from '../../platform/index.ts';
import type { AlertSource } from './alert.ts';

/** What an alert means for the state of its CI; `ignored` alerts are kept and change nothing. */
export const ALERT_STATES = ['degraded', 'down', 'ignored'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** How the alerts of one source find their CI, and what they mean for it. */
export const alertMappingSchema = z
  .object({
    ciLabels: z
      .array(z.string().min(1).max(200))
      .min(1)
      .max(50)
      .describe('labels that may name the CI, by its key or by its name; the first that names exactly one decides'),
    severities: z
      .record(z.string().min(1).max(60).toLowerCase(), z.enum(ALERT_STATES))
      .describe("state of the CI by the alert's severity; `*` is any other"),
    recoveryMinutes: z
      .number()
      .min(0)
      .max(1440)
      .describe('how long a CI must be well before its incident is closed: one that flaps has one incident'),
  })
  .strict();
export type AlertMapping = z.infer<typeof alertMappingSchema>;

const PROMETHEUS: AlertMapping = {
  ciLabels: [
    'ci',
    'ci_key',
    'host',
    'hostname',
    'nodename',
    'node',
    'instance',
    'device',
    'pod',
    'container',
    'service',
    'job',
  ],
  severities: { critical: 'down', page: 'down', error: 'down', info: 'ignored', none: 'ignored', '*': 'degraded' },
  recoveryMinutes: 2,
};

/** What a tenant has until it writes its own. */
export const DEFAULT_MAPPINGS: Readonly<Record<AlertSource, AlertMapping>> = {
  alertmanager: PROMETHEUS,
  grafana: PROMETHEUS,
  zabbix: {
    ciLabels: ['ci', 'host', 'host_name', 'service', 'component'],
    severities: { disaster: 'down', high: 'down', average: 'degraded', warning: 'degraded', '*': 'ignored' },
    recoveryMinutes: 2,
  },
};

export async function readMapping(tx: Tx, source: AlertSource): Promise<AlertMapping> {
  const { rows } = await tx.query<{ document: unknown }>(
    'select document from cmdb_alert_mapping where tenant_id = $1 and source = $2',
    [tx.tenantId, source],
  );
  return rows[0] ? alertMappingSchema.parse(rows[0].document) : DEFAULT_MAPPINGS[source];
}

export async function writeMapping(tx: Tx, source: AlertSource, mapping: AlertMapping, author: string, at: Date) {
  await tx.query(
    `insert into cmdb_alert_mapping (tenant_id, source, document, author, changed_at) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, source) do update set document = $3, author = $4, changed_at = $5`,
    [tx.tenantId, source, JSON.stringify(mapping), author, at],
  );
}

/** The state that a severity means. */
export function stateOf(mapping: AlertMapping, severity: string): AlertState {
  return mapping.severities[severity] ?? mapping.severities['*'] ?? 'degraded';
}
