import { timeText } from '../i18n/figures.ts';
import { useWords, type Words } from '../i18n/i18n.ts';
import type { Model, Scope } from './answers.ts';

export function scopeText(scope: Scope, t: Words): string {
  return scope.kind === 'all' ? t('scope.all') : t(`scope.${scope.kind}`, { key: scope.key });
}

const BADGES = { live: 'good', shadow: '', retired: 'muted' } as const;

/** A model's stage in each scope that sets one; the narrowest that holds a point decides there. */
export function Stages({ model: { stages } }: { model: Model }) {
  const { t, language } = useWords();
  if (stages.length === 0) return <span className="muted">{t('stage.none')}</span>;
  return stages.map(({ scope, stage, since }) => (
    <div key={scopeText(scope, t)}>
      <span className={`badge ${BADGES[stage]}`}>{t(`stage.${stage}`)}</span> {scopeText(scope, t)}
      <div className="muted">
        {since ? t('md.since', { since: timeText(new Date(since), language) }) : t('md.asShipped')}
      </div>
    </div>
  ));
}
