import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, pathOf } from '../api.ts';
import { useWords } from '../i18n/i18n.ts';
import { Failure } from '../shell/Failure.tsx';
import type { Fit } from './answers.ts';

const PROGRESS_MS = 1000;
const hasEnded = (fit: Fit | undefined) => fit?.status === 'finished' || fit?.status === 'failed';

/** Orders a model that Faultline fits to a point's own baseline, and follows it. */
export function FitSection() {
  const { t } = useWords();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<string | null>(null);
  const points = useQuery({
    queryKey: ['waveform-points'],
    queryFn: () => api<{ items: { pointKey: string; kind: string }[] }>('/thresholds/points'),
  });
  const order = useMutation({
    mutationFn: (pointKey: string) => api<Fit>(`/points/${pathOf(pointKey)}/models`, { method: 'POST', body: {} }),
  });
  const fit = useQuery({
    queryKey: ['model-fit', order.data?.id],
    queryFn: async () => {
      const now = await api<Fit>(`/model-fits/${order.data?.id}`);
      if (hasEnded(now)) await queries.invalidateQueries({ queryKey: ['models'] });
      return now;
    },
    enabled: order.data !== undefined,
    refetchInterval: ({ state }) => (hasEnded(state.data) ? false : PROGRESS_MS),
  });
  const keys = (points.data?.items ?? []).filter(({ kind }) => kind === 'waveform').map(({ pointKey }) => pointKey);
  const point = chosen ?? keys[0];
  const start = (event: FormEvent) => {
    event.preventDefault();
    if (point) order.mutate(point);
  };
  const now = fit.data;
  return (
    <section aria-label={t('md.fit')}>
      <h2>{t('md.fit')}</h2>
      <p className="muted">{t('md.fitLead')}</p>
      <Failure of={points} />
      {points.data && keys.length === 0 && <p className="muted">{t('md.noPoints')}</p>}
      {point && (
        <form className="fields" onSubmit={start}>
          <label>
            {t('md.point')}{' '}
            <select value={point} onChange={(event) => setChosen(event.target.value)}>
              {keys.map((key) => (
                <option key={key}>{key}</option>
              ))}
            </select>
          </label>
          <button type="submit" disabled={order.isPending || (now !== undefined && !hasEnded(now))}>
            {t('md.startFit')}
          </button>
        </form>
      )}
      <Failure of={order} />
      <Failure of={fit} />
      {now && (
        <p role="status">
          {t(`md.fit.${now.status}`, { percent: now.percent, rows: now.rows ?? 0, reason: now.reason ?? '' })}
        </p>
      )}
    </section>
  );
}
