import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api.ts';
import { countText, timeText } from '../i18n/figures.ts';
import { useWords } from '../i18n/i18n.ts';
import { Failure } from '../shell/Failure.tsx';
import { Table } from '../shell/Table.tsx';
import type { Drift, Model, Step } from './answers.ts';
import { outputText } from './ModelsTable.tsx';
import { BUTTONS, type Move, StageDialog } from './StageDialog.tsx';
import { scopeText } from './Stages.tsx';

const MOVES = ['live', 'shadow', 'retired', 'rollback'] as const;
const MOST_INPUTS = 5;

/** One model: what it promises, what it has seen, what became of it, and the way to another stage. */
export function ModelPanel({ model, mayChange }: { model: Model; mayChange: boolean }) {
  const { t } = useWords();
  const [move, setMove] = useState<Move | null>(null);
  return (
    <section aria-label={`${model.name} ${model.version}`}>
      <h2>
        {model.name} {model.version}
      </h2>
      <div className="fields">
        {mayChange &&
          MOVES.map((to) => (
            <button key={to} type="button" onClick={() => setMove(to)}>
              {t(BUTTONS[to])}
            </button>
          ))}
        <a href={`/api/v1/models/${model.id}/file`}>{t('md.download')}</a>
      </div>
      {move && <StageDialog model={model} move={move} close={() => setMove(null)} />}
      <div className="cards">
        <ContractCard model={model} />
        <DriftCard id={model.id} />
      </div>
      <History id={model.id} />
    </section>
  );
}

function ContractCard({ model }: { model: Model }) {
  const { t, language } = useWords();
  const { contract, sha256 } = model;
  const { input, samplingRateHz, windowSamples, training } = contract;
  const count = (value: number) => countText(value, language);
  const rates = { min: count(samplingRateHz.min), max: count(samplingRateHz.max), samples: count(windowSamples.min) };
  const lines = [
    [t('md.purpose'), contract.purpose],
    [t('md.inputs'), t('md.inputsText', { count: input.features.length, definition: input.definition })],
    [t('md.rates'), t('md.ratesText', rates)],
    [t('md.output'), outputText(model)],
    [t('md.training'), t('md.trainingText', { ...training, rows: count(training.rows) })],
    [
      t('md.validation'),
      Object.entries(contract.validation)
        .map(([name, value]) => `${name}: ${value}`)
        .join(' · '),
    ],
    [t('md.hash'), sha256],
  ] as const;
  return (
    <div className="card">
      <h3>{t('md.contract')}</h3>
      <dl className="lines">
        {lines.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function DriftCard({ id }: { id: string }) {
  const { t } = useWords();
  const drift = useQuery({
    queryKey: ['model-drift', id],
    queryFn: () => api<{ drift: Drift | null }>(`/models/${id}/drift`),
  });
  const seen = drift.data?.drift;
  const moved = (seen?.inputs ?? [])
    .flatMap(({ name, index }) => (index === null ? [] : [{ name, index }]))
    .toSorted((a, b) => b.index - a.index)
    .slice(0, MOST_INPUTS);
  return (
    <div className="card">
      <h3>{t('md.driftInputs')}</h3>
      <Failure of={drift} />
      {drift.data && !seen && <p className="muted">{t('drift.never')}</p>}
      {seen && (
        <p className="muted">
          {t(`drift.${seen.state}`)}, {t(`md.reference.${seen.reference}`)}
        </p>
      )}
      {moved.length > 0 && (
        <table>
          <thead>
            <tr>
              <th>{t('md.inputs')}</th>
              <th className="number">{t('md.index')}</th>
            </tr>
          </thead>
          <tbody>
            {moved.map(({ name, index }) => (
              <tr key={name}>
                <td>{name}</td>
                <td className="number">{index.toFixed(3)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function History({ id }: { id: string }) {
  const { t, language } = useWords();
  const history = useQuery({
    queryKey: ['model-history', id],
    queryFn: () => api<{ items: Step[] }>(`/models/${id}/history`),
  });
  return (
    <>
      <h3>{t('md.history')}</h3>
      <Failure of={history} />
      {history.data?.items.length === 0 && <p className="muted">{t('md.noHistory')}</p>}
      {history.data && history.data.items.length > 0 && (
        <Table heads={[t('md.when'), t('md.step'), t('md.where'), t('md.who'), t('md.why')]}>
          {history.data.items.map(({ id, at, from, to, scope, author, reason }) => (
            <tr key={id}>
              <td className="nowrap">{timeText(new Date(at), language)}</td>
              <td className="nowrap">
                {t(`stage.${from ?? 'none'}`)} → {t(`stage.${to}`)}
              </td>
              <td>{scopeText(scope, t)}</td>
              <td>{author}</td>
              <td>{reason}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}
