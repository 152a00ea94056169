import { useState } from 'react';
import { timeText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import { Table } from '../../shell/Table.tsx';
import type { Ci, HistoryEntry } from '../answers.ts';
import { Pager } from '../Pager.tsx';
import { usePages } from '../usePages.ts';
import { fieldChanges, valueText } from '../values.ts';
import { AsOf } from './AsOf.tsx';

const SHOWN = 10;

/** Who changed what of a CI and its relations, and why; any past state can be looked at. */
export function HistorySection({ ci }: { ci: Ci }) {
  const { t, language } = useWords();
  const [then, setThen] = useState('');
  const list = usePages<HistoryEntry>(`/cmdb/cis/${ci.id}/history`, { limit: SHOWN });
  return (
    <section aria-label={t('ci.history')}>
      <div className="titleline">
        <h2>{t('ci.history')}</h2>
        <label>
          {t('ci.asOf')}{' '}
          <input
            type="datetime-local"
            step="1"
            value={/^\d+$/.test(then) ? '' : then}
            onChange={(event) => setThen(event.target.value)}
          />
        </label>
      </div>
      {then !== '' && <AsOf ci={ci} then={then} close={() => setThen('')} />}
      <Failure of={list.query} />
      {list.items.length > 0 && (
        <Table heads={[t('ci.when'), t('ci.who'), t('ci.change'), t('cm.reason'), '']}>
          {list.items.map((entry) => (
            <tr key={`${entry.version}-${entry.seq}`}>
              <td className="nowrap">{timeText(new Date(entry.at), language)}</td>
              <td>
                {entry.author}
                {entry.source && <div className="muted">{entry.source}</div>}
              </td>
              <td className="named">
                <Change of={entry} ciId={ci.id} />
              </td>
              <td>{entry.reason}</td>
              <td>
                <button type="button" onClick={() => setThen(entry.version)}>
                  {t('ci.look')}
                </button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <Pager of={list} />
    </section>
  );
}

function Change({ of, ciId }: { of: HistoryEntry; ciId: string }) {
  const { t } = useWords();
  const { kind, before, after } = of;
  const what = before === null ? 'created' : after === null ? 'removed' : 'changed';
  const type = String((after ?? before)?.type ?? '');
  return (
    <>
      <span className={`badge change ${what}`}>{t(`change.${what}`)}</span> {t(kind === 'ci' ? 'im.ci' : 'im.relation')}{' '}
      {kind === 'relation' && (
        <>
          {of.ciId === ciId ? '→' : '←'} <code>{type}</code> {of.ciId === ciId ? of.otherKey : of.key}
        </>
      )}
      {before !== null &&
        after !== null &&
        fieldChanges(before, after).map(({ field, before: was, after: is }) => (
          <div key={field}>
            <strong>{field}</strong>: {valueText(was)} → {valueText(is)}
          </div>
        ))}
    </>
  );
}
