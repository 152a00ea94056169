import { useState } from 'react';
import type { Me } from '../../api.ts';
import { timeText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import { Table } from '../../shell/Table.tsx';
import type { Ci } from '../answers.ts';
import { usePart } from '../graph/usePart.ts';
import { Pager } from '../Pager.tsx';
import { hrefOf } from '../place.ts';
import { StateMark } from '../StateMark.tsx';
import { useModel } from '../useModel.ts';
import { usePages } from '../usePages.ts';
import { NewCi } from './NewCi.tsx';

const SHOWN = 25;

/** All CIs, to be searched. */
export function CisPage({ me }: { me: Me }) {
  const { t, language } = useWords();
  const { concrete, typeName } = useModel();
  const [text, setText] = useState('');
  const [type, setType] = useState('');
  const filter = new URLSearchParams({ ...(text.trim() && { q: text.trim() }), ...(type && { type }) });
  const list = usePages<Ci>(`/cmdb/cis?${filter}`, { limit: SHOWN });
  const states = usePart({ around: list.items.map(({ id }) => id), depth: 0 });
  const stateOf = new Map(states.data?.cis.map((ci) => [ci.id, ci]));
  const isFiltered = filter.size > 0;
  return (
    <>
      <h1>{t('ci.title')}</h1>
      <p className="muted">{t('ci.lead')}</p>
      <search className="fields">
        <label>
          {t('cm.find')}{' '}
          <input
            type="search"
            value={text}
            placeholder={t('cm.findHint')}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <label>
          {t('ci.type')}{' '}
          <select value={type} onChange={(event) => setType(event.target.value)}>
            <option value="">{t('ci.allTypes')}</option>
            {concrete.map(({ name }) => (
              <option key={name} value={name}>
                {typeName(name)}
              </option>
            ))}
          </select>
        </label>
      </search>
      <Failure of={list.query} />
      {list.query.isPending && <p className="muted">{t('app.loading')}</p>}
      {list.query.data && list.items.length === 0 && (
        <p className="card muted">
          {isFiltered ? t('ci.noneFound') : t('ci.empty')}{' '}
          {!isFiltered && <a href={hrefOf('import')}>{t('cm.tab.import')}</a>}
        </p>
      )}
      {list.items.length > 0 && (
        <Table heads={[t('ci.name'), t('ci.type'), t('ci.health'), t('ci.status'), t('ci.lastSeen')]}>
          {list.items.map((ci) => (
            <tr key={ci.id}>
              <td>
                <a href={hrefOf('cis', ci.id)}>{ci.name}</a>
                {ci.key !== ci.name && <div className="muted key-text">{ci.key}</div>}
              </td>
              <td>{typeName(ci.type)}</td>
              <td className="nowrap">{stateOf.has(ci.id) && <StateMark of={stateOf.get(ci.id)!} />}</td>
              <td>{ci.status}</td>
              <td className="nowrap">{timeText(new Date(ci.lastSeenAt), language)}</td>
            </tr>
          ))}
        </Table>
      )}
      <Pager of={list} />
      {me.permissions.includes('cmdb:write') && <NewCi />}
    </>
  );
}
