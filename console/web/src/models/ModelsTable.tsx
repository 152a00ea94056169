import { useQuery } from '@tanstack/react-query';
import { api } from '../api.ts';
import { countText } from '../i18n/figures.ts';
import { useWords } from '../i18n/i18n.ts';
import { Table } from '../shell/Table.tsx';
import type { Agreement, Drift, Model } from './answers.ts';
import { Stages } from './Stages.tsx';

const REFRESH_MS = 30_000;

/** Every model with what decides whether it may speak. */
export function ModelsTable({
  models,
  chosen,
  choose,
}: {
  models: Model[];
  chosen: string | null;
  choose: (id: string | null) => void;
}) {
  const { t } = useWords();
  return (
    <Table
      heads={[t('md.model'), t('md.stage'), t('md.contract'), t('md.drift'), t('md.latency'), t('md.agreement'), '']}
    >
      {models.map((model) => (
        <tr key={model.id} className={model.id === chosen ? 'chosen' : ''}>
          <td>
            <strong>{model.name}</strong> {model.version}
            <div className="muted">{t(`origin.${model.origin}`)}</div>
          </td>
          <td className="nowrap">
            <Stages model={model} />
          </td>
          <td>
            <code>{model.contract.input.definition}</code>
            <div className="muted">{outputText(model)}</div>
          </td>
          <td className="nowrap">
            <DriftState id={model.id} />
          </td>
          <td className="nowrap">
            {model.report ? t('md.p99', { value: Math.round(model.report.p99Us) }) : t('md.notTimed')}
          </td>
          <td>
            <AgreementOf id={model.id} />
          </td>
          <td>
            <button type="button" onClick={() => choose(model.id === chosen ? null : model.id)}>
              {t(model.id === chosen ? 'md.close' : 'md.open')}
            </button>
          </td>
        </tr>
      ))}
    </Table>
  );
}

export function outputText({ contract: { output } }: Model): string {
  return output.kind === 'classes' ? output.classes.join(' / ') : `${output.name}, ${output.unit}`;
}

const BADGES = { learning: '', stable: 'good', watch: 'bad', drifted: 'bad' } as const;

function DriftState({ id }: { id: string }) {
  const { t, language } = useWords();
  const { data } = useQuery({
    queryKey: ['model-drift', id],
    queryFn: () => api<{ drift: Drift | null }>(`/models/${id}/drift`),
    refetchInterval: REFRESH_MS,
  });
  if (!data) return null;
  if (!data.drift) return <span className="muted">{t('drift.never')}</span>;
  const { state, rows } = data.drift;
  return (
    <>
      <span className={`badge ${BADGES[state]}`}>{t(`drift.${state}`)}</span>
      <div className="muted">{t('md.rows', { count: countText(rows, language) })}</div>
    </>
  );
}

function AgreementOf({ id }: { id: string }) {
  const { t, language } = useWords();
  const { data } = useQuery({
    queryKey: ['model-agreement', id],
    queryFn: () => api<Agreement>(`/models/${id}/agreement`),
    refetchInterval: REFRESH_MS,
  });
  if (!data) return null;
  const { share, observations, ...counts } = data;
  if (share === null) return <span className="muted">{t('md.noAgreement')}</span>;
  const { bothSpeak, bothSilent, onlyModel, onlyFault } = counts;
  return (
    <>
      {t('md.agrees', { share: (100 * share).toFixed(1), count: countText(observations, language) })}
      <div className="muted">{t('md.agreeDetail', { bothSpeak, bothSilent, onlyModel, onlyFault })}</div>
    </>
  );
}
