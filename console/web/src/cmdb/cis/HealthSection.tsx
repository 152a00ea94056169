import { useQuery } from '@tanstack/react-query';
import { api, type Me } from '../../api.ts';
import { timeText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import { Table } from '../../shell/Table.tsx';
import type { Alert, Ci, Page } from '../answers.ts';
import { MaintenanceWindows } from './MaintenanceWindows.tsx';

const REFRESH_MS = 10_000;

interface OpenAnomaly {
  id: string;
  fault: 'inner';
  level: 'warning' | 'serious';
  confirmedMs: number | null;
}

/** Why a CI is as it is: alerts of monitoring systems, confirmed anomalies, and announced work. */
export function HealthSection({ ci, me }: { ci: Ci; me: Me }) {
  const { t, language } = useWords();
  const alerts = useQuery({
    queryKey: ['cmdb-alerts', ci.id],
    queryFn: () => api<Page<Alert>>(`/cmdb/alerts?ci=${ci.id}&firing=true`),
    refetchInterval: REFRESH_MS,
  });
  const anomalies = useQuery({
    queryKey: ['cmdb-anomalies', ci.id],
    queryFn: () => api<Page<OpenAnomaly>>(`/anomalies?status=confirmed&assetId=${ci.id}`),
    refetchInterval: REFRESH_MS,
    enabled: me.permissions.includes('anomalies:read'),
  });
  const firing = alerts.data?.items ?? [];
  const found = anomalies.data?.items ?? [];
  return (
    <section aria-label={t('ci.health')}>
      <h2>{t('ci.health')}</h2>
      <Failure of={alerts} />
      <Failure of={anomalies} />
      {alerts.data && firing.length === 0 && found.length === 0 && <p className="muted">{t('ci.noAlerts')}</p>}
      {firing.length > 0 && (
        <Table heads={[t('ci.alert'), t('ci.severity'), t('ci.source'), t('ci.since')]}>
          {firing.map((alert) => (
            <tr key={alert.id}>
              <td>
                {alert.url && /^https?:/.test(alert.url) ? (
                  <a href={alert.url} rel="noreferrer">
                    {alert.title}
                  </a>
                ) : (
                  alert.title
                )}
              </td>
              <td>{alert.severity || '–'}</td>
              <td>{alert.source}</td>
              <td className="nowrap">{timeText(new Date(alert.startedAt), language)}</td>
            </tr>
          ))}
        </Table>
      )}
      {found.map(({ id, fault, level, confirmedMs }) => (
        <p key={id} className="warn">
          <a href="#/anomalies">{t(`fault.${fault}`)}</a> · {t(`level.${level}`)}
          {confirmedMs !== null && ` · ${timeText(new Date(confirmedMs), language)}`}
        </p>
      ))}
      <MaintenanceWindows ci={ci} mayWrite={me.permissions.includes('cmdb:write')} />
    </section>
  );
}
