import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../api.ts';
import { timeText } from '../i18n/figures.ts';
import { useWords } from '../i18n/i18n.ts';
import { Failure } from '../shell/Failure.tsx';
import { Table } from '../shell/Table.tsx';
import type { Change, Setting } from './answers.ts';

/** Who changed what for this point, and why; what is in force can be taken back. */
export function ChangesSection({
  pointKey,
  catalogue,
  mayTune,
}: {
  pointKey: string;
  catalogue: Setting[];
  mayTune: boolean;
}) {
  const { t, language, said } = useWords();
  const queries = useQueryClient();
  const changes = useQuery({
    queryKey: ['threshold-changes', pointKey],
    queryFn: () => api<{ items: Change[] }>(`/thresholds/changes?pointKey=${encodeURIComponent(pointKey)}`),
  });
  const revert = useMutation({
    mutationFn: (id: string) =>
      api<Change>(`/thresholds/changes/${id}/revert`, { method: 'POST', body: { reason: t('th.revertReason') } }),
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: ['thresholds'] });
      await queries.invalidateQueries({ queryKey: ['threshold-changes'] });
    },
  });
  const labelOf = (name: string) => catalogue.find((setting) => setting.name === name)?.label[said] ?? name;
  const items = changes.data?.items ?? [];
  return (
    <section>
      <h2>{t('th.changes')}</h2>
      <Failure of={changes} />
      <Failure of={revert} />
      {changes.data && items.length === 0 && <p className="muted">{t('th.noChanges')}</p>}
      {items.length > 0 && (
        <Table heads={[t('th.when'), t('th.who'), t('th.change'), t('th.reason'), '']}>
          {items.map((change) => (
            <tr key={change.id}>
              <td className="nowrap">{timeText(new Date(change.proposedAt), language)}</td>
              <td>
                {change.author} · {t(`status.${change.status}`)}
                {change.version !== null && ` (${t('th.version', { version: change.version })})`}
              </td>
              <td>
                {change.edits.map((edit) => (
                  <div key={`${edit.setting} ${edit.scope.feature}`}>
                    {labelOf(edit.setting)}
                    {edit.scope.feature && ` · ${edit.scope.feature}`}: {edit.from ?? t('th.inherits')} →{' '}
                    {edit.to ?? t('th.inherits')}
                  </div>
                ))}
              </td>
              <td>{change.reason}</td>
              <td>
                {mayTune && change.status === 'applied' && (
                  <button type="button" disabled={revert.isPending} onClick={() => revert.mutate(change.id)}>
                    {t('th.revert')}
                  </button>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}
