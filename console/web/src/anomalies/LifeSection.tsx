import { useQuery } from '@tanstack/react-query';
import { api } from '../api.ts';
import { durationText, timeText } from '../i18n/figures.ts';
import { useWords } from '../i18n/i18n.ts';
import { Failure } from '../shell/Failure.tsx';
import type { RemainingLife } from './answers.ts';

const REFRESH_MS = 30_000;
const HOUR_S = 3600;

/** How long the asset is expected to last, as an interval with its method, or why that is not told. */
export function LifeSection({ anomalyId }: { anomalyId: string }) {
  const { t } = useWords();
  const anomaly = useQuery({
    queryKey: ['anomaly', anomalyId],
    queryFn: () => api<{ remainingLife: RemainingLife }>(`/anomalies/${anomalyId}`),
    refetchInterval: REFRESH_MS,
  });
  return (
    <>
      <h3>{t('life.title')}</h3>
      <Failure of={anomaly} />
      {anomaly.data && <LifeText life={anomaly.data.remainingLife} />}
    </>
  );
}

function LifeText({ life }: { life: RemainingLife }) {
  const { t, language } = useWords();
  if (life.kind === 'withheld') return <p className="muted">{t(`life.${life.reason}`)}</p>;
  const { lowHours, medianHours, highHours, confidence, asOfMs } = life;
  const hours = (value: number) => durationText(value * HOUR_S, t);
  const sided = highHours === null ? (1 + confidence) / 2 : confidence;
  const ends = { low: hours(lowHours), percent: Math.round(100 * sided) };
  return (
    <p>
      {highHours === null ? t('life.open', ends) : t('life.interval', { ...ends, high: hours(highHours) })}{' '}
      {t('life.median', { median: hours(medianHours) })}
      <span className="muted"> {t('life.method', { since: timeText(new Date(asOfMs), language) })}</span>
    </p>
  );
}
