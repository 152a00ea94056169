import { useQuery } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { timeText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import type { Neighbour, Page } from '../answers.ts';
import { CiLink } from '../CiLink.tsx';
import { hrefOf } from '../place.ts';

interface OnCall {
  calendar: { id: string; name: string };
  person: { ciId: string; name: string } | null;
  until: string;
}

const ROLES = { accountable: 'owner.accountable', deputy: 'owner.deputy' } as const;

/** Who answers for a CI. */
export function OwnersSection({ ciId }: { ciId: string }) {
  const { t, language } = useWords();
  const owners = useQuery({
    queryKey: ['cmdb-owners', ciId],
    queryFn: () => api<Page<Neighbour>>(`/cmdb/cis/${ciId}/neighbours?direction=out&type=OWNED_BY`),
  });
  const onCall = useQuery({
    queryKey: ['cmdb-on-call', ciId],
    queryFn: () => api<{ items: OnCall[] }>(`/cmdb/on-call?ciId=${ciId}`),
  });
  return (
    <section className="card" aria-label={t('ci.owners')}>
      <h3>{t('ci.owners')}</h3>
      <Failure of={owners} />
      {owners.isPending && <p className="muted">{t('app.loading')}</p>}
      <Failure of={onCall} />
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
      {onCall.data?.items.map(({ calendar, person, until }) => (
        <p key={calendar.id}>
          {t('ci.onCall', { calendar: calendar.name, until: timeText(new Date(until), language) })}{' '}
          {person ? <CiLink ci={person} /> : <span className="bad">{t('ci.nobodyOnCall')}</span>}
        </p>
      ))}
    </section>
  );
}
