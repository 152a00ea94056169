import { useState } from 'react';
import { timeText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import { Table } from '../../shell/Table.tsx';
import type { CiBrief } from '../answers.ts';
import { Pager } from '../Pager.tsx';
import { hrefOf } from '../place.ts';
import { useModel } from '../useModel.ts';
import { usePages } from '../usePages.ts';

const SHOWN = 10;
const DAYS = [7, 30, 40, 90, 365] as const;

interface StaleRelation {
  id: string;
  from: string;
  type: string;
  to: string;
  source: string | null;
  lastSeenAt: string;
}

/** What nobody has seen for long: verdicts that rest on it are uncertain. */
export function StaleSection() {
  const { t, language } = useWords();
  const { typeName } = useModel();
  const [days, setDays] = useState(40);
  const cis = usePages<CiBrief & { lastSeenAt: string }>(`/cmdb/stale/cis?days=${days}`, { limit: SHOWN });
  const relations = usePages<StaleRelation>(`/cmdb/stale/relations?days=${days}`, { limit: SHOWN });
  const time = (text: string) => timeText(new Date(text), language);
  return (
    <section aria-label={t('im.stale')}>
      <div className="titleline">
        <h2>{t('im.stale')}</h2>
        <label>
          {t('im.notSeenFor')}{' '}
          <select value={days} onChange={(event) => setDays(Number(event.target.value))}>
            {DAYS.map((value) => (
              <option key={value} value={value}>
                {t('unit.days', { value })}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Failure of={cis.query} />
      <Failure of={relations.query} />
      {cis.query.data && relations.query.data && cis.items.length === 0 && relations.items.length === 0 && (
        <p className="muted">{t('im.noneStale')}</p>
      )}
      {cis.items.length > 0 && (
        <Table heads={[t('ci.name'), t('ci.type'), t('ci.status'), t('ci.lastSeen')]}>
          {cis.items.map((ci) => (
            <tr key={ci.id}>
              <td>
                <a href={hrefOf('cis', ci.id)}>{ci.name}</a>
              </td>
              <td>{typeName(ci.type)}</td>
              <td>{ci.status}</td>
              <td className="nowrap">{time(ci.lastSeenAt)}</td>
            </tr>
          ))}
        </Table>
      )}
      <Pager of={cis} />
      {relations.items.length > 0 && (
        <Table heads={[t('ci.relation'), t('ci.source'), t('ci.lastSeen')]}>
          {relations.items.map((relation) => (
            <tr key={relation.id}>
              <td>
                <a href={hrefOf('cis', relation.from)}>{relation.from}</a> <code>{relation.type}</code>{' '}
                <a href={hrefOf('cis', relation.to)}>{relation.to}</a>
              </td>
              <td>{relation.source ?? '–'}</td>
              <td className="nowrap">{time(relation.lastSeenAt)}</td>
            </tr>
          ))}
        </Table>
      )}
      <Pager of={relations} />
    </section>
  );
}
