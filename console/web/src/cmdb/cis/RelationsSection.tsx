import { useState } from 'react';
import { countText, timeText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import { Table } from '../../shell/Table.tsx';
import type { Ci, Neighbour } from '../answers.ts';
import { Pager } from '../Pager.tsx';
import { hrefOf } from '../place.ts';
import { useModel } from '../useModel.ts';
import { usePages } from '../usePages.ts';

const SHOWN = 15;

/** What a CI is related to, and which of the two suffers when the other fails. */
export function RelationsSection({ ci }: { ci: Ci }) {
  const { t, language } = useWords();
  const { typeName, relationMeaning, directionOf } = useModel();
  const [direction, setDirection] = useState<'' | 'out' | 'in'>('');
  const list = usePages<Neighbour>(`/cmdb/cis/${ci.id}/neighbours${direction && `?direction=${direction}`}`, {
    limit: SHOWN,
  });
  /** What the other CI is to this one. */
  const meaningOf = ({ type, direction: way, ci: other }: Neighbour) => {
    const impact = way === 'out' ? directionOf(type, ci.type, other.type) : directionOf(type, other.type, ci.type);
    if (impact === 'none') return 'fact';
    return (impact === 'to-fails') === (way === 'out') ? 'provider' : 'dependent';
  };
  return (
    <section aria-label={t('ci.relations')}>
      <div className="titleline">
        <h2>{t('ci.relations')}</h2>
        <label>
          {t('gr.direction')}{' '}
          <select value={direction} onChange={(event) => setDirection(event.target.value as '' | 'out' | 'in')}>
            <option value="">{t('ci.bothWays')}</option>
            <option value="out">{t('ci.outgoing')}</option>
            <option value="in">{t('ci.incoming')}</option>
          </select>
        </label>
      </div>
      <Failure of={list.query} />
      {list.query.data && list.items.length === 0 && <p className="muted">{t('ci.noRelations')}</p>}
      {list.items.length > 0 && (
        <Table heads={[t('ci.relation'), t('ci.other'), t('ci.meaning'), t('ci.source'), t('ci.lastSeen')]}>
          {list.items.map((one) => (
            <tr key={one.relationId}>
              <td title={relationMeaning(one.type)}>
                {one.direction === 'out' ? '→' : '←'} <code>{one.type}</code>
                {one.redundancyGroup && (
                  <div className="muted">
                    {t('ci.inGroup', { group: one.redundancyGroup, weight: one.weight ?? 1 })}
                  </div>
                )}
              </td>
              <td className="named">
                <a href={hrefOf('cis', one.ci.id)}>{one.ci.name}</a>
                <div className="muted">{typeName(one.ci.type)}</div>
              </td>
              <td>{t(`ci.is.${meaningOf(one)}`)}</td>
              <td>
                {one.source ?? '–'}
                <div className="muted">
                  {t('ci.confidence', { percent: countText(Math.round(100 * one.confidence), language) })}
                </div>
              </td>
              <td className="nowrap">{timeText(new Date(one.lastSeenAt), language)}</td>
            </tr>
          ))}
        </Table>
      )}
      <Pager of={list} />
    </section>
  );
}
