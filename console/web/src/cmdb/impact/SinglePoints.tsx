import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api.ts';
import { countText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import { Table } from '../../shell/Table.tsx';
import type { CiCard } from '../answers.ts';
import { CiLink } from '../CiLink.tsx';
import { Pager } from '../Pager.tsx';
import { hrefOf } from '../place.ts';
import { useModel } from '../useModel.ts';

const POLL_MS = 1_000;
const SHOWN = 20;

interface Search {
  done: number;
  total: number;
  points: (CiCard & { servicesDown: number; criticality: number; costPerHour: number; users: number })[] | null;
}

/** Every CI whose loss alone takes a service down; looked for when asked, since the search may take long. */
export function SinglePoints() {
  const { t, language } = useWords();
  const { typeName } = useModel();
  const [isAsked, setAsked] = useState(false);
  const search = useQuery({
    queryKey: ['cmdb-single-points'],
    queryFn: () => api<Search>('/cmdb/single-points-of-failure?limit=200'),
    enabled: isAsked,
    refetchInterval: ({ state }) => (state.data && state.data.points === null ? POLL_MS : false),
  });
  const { data } = search;
  const [page, setPage] = useState(0);
  const points = data?.points ?? [];
  return (
    <section aria-label={t('wb.singlePoints')}>
      <h2>{t('wb.singlePoints')}</h2>
      <p className="muted">{t('wb.singlePointsLead')}</p>
      <button
        type="button"
        disabled={search.isFetching}
        onClick={() => (isAsked ? void search.refetch() : setAsked(true))}
      >
        {t('wb.search')}
      </button>
      <Failure of={search} />
      {(search.isFetching || data?.points === null) && (
        <p>
          <progress aria-label={t('wb.singlePoints')} max={Math.max(1, data?.total ?? 1)} value={data?.done ?? 0} />
          <span className="muted">
            {t('wb.searched', {
              done: countText(data?.done ?? 0, language),
              total: countText(data?.total ?? 0, language),
            })}
          </span>
        </p>
      )}
      {data?.points?.length === 0 && <p className="good">{t('wb.noSinglePoints')}</p>}
      {points.length > 0 && (
        <Table
          heads={[
            t('ci.name'),
            t('ci.type'),
            { number: t('wb.servicesDown') },
            { number: t('wb.criticality') },
            { number: t('wb.costPerHour') },
            { number: t('wb.users') },
            '',
          ]}
        >
          {points.slice(page * SHOWN, (page + 1) * SHOWN).map((point) => (
            <tr key={point.ciId}>
              <td className="named">
                <CiLink ci={point} />
              </td>
              <td>{typeName(point.type)}</td>
              <td className="number">{countText(point.servicesDown, language)}</td>
              <td className="number">{point.criticality}</td>
              <td className="number">{countText(point.costPerHour, language)}</td>
              <td className="number">{countText(point.users, language)}</td>
              <td className="nowrap">
                <a href={hrefOf('impact', null, { fail: point.ciId })}>{t('gr.whatBreaks')}</a>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <Pager of={{ page, hasMore: (page + 1) * SHOWN < points.length, turn: (by) => setPage(page + by) }} />
    </section>
  );
}
