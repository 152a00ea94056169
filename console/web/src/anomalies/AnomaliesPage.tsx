import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Me } from '../api.ts';
import { timeText } from '../i18n/figures.ts';
import { useWords } from '../i18n/i18n.ts';
import { Failure } from '../shell/Failure.tsx';
import { Table } from '../shell/Table.tsx';
import type { Anomaly } from './answers.ts';
import { EvidenceSection } from './EvidenceSection.tsx';

const STATUSES = ['confirmed', 'suspected', 'closed'] as const;
const REFRESH_MS = 5000;

/** What was found wrong, newest first, and why each finding is believed. */
export function AnomaliesPage({ me }: { me: Me }) {
  const { t, language } = useWords();
  const [status, setStatus] = useState<Anomaly['status']>('confirmed');
  const [chosenId, setChosenId] = useState<string | null>(null);
  const list = useQuery({
    queryKey: ['anomalies', status],
    queryFn: () => api<{ items: Anomaly[] }>(`/anomalies?status=${status}`),
    refetchInterval: REFRESH_MS,
    enabled: me.permissions.includes('anomalies:read'),
  });
  if (!me.permissions.includes('anomalies:read')) return <p className="alarm">{t('app.forbidden')}</p>;
  const items = list.data?.items ?? [];
  const chosen = items.find(({ id }) => id === chosenId) ?? items[0];
  return (
    <>
      <div className="titleline">
        <h1>{t('an.title')}</h1>
        <label>
          {t('an.status')}{' '}
          <select value={status} onChange={(event) => setStatus(event.target.value as Anomaly['status'])}>
            {STATUSES.map((name) => (
              <option key={name} value={name}>
                {t(`an.${name}`)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p className="muted">{t('an.lead')}</p>
      <Failure of={list} />
      {list.data && items.length === 0 && <p className="muted">{t('an.none')}</p>}
      {items.length > 0 && (
        <Table
          heads={[t('th.when'), t('an.fault'), t('an.asset'), t('an.level'), t('an.zone'), t('an.confidence'), '']}
        >
          {items.map((anomaly) => (
            <tr key={anomaly.id}>
              <td className="nowrap">{timeText(new Date(anomaly.confirmedMs ?? anomaly.firstSeenMs), language)}</td>
              <td className="nowrap">{t(`fault.${anomaly.fault}`)}</td>
              <td>{anomaly.assetName}</td>
              <td className="nowrap">{t(`level.${anomaly.level}`)}</td>
              <td>{anomaly.severityZone}</td>
              <td className="number">{Math.round(100 * anomaly.confidence)} %</td>
              <td>
                <button type="button" disabled={anomaly === chosen} onClick={() => setChosenId(anomaly.id)}>
                  {t('an.show')}
                </button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      {chosen && <EvidenceSection key={chosen.id} anomaly={chosen} />}
    </>
  );
}
