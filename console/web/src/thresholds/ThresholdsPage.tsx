import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Me } from '../api.ts';
import { useWords } from '../i18n/i18n.ts';
import { Failure } from '../shell/Failure.tsx';
import { PointPanel } from './PointPanel.tsx';

/** The point that a link from elsewhere names: `#/thresholds?point=pump-3/de`. */
function pointOfAddress(): string | null {
  return new URLSearchParams(location.hash.split('?')[1] ?? '').get('point');
}

/** What reliability engineers tune by: what holds at a point and why, and what another value would have done. */
export function ThresholdsPage({ me }: { me: Me }) {
  const { t } = useWords();
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState<string | null>(pointOfAddress);
  const points = useQuery({
    queryKey: ['threshold-points', search],
    queryFn: () => api<{ items: { pointKey: string }[] }>(`/thresholds/points?search=${encodeURIComponent(search)}`),
    placeholderData: (before) => before,
  });
  if (!me.permissions.includes('anomalies:read')) return <p className="alarm">{t('app.forbidden')}</p>;
  const keys = points.data?.items.map(({ pointKey }) => pointKey) ?? [];
  const point = chosen ?? keys[0] ?? null;
  return (
    <>
      <div className="titleline">
        <h1>{t('th.title')}</h1>
        <span className="fields">
          <label>
            {t('th.search')} <input value={search} onChange={(event) => setSearch(event.target.value)} />
          </label>
          <label>
            {t('th.point')}{' '}
            <select value={point ?? ''} onChange={(event) => setChosen(event.target.value)}>
              {[...new Set(chosen ? [chosen, ...keys] : keys)].map((key) => (
                <option key={key}>{key}</option>
              ))}
            </select>
          </label>
        </span>
      </div>
      <p className="muted">{t('th.lead')}</p>
      <Failure of={points} />
      {points.data && point === null && <p className="muted">{t('th.none')}</p>}
      {point && <PointPanel key={point} pointKey={point} mayTune={me.permissions.includes('thresholds:write')} />}
    </>
  );
}
