import { useState } from 'react';
import type { Me } from '../../api.ts';
import { countText, timeText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import { Table } from '../../shell/Table.tsx';
import type { Ci, Found, FoundCi } from '../answers.ts';
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
  // Words are searched for, best first; without any all CIs are listed by key.
  const list = usePages<Ci | FoundCi>(`/cmdb/${text.trim() ? 'search' : 'cis'}?${filter}`, { limit: SHOWN });
  const { correctedTo, total } = (list.query.data ?? {}) as Partial<Found>;
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
      {correctedTo && <p className="warn">{t('ci.corrected', { text: correctedTo })}</p>}
      {total !== undefined && total > 0 && (
        <p className="muted">{t('ci.found', { count: countText(total, language) })}</p>
      )}
      {list.items.length > 0 && (
        <Table
          heads={[
            t('ci.name'),
            t('ci.type'),
            t('ci.health'),
            t('ci.status'),
            total === undefined ? t('ci.lastSeen') : '',
          ]}
        >
          {list.items.map((ci) => (
            <tr key={ci.id}>
              <td>
                <a href={hrefOf('cis', ci.id)}>{ci.name}</a>
                {ci.key !== ci.name && <div className="muted key-text">{ci.key}</div>}
                {'highlights' in ci && <Highlights of={ci} />}
              </td>
              <td>{typeName(ci.type)}</td>
              <td className="nowrap">{stateOf.has(ci.id) && <StateMark of={stateOf.get(ci.id)!} />}</td>
              <td>{ci.status}</td>
              <td className="nowrap">{'lastSeenAt' in ci ? timeText(new Date(ci.lastSeenAt), language) : ''}</td>
            </tr>
          ))}
        </Table>
      )}
      <Pager of={list} />
      {me.permissions.includes('cmdb:write') && <NewCi />}
    </>
  );
}

/** Where a CI was found, but in what is shown of it anyway. */
function Highlights({ of: { highlights } }: { of: FoundCi }) {
  return highlights
    .filter(({ field }) => field !== 'name' && field !== 'key')
    .map(({ field, text, marks }) => (
      <div key={`${field} ${text}`} className="muted key-text">
        {field.replace('attributes.', '')}: <Marked text={text} marks={marks} />
      </div>
    ));
}

function Marked({ text, marks: [mark] }: { text: string; marks: FoundCi['highlights'][number]['marks'] }) {
  if (!mark) return text;
  return (
    <>
      {text.slice(0, mark.from)}
      <mark>{text.slice(mark.from, mark.to)}</mark>
      {text.slice(mark.to)}
    </>
  );
}
