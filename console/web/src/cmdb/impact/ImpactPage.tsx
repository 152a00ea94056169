import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '../../api.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import type { Ci, Verdict, WhatIf } from '../answers.ts';
import type { Place } from '../place.ts';
import { DifferenceTable } from './DifferenceTable.tsx';
import { RootCauses } from './RootCauses.tsx';
import { SinglePoints } from './SinglePoints.tsx';
import { type Choice, SupposedCis, supposedOf } from './SupposedCis.tsx';
import { VerdictSection } from './VerdictSection.tsx';

const REFRESH_MS = 10_000;

/** What breaks: at present, and if something else failed, were worked on, or worked again. */
export function ImpactPage({ place }: { place: Place }) {
  const { t } = useWords();
  const [choices, setChoices] = useState<readonly Choice[]>([]);
  const asked = place.query.get('fail');
  const first = useQuery({
    queryKey: ['cmdb-ci', asked],
    queryFn: () => api<Ci>(`/cmdb/cis/${encodeURIComponent(asked ?? '')}`),
    enabled: asked !== null,
  });
  const { id, name } = first.data ?? {};
  useEffect(() => {
    if (id !== undefined && name !== undefined) setChoices([{ ci: { id, name }, as: 'down' }]);
  }, [id, name]);
  const isSupposing = choices.length > 0;
  const supposed = supposedOf(choices);
  const present = useQuery({
    queryKey: ['cmdb-present'],
    queryFn: () => api<Verdict>('/cmdb/impact?affectedLimit=0'),
    refetchInterval: REFRESH_MS,
  });
  const whatIf = useQuery({
    queryKey: ['cmdb-what-if', supposed],
    queryFn: () => api<WhatIf>('/cmdb/what-if', { method: 'POST', body: { ...supposed, affectedLimit: 0 } }),
    enabled: isSupposing,
    placeholderData: (before) => before,
  });
  return (
    <>
      <h1>{t('wb.title')}</h1>
      <p className="muted">{t('wb.lead')}</p>
      <Failure of={first} />
      <SupposedCis choices={choices} choose={setChoices} present={present.data?.failed ?? []} />
      {isSupposing && (
        <section aria-label={t('wb.verdict')}>
          <Failure of={whatIf} />
          {whatIf.isPending && <p className="muted">{t('app.loading')}</p>}
          {whatIf.data && (
            <>
              <VerdictSection title={t('wb.verdict')} verdict={whatIf.data.verdict} supposed={supposed} />
              <DifferenceTable difference={whatIf.data.difference} />
            </>
          )}
        </section>
      )}
      {!isSupposing && (
        <section aria-label={t('wb.present')}>
          <Failure of={present} />
          {present.isPending && <p className="muted">{t('app.loading')}</p>}
          {present.data && present.data.failed.length === 0 && <p className="card good">{t('wb.allWell')}</p>}
          {present.data && present.data.failed.length > 0 && (
            <VerdictSection title={t('wb.present')} verdict={present.data} supposed={supposed} />
          )}
        </section>
      )}
      <SinglePoints />
      <RootCauses />
    </>
  );
}
