import { useWords } from '../../i18n/i18n.ts';
import type { PartCi } from '../answers.ts';
import { hrefOf } from '../place.ts';
import { StateMark } from '../StateMark.tsx';
import { useModel } from '../useModel.ts';

/** The CI that was chosen in the picture: how it is and why, and where one can go from here. */
export function PickedCi({
  ci,
  isRoot,
  centre,
  open,
}: {
  ci: PartCi;
  isRoot: boolean;
  centre: () => void;
  open: (() => void) | null;
}) {
  const { t } = useWords();
  const { typeName } = useModel();
  const { providers, dependents, facts } = ci.hidden;
  const hidden = providers + dependents + facts;
  const why = ci.state === 'ok' ? 'ok' : ci.planned ? 'planned' : ci.own === null ? 'follows' : 'own';
  return (
    <section className="card picked" aria-label={t('gr.chosen')}>
      <h3>
        {ci.name} <StateMark of={ci} />
      </h3>
      <p className="muted">
        {typeName(ci.type)} · <code>{ci.key}</code> · {t(`gr.why.${why}`)}
      </p>
      <p className="actions">
        <a href={hrefOf('cis', ci.id)}>{t('gr.openCi')}</a>
        <a href={hrefOf('impact', null, { fail: ci.id })}>{t('gr.whatBreaks')}</a>
        {!isRoot && (
          <button type="button" className="link" onClick={centre}>
            {t('gr.centre')}
          </button>
        )}
        {open && hidden > 0 && (
          <button type="button" className="link" onClick={open}>
            {t('gr.open', { count: hidden })}
          </button>
        )}
      </p>
    </section>
  );
}
