import { useWords } from '../i18n/i18n.ts';
import type { Pages } from './usePages.ts';

/** Turns the pages of a list; nothing where there is only one. */
export function Pager({ of }: { of: Pick<Pages<unknown>, 'page' | 'hasMore' | 'turn'> }) {
  const { t } = useWords();
  if (of.page === 0 && !of.hasMore) return null;
  return (
    <p className="pager">
      <button type="button" disabled={of.page === 0} onClick={() => of.turn(-1)}>
        {t('cm.previous')}
      </button>
      <span className="muted">{t('cm.page', { page: of.page + 1 })}</span>
      <button type="button" disabled={!of.hasMore} onClick={() => of.turn(1)}>
        {t('cm.next')}
      </button>
    </p>
  );
}
