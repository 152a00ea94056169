import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import type { CiCard, Supposed } from '../answers.ts';
import { CiLink } from '../CiLink.tsx';
import { useModel } from '../useModel.ts';

const SHOWN = 10;

/** Which single loss would take a service down next, if what is supposed were so. */
export function NextLosses({ ci, supposed }: { ci: string; supposed: Supposed }) {
  const { t } = useWords();
  const { typeName } = useModel();
  const [isWhole, setWhole] = useState(false);
  const failed = [...supposed.fail, ...supposed.maintain.map((one) => ({ ci: one, state: 'down' as const }))];
  const losses = useQuery({
    queryKey: ['cmdb-next-losses', ci, failed],
    queryFn: () =>
      api<{ alreadyDown: boolean; losses: (CiCard & { distance: number })[] }>('/cmdb/next-losses', {
        method: 'POST',
        body: { ci, failed },
      }),
  });
  const { data } = losses;
  return (
    <div role="status">
      <Failure of={losses} />
      {losses.isPending && <p className="muted">{t('app.loading')}</p>}
      {data?.alreadyDown && <p className="muted">{t('wb.alreadyDown')}</p>}
      {data && !data.alreadyDown && data.losses.length === 0 && <p className="good">{t('wb.noSingleLoss')}</p>}
      {data && data.losses.length > 0 && (
        <ul className="plain">
          {data.losses.slice(0, isWhole ? undefined : SHOWN).map((one) => (
            <li key={one.ciId}>
              <CiLink ci={one} /> <span className="muted">{typeName(one.type)}</span>
            </li>
          ))}
          {!isWhole && data.losses.length > SHOWN && (
            <li>
              <button type="button" className="link" onClick={() => setWhole(true)}>
                {t('gr.andMore', { count: data.losses.length - SHOWN })}
              </button>
            </li>
          )}
        </ul>
      )}
    </div>
  );
}
