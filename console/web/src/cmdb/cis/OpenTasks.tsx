import { useQuery } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { useWords } from '../../i18n/i18n.ts';
import type { Ci, DuplicateTask, ModelTask, Page } from '../answers.ts';
import { hrefOf } from '../place.ts';

/** What somebody has to decide on a CI: whether it is another one, and what does not fit its type. */
export function OpenTasks({ ci }: { ci: Ci }) {
  const { t, said } = useWords();
  const duplicates = useQuery({
    queryKey: ['cmdb-duplicates', ci.id],
    queryFn: () => api<Page<DuplicateTask>>(`/cmdb/duplicates?state=open&ciId=${ci.id}`),
  });
  const misfits = useQuery({
    queryKey: ['cmdb-misfits', ci.id, ci.version],
    queryFn: () => api<Page<ModelTask>>(`/cmdb/model/tasks?ciId=${ci.id}`),
  });
  return (
    <>
      {duplicates.data?.items.map((task) => {
        const isFirst = task.ciId === ci.id;
        const other = isFirst ? (task.otherName ?? task.otherKey) : (task.name ?? task.key);
        return (
          <p key={task.id} className="warn">
            {t('ci.duplicate')} <a href={hrefOf('cis', isFirst ? task.otherId : task.ciId)}>{other ?? '–'}</a> (
            {task.evidence}). <a href={hrefOf('import')}>{t('ci.decide')}</a>
          </p>
        );
      })}
      {misfits.data?.items.map(({ attribute, problem }) => (
        <p key={attribute} className="warn">
          {t('ci.misfit', { attribute, problem: problem[said] })}
        </p>
      ))}
    </>
  );
}
