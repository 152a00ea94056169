import { useWords } from '../../i18n/i18n.ts';
import type { CiBrief, Step, Supposed } from '../answers.ts';
import { CiPicker } from '../CiPicker.tsx';

const WAYS = ['down', 'degraded', 'maintain', 'restore'] as const;

/** A CI and what becomes of it. */
export interface Choice {
  readonly ci: Pick<CiBrief, 'id' | 'name'>;
  readonly as: (typeof WAYS)[number];
}

export function supposedOf(choices: readonly Choice[]): Supposed {
  const of = (as: Choice['as']) => choices.filter((one) => one.as === as).map(({ ci }) => ci.id);
  return {
    fail: (['down', 'degraded'] as const).flatMap((state) => of(state).map((ci) => ({ ci, state }))),
    maintain: of('maintain'),
    restore: of('restore'),
  };
}

/** Puts a supposition together. */
export function SupposedCis({
  choices,
  choose,
  present,
}: {
  choices: readonly Choice[];
  choose: (choices: readonly Choice[]) => void;
  /** What is not well by itself, and could be supposed to work again. */
  present: readonly Step[];
}) {
  const { t } = useWords();
  const add = (ci: Choice['ci'], as: Choice['as']) =>
    choose([...choices.filter((one) => one.ci.id !== ci.id), { ci, as }]);
  const mendable = present.filter(({ ciId }) => choices.every(({ ci }) => ci.id !== ciId));
  return (
    <section className="card" aria-label={t('wb.suppose')}>
      <h3>{t('wb.suppose')}</h3>
      <CiPicker label={t('wb.add')} onPick={(ci) => add(ci, 'down')} />
      {choices.length === 0 && <p className="muted">{t('wb.nothingSupposed')}</p>}
      <ul className="plain supposed">
        {choices.map(({ ci, as }) => (
          <li key={ci.id}>
            <strong>{ci.name}</strong>{' '}
            <select
              value={as}
              aria-label={t('wb.becomes', { name: ci.name })}
              onChange={(event) =>
                choose(
                  choices.map((one) => (one.ci.id === ci.id ? { ci, as: event.target.value as Choice['as'] } : one)),
                )
              }
            >
              {WAYS.map((way) => (
                <option key={way} value={way}>
                  {t(`wb.as.${way}`)}
                </option>
              ))}
            </select>{' '}
            <button type="button" onClick={() => choose(choices.filter((one) => one.ci.id !== ci.id))}>
              {t('wb.takeOut')}
            </button>
          </li>
        ))}
      </ul>
      {mendable.length > 0 && (
        <p className="actions">
          {t('wb.mend')}{' '}
          {mendable.slice(0, 8).map(({ ciId, name }) => (
            <button key={ciId} type="button" onClick={() => add({ id: ciId, name }, 'restore')}>
              {name}
            </button>
          ))}
        </p>
      )}
    </section>
  );
}
