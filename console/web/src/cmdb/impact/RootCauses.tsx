import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import { Table } from '../../shell/Table.tsx';
import type { CiCard } from '../answers.ts';
import { CiLink } from '../CiLink.tsx';
import { CiPicker } from '../CiPicker.tsx';
import { hrefOf } from '../place.ts';
import { useModel } from '../useModel.ts';

interface Cause extends CiCard {
  score: number;
  explains: CiCard[];
  silent: number;
  distance: number;
}

interface IllCi extends CiCard {
  state: 'degraded' | 'down';
}

/** Which failures explain a set of alarms: those of now, or any that somebody names. */
export function RootCauses() {
  const { t } = useWords();
  const { typeName } = useModel();
  const [alarms, setAlarms] = useState<readonly { id: string; name: string; state: 'degraded' | 'down' }[]>([]);
  const ill = useQuery({ queryKey: ['cmdb-health'], queryFn: () => api<{ cis: IllCi[] }>('/cmdb/health') });
  const ranking = useQuery({
    queryKey: ['cmdb-root-causes', alarms],
    queryFn: () =>
      api<{ causes: Cause[]; together: Cause[] }>('/cmdb/root-causes', {
        method: 'POST',
        body: { alarms: alarms.map(({ id, state }) => ({ ci: id, state })) },
      }),
    enabled: alarms.length > 0,
    placeholderData: (before) => before,
  });
  const { data } = ranking;
  return (
    <section aria-label={t('wb.rootCauses')}>
      <h2>{t('wb.rootCauses')}</h2>
      <p className="muted">{t('wb.rootCausesLead')}</p>
      <CiPicker
        label={t('wb.addAlarm')}
        onPick={({ id, name }) => setAlarms([...alarms.filter((one) => one.id !== id), { id, name, state: 'down' }])}
      />
      <p className="actions">
        {alarms.map(({ id, name }) => (
          <span key={id} className="chip">
            {name}{' '}
            <button
              type="button"
              aria-label={`${t('wb.takeOut')}: ${name}`}
              onClick={() => setAlarms(alarms.filter((one) => one.id !== id))}
            >
              ×
            </button>
          </span>
        ))}
        {ill.data && ill.data.cis.length > 0 && (
          <button
            type="button"
            onClick={() => setAlarms(ill.data.cis.map(({ ciId, name, state }) => ({ id: ciId, name, state })))}
          >
            {t('wb.alarmsNow', { count: ill.data.cis.length })}
          </button>
        )}
      </p>
      <Failure of={ranking} />
      {alarms.length > 0 && ranking.isPending && <p className="muted">{t('app.loading')}</p>}
      {alarms.length > 0 && data && (
        <>
          {data.together.length > 0 && (
            <p>
              <strong>{t('wb.together')}</strong> {data.together.map(({ name }) => name).join(' + ')}
            </p>
          )}
          <Table
            heads={[
              t('wb.cause'),
              t('ci.type'),
              { number: t('wb.score') },
              t('wb.explains'),
              { number: t('wb.silent') },
              '',
            ]}
          >
            {data.causes.map((cause) => (
              <tr key={cause.ciId}>
                <td>
                  <CiLink ci={cause} />
                </td>
                <td>{typeName(cause.type)}</td>
                <td className="number">{Math.round(100 * cause.score)} %</td>
                <td>
                  {cause.explains.length} / {alarms.length}
                  <div className="muted">{cause.explains.map(({ name }) => name).join(', ')}</div>
                </td>
                <td className="number">{cause.silent}</td>
                <td>
                  <a href={hrefOf('graph', null, { ci: cause.ciId })}>{t('ci.graph')}</a>
                </td>
              </tr>
            ))}
          </Table>
        </>
      )}
    </section>
  );
}
