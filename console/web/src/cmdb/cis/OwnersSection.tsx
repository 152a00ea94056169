import { useQuery } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import type { Neighbour, Page } from '../answers.ts';
import { hrefOf } from '../place.ts';

const ROLES = { accountable: 'owner.accountable', deputy: 'owner.deputy' } as const;

/** Who answers for a CI. */
export function OwnersSection({ ciId }: { ciId: string }) {
  const { t } = useWords();
  const owners = useQuery({
    queryKey: ['cmdb-owners', ciId],
    queryFn: () => api<Page<Neighbour>>(`/cmdb/cis/${ciId}/neighbours?direction=out&type=OWNED_BY`),
  });
  return (
    <section className="card" aria-label={t('ci.owners')}>
      <h3>{t('ci.owners')}</h3>
      <Failure of={owners} />
      {owners.data?.items.length === 0 && <p className="muted">{t('ci.noOwners')}</p>}
      <ul className="plain">
        {owners.data?.items.map(({ relationId, ci, attributes }) => {
          const role = ROLES[attributes.role as keyof typeof ROLES] ?? 'owner.accountable';
          return (
            <li key={relationId}>
              <a href={hrefOf('cis', ci.id)}>{ci.name}</a> <span className="muted">{t(role)}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
