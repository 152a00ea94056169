import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, api } from '../api.ts';
import { countText } from '../i18n/figures.ts';
import { useWords } from '../i18n/i18n.ts';
import type { Change, Edit, PointThresholds, Scope, Setting, Simulation, SimulationResult } from './answers.ts';
import { ResultTables } from './ResultTables.tsx';

const DAY_MS = 86_400_000;
const POLL_MS = 700;
const NOWHERE: Scope = { machineClass: null, machineId: null, pointKey: null, feature: null, regime: null };
type Place = 'point' | 'machine' | 'class' | 'tenant';

function scopeAt(place: Place, { pointKey, machine }: PointThresholds, feature: string | null): Scope {
  const own = { ...NOWHERE, feature };
  switch (place) {
    case 'point':
      return { ...own, pointKey };
    case 'machine':
      return { ...own, machineId: machine?.id ?? null };
    case 'class':
      return { ...own, machineClass: machine?.machineClass ?? null };
    case 'tenant':
      return own;
    default:
      return place satisfies never;
  }
}

/** A value to try: simulated on the history, looked at, and only then applied. */
export function SimulateSection({
  point,
  setting,
  feature,
  onResult,
}: {
  point: PointThresholds;
  setting: Setting;
  feature: string | null;
  onResult: (result: SimulationResult | null) => void;
}) {
  const { t, language, said } = useWords();
  const queries = useQueryClient();
  const held = point.settings.find((own) => own.setting === setting.name);
  const [place, setPlace] = useState<Place>('point');
  const [onlyFeature, setOnlyFeature] = useState('');
  const [run, setRun] = useState<{ simulation: Simulation; edits: Edit[] } | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [applied, setApplied] = useState<number | null>(null);

  const guarded = async (work: () => Promise<void>) => {
    setBusy(true);
    setFailure(null);
    try {
      await work();
    } catch (error) {
      setFailure(error instanceof ApiError && error.status > 0 ? error.message : t('app.unreachable'));
    } finally {
      setBusy(false);
    }
  };

  const simulate = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const scope = scopeAt(place, point, setting.perFeature && onlyFeature !== '' ? onlyFeature : null);
    const edits: Edit[] = [{ setting: setting.name, scope, value: Number(form.get('value')) }];
    void guarded(async () => {
      setRun(null);
      setApplied(null);
      const body = {
        edits,
        ...(place === 'point' ? { pointKeys: [point.pointKey] } : {}),
        fromMs: Math.max(0, Date.now() - Number(form.get('days')) * DAY_MS),
        closeAfterHours: Number(form.get('closeAfter')),
        ...(feature ? { watch: feature } : {}),
      };
      let simulation = await api<Simulation>('/thresholds/simulate', { method: 'POST', body });
      while (simulation.status === 'waiting' || simulation.status === 'running') {
        setRun({ simulation, edits });
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        simulation = await api<Simulation>(`/thresholds/simulations/${simulation.id}`);
      }
      setRun({ simulation, edits });
      onResult(simulation.result);
    });
  };

  const apply = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!run) return;
    const reason = String(new FormData(event.currentTarget).get('reason'));
    void guarded(async () => {
      const change = await api<Change>('/thresholds/changes', { method: 'POST', body: { edits: run.edits, reason } });
      const done = await api<Change>(`/thresholds/changes/${change.id}/apply`, {
        method: 'POST',
        body: { simulationId: run.simulation.id },
      });
      setApplied(done.version);
      await queries.invalidateQueries({ queryKey: ['thresholds'] });
      await queries.invalidateQueries({ queryKey: ['threshold-changes'] });
    });
  };

  const result = run?.simulation.result ?? null;
  const places: Place[] = [
    'point',
    ...(point.machine ? (['machine'] as const) : []),
    ...(point.machine?.machineClass ? (['class'] as const) : []),
    ...(setting.default === null ? [] : (['tenant'] as const)),
  ];
  return (
    <section className="card">
      <h2>
        {t('th.form')}: {setting.label[said]}
      </h2>
      <p className="muted">{setting.meaning[said]}</p>
      <form className="fields" onSubmit={simulate}>
        <label>
          {t('th.newValue')} ({t('th.range', { min: setting.min, max: setting.max, unit: setting.unit })}){' '}
          <input
            name="value"
            type="number"
            required
            min={setting.min}
            max={setting.max}
            step={setting.whole ? 1 : 'any'}
            defaultValue={held?.value ?? ''}
          />
        </label>
        <label>
          {t('th.scope')}{' '}
          <select value={place} onChange={(event) => setPlace(event.target.value as Place)}>
            {places.map((at) => (
              <option key={at} value={at}>
                {t(`source.${at}`)}
              </option>
            ))}
          </select>
        </label>
        {setting.perFeature && (
          <label>
            {t('th.feature')}{' '}
            <select value={onlyFeature} onChange={(event) => setOnlyFeature(event.target.value)}>
              <option value="">{t('th.everyFeature')}</option>
              {point.features.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
        <label>
          {t('th.days')} <input name="days" type="number" min="0.01" max="730" step="any" defaultValue={35} required />
        </label>
        <label>
          {t('th.closeAfter')}{' '}
          <input name="closeAfter" type="number" min="0.01" max="2160" step="any" defaultValue={72} required />
        </label>
        <button type="submit" disabled={busy}>
          {t('th.run')}
        </button>
      </form>
      {failure && (
        <p className="alarm" role="alert">
          {failure}
        </p>
      )}
      {run && result === null && run.simulation.status !== 'failed' && (
        <p className="muted">
          {t('th.running', {
            done: countText(run.simulation.done, language),
            total: countText(run.simulation.total, language),
          })}
        </p>
      )}
      {run?.simulation.status === 'failed' && <p className="alarm">{run.simulation.reason}</p>}
      {result && (
        <>
          <ResultTables result={result} />
          {applied === null ? (
            <form className="fields" onSubmit={apply}>
              <label>
                {t('th.reason')} <input name="reason" required maxLength={1000} size={50} />
              </label>
              <button type="submit" disabled={busy}>
                {t('th.apply')}
              </button>
            </form>
          ) : (
            <p className="good">{t('th.applied', { version: applied })}</p>
          )}
        </>
      )}
    </section>
  );
}
