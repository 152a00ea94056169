import { useWords } from '../i18n/i18n.ts';
import type { CiCard } from './answers.ts';
import { hrefOf } from './place.ts';

/** What an answer says in the place of a CI that its reader may not see. */
const WITHHELD = 'restricted';

export const isNamed = ({ ciId }: Pick<CiCard, 'ciId'>): boolean => ciId !== WITHHELD;

/** A CI's name and the way to its page; of one that is withheld, that there is one. */
export function CiLink({ ci }: { ci: Pick<CiCard, 'ciId' | 'name'> }) {
  const { t } = useWords();
  if (!isNamed(ci)) return <span className="muted">{t('cm.restricted')}</span>;
  return <a href={hrefOf('cis', ci.ciId)}>{ci.name}</a>;
}
