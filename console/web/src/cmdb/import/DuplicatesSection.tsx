import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { timeText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import { Table } from '../../shell/Table.tsx';
import type { DuplicateTask } from '../answers.ts';
import { Pager } from '../Pager.tsx';
import { hrefOf } from '../place.ts';
import { usePages } from '../usePages.ts';

const SHOWN = 10;

/** Pairs of CIs that seem to be one, for somebody to decide. */
export function DuplicatesSection({ mayWrite }: { mayWrite: boolean }) {
  const { t, language } = useWords();
  const queries = useQueryClient();
  const list = usePages<DuplicateTask>('/cmdb/duplicates?state=open', { limit: SHOWN });
  const decide = useMutation({
    mutationFn: ({ id, keep }: { id: string; keep: string | null }) =>
      keep === null
        ? api(`/cmdb/duplicates/${id}/dismiss`, { method: 'POST', body: {} })
        : api(`/cmdb/duplicates/${id}/merge`, { method: 'POST', body: { keep } }),
    onSettled: () => queries.invalidateQueries(),
  });
  return (
    <section aria-label={t('im.duplicates')}>
      <h2>{t('im.duplicates')}</h2>
      <Failure of={list.query} />
      <Failure of={decide} />
      {list.query.data && list.items.length === 0 && <p className="muted">{t('im.noDuplicates')}</p>}
      {list.items.length > 0 && (
        <Table
          heads={[t('im.one'), t('im.other'), t('im.evidence'), t('im.found'), ...(mayWrite ? [t('im.decision')] : [])]}
        >
          {list.items.map((task) => (
            <tr key={task.id}>
              <td>
                <Side id={task.ciId} name={task.name} of={task.key} />
              </td>
              <td>
                <Side id={task.otherId} name={task.otherName} of={task.otherKey} />
              </td>
              <td>{task.evidence}</td>
              <td className="nowrap">{timeText(new Date(task.foundAt), language)}</td>
              {mayWrite && (
                <td className="named">
                  <div className="actions">
                    {task.key !== null && task.otherKey !== null && (
                      <>
                        <button
                          type="button"
                          disabled={decide.isPending}
                          onClick={() => decide.mutate({ id: task.id, keep: task.ciId })}
                        >
                          {t('im.keep', { key: task.key })}
                        </button>
                        <button
                          type="button"
                          disabled={decide.isPending}
                          onClick={() => decide.mutate({ id: task.id, keep: task.otherId })}
                        >
                          {t('im.keep', { key: task.otherKey })}
                        </button>
                      </>
                    )}
                    <button
                      type="button"
                      disabled={decide.isPending}
                      onClick={() => decide.mutate({ id: task.id, keep: null })}
                    >
                      {t('im.areTwo')}
                    </button>
                  </div>
                </td>
              )}
            </tr>
          ))}
        </Table>
      )}
      <Pager of={list} />
    </section>
  );
}

function Side({ id, name, of: key }: { id: string; name: string | null; of: string | null }) {
  const { t } = useWords();
  if (key === null) return <span className="muted">{t('im.gone')}</span>;
  return (
    <>
      <a href={hrefOf('cis', id)}>{name}</a>
      {key !== name && <div className="muted key-text">{key}</div>}
    </>
  );
}
