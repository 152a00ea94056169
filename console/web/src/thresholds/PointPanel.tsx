import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api, pathOf } from '../api.ts';
import { countText, timeText } from '../i18n/figures.ts';
import { useWords } from '../i18n/i18n.ts';
import { Failure } from '../shell/Failure.tsx';
import type { PointThresholds, Setting, SimulationResult } from './answers.ts';
import { ChangesSection } from './ChangesSection.tsx';
import { SettingsTable } from './SettingsTable.tsx';
import { SimulateSection } from './SimulateSection.tsx';
import { type Course, TrendChart } from './TrendChart.tsx';

function courseOf(series: NonNullable<SimulationResult['series']>): Course {
  return {
    atMs: series.current.map(({ atMs }) => atMs),
    value: series.current.map(({ value }) => value),
    now: series.current.map(({ upper }) => upper),
    proposed: series.proposed.map(({ upper }) => upper),
  };
}

/** One point: its feature's course, what holds there, what may be tried, and what was changed. */
export function PointPanel({ pointKey, mayTune }: { pointKey: string; mayTune: boolean }) {
  const { t, language } = useWords();
  const [setting, setSetting] = useState<string | null>(null);
  const [chosenFeature, setFeature] = useState<string | null>(null);
  const [series, setSeries] = useState<SimulationResult['series']>(null);
  const catalogue = useQuery({
    queryKey: ['threshold-catalogue'],
    queryFn: () => api<{ items: Setting[] }>('/thresholds/catalogue'),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const point = useQuery({
    queryKey: ['thresholds', pointKey],
    queryFn: () => api<PointThresholds>(`/points/${pathOf(pointKey)}/thresholds`),
  });
  const feature = chosenFeature ?? point.data?.features[0] ?? null;
  const trend = useQuery({
    queryKey: ['feature', pointKey, feature],
    queryFn: () =>
      api<{ items: { atMs: number; value: number }[] }>(
        `/points/${pathOf(pointKey)}/features/${encodeURIComponent(feature ?? '')}`,
      ),
    enabled: feature !== null,
  });
  const course = useMemo<Course | null>(() => {
    if (series && series.feature === feature) return courseOf(series);
    const items = trend.data?.items ?? [];
    if (items.length === 0) return null;
    return { atMs: items.map((i) => i.atMs), value: items.map((i) => i.value), now: null, proposed: null };
  }, [series, feature, trend.data]);

  const { data } = point;
  if (!data || !catalogue.data)
    return (
      <>
        <Failure of={point} />
        <Failure of={catalogue} />
      </>
    );
  const { history } = data;
  return (
    <>
      <p className="muted">
        {data.machine && `${data.machine.name}${data.machine.machineClass ? ` (${data.machine.machineClass})` : ''} · `}
        {history
          ? t('th.history', {
              count: countText(history.observations, language),
              since: timeText(new Date(history.fromMs), language),
            })
          : t('th.noHistory')}
        {` · ${t('th.version', { version: data.version })}`}
      </p>
      <label>
        {t('th.feature')}{' '}
        <select value={feature ?? ''} onChange={(event) => setFeature(event.target.value)}>
          {data.features.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      {feature && course && <TrendChart feature={feature} course={course} />}
      {mayTune && setting && (
        <SimulateSection
          key={setting}
          point={data}
          setting={catalogue.data.items.find(({ name }) => name === setting)!}
          feature={feature}
          onResult={(result) => setSeries(result?.series ?? null)}
        />
      )}
      <SettingsTable
        point={data}
        catalogue={catalogue.data.items}
        onTry={mayTune ? setSetting : null}
        tried={setting}
      />
      <ChangesSection pointKey={pointKey} catalogue={catalogue.data.items} mayTune={mayTune} />
    </>
  );
}
