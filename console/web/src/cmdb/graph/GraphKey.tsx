import { useWords } from '../../i18n/i18n.ts';
import { SIGNS } from '../StateMark.tsx';

/** What the signs and lines of the picture mean. */
export function GraphKey({ facts = false }: { facts?: boolean }) {
  const { t } = useWords();
  return (
    <p className="graphKey">
      {(['ok', 'degraded', 'down', 'planned'] as const).map((state) => (
        <span key={state} className={`mark ${state}`}>
          <span aria-hidden="true">{SIGNS[state]}</span> {t(`state.${state}`)}
        </span>
      ))}
      <span className="lineKey">{t('gr.keyLine')}</span>
      <span className="lineKey carrying">{t('gr.keyCarrying')}</span>
      {facts && <span className="lineKey fact">{t('gr.keyFact')}</span>}
      <span className="muted">{t('gr.keyGroup')}</span>
    </p>
  );
}
