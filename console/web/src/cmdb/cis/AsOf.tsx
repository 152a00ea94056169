import { useQuery } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { timeText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import { Table } from '../../shell/Table.tsx';
import type { Ci, PastPart } from '../answers.ts';
import { fieldChanges, valueText } from '../values.ts';

/**
 * A CI as it stood, beside how it is now.
 * @param then a version of the graph, or a local time as a field gives it
 */
export function AsOf({ ci, then, close }: { ci: Ci; then: string; close: () => void }) {
  const { t, language } = useWords();
  const at = /^\d+$/.test(then) ? then : new Date(then).toISOString();
  const past = useQuery({
    queryKey: ['cmdb-as-of', ci.id, at, ci.version],
    queryFn: () => api<PastPart>(`/cmdb/as-of/cis/${ci.id}?${new URLSearchParams({ at, depth: '1' })}`),
  });
  const part = past.data;
  const stood = part && stateOf(part.ci);
  const changes = stood ? fieldChanges(stood, stateOf(ci)) : [];
  const names = new Map(part?.cis.map((one) => [one.id, one.name]));
  return (
    <section className="card" aria-label={t('ci.asOf')}>
      <div className="titleline">
        <h3>
          {part
            ? t('ci.asOfVersion', { version: part.version, at: part.at ? timeText(new Date(part.at), language) : '–' })
            : t('ci.asOf')}
        </h3>
        <button type="button" onClick={close}>
          {t('app.close')}
        </button>
      </div>
      <Failure of={past} />
      {past.isPending && <p className="muted">{t('app.loading')}</p>}
      {part && changes.length === 0 && <p className="muted">{t('ci.asNow')}</p>}
      {changes.length > 0 && (
        <Table heads={[t('ci.attribute'), t('ci.then'), t('ci.now')]}>
          {changes.map(({ field, before, after }) => (
            <tr key={field}>
              <td>
                <strong>{field}</strong>
              </td>
              <td>{valueText(before)}</td>
              <td>{valueText(after)}</td>
            </tr>
          ))}
        </Table>
      )}
      {part && (
        <>
          <p className="muted">{t('ci.relationsThen', { count: part.relations.length })}</p>
          <ul className="plain columns">
            {part.relations.map(({ fromId, toId, type }) => (
              <li key={`${fromId} ${type} ${toId}`}>
                {names.get(fromId)} <code>{type}</code> {names.get(toId)}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function stateOf({ name, status, type, attributes }: Pick<Ci, 'name' | 'status' | 'type' | 'attributes'>) {
  return { name, status, type, attributes };
}
