import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api } from '../../api.ts';
import { timeText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import type { Ci, MaintenanceWindow, Page } from '../answers.ts';

/** Work that was announced for a CI; whoever may, announces it here or takes it back. */
export function MaintenanceWindows({ ci, mayWrite }: { ci: Ci; mayWrite: boolean }) {
  const { t, language } = useWords();
  const queries = useQueryClient();
  const windows = useQuery({
    queryKey: ['cmdb-windows', ci.id],
    queryFn: () => api<Page<MaintenanceWindow>>(`/cmdb/maintenance-windows?limit=200&ciId=${ci.id}`),
  });
  const change = useMutation({
    mutationFn: ({ path, ...options }: { path: string; method: string; body?: unknown }) => api(path, options),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['cmdb-windows'] });
      await queries.invalidateQueries({ queryKey: ['cmdb-part'] });
    },
  });
  const announce = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget)) as Record<'from' | 'to' | 'reason', string>;
    const body = {
      ciId: ci.id,
      from: new Date(form.from).toISOString(),
      to: new Date(form.to).toISOString(),
      reason: form.reason,
    };
    change.mutate({ path: '/cmdb/maintenance-windows', method: 'POST', body });
  };
  // Windows that are over are history.
  const coming = windows.data?.items.filter(({ to }) => Date.parse(to) > Date.now()) ?? [];
  return (
    <>
      <Failure of={windows} />
      <Failure of={change} />
      {coming.map(({ id, from, to, reason, author }) => (
        <p key={id} className="warn">
          {t('ci.window', {
            from: timeText(new Date(from), language),
            to: timeText(new Date(to), language),
            reason,
            author,
          })}{' '}
          {mayWrite && (
            <button
              type="button"
              className="link"
              onClick={() => change.mutate({ path: `/cmdb/maintenance-windows/${id}`, method: 'DELETE' })}
            >
              {t('ci.windowRemove')}
            </button>
          )}
        </p>
      ))}
      {mayWrite && (
        <details>
          <summary>{t('ci.announce')}</summary>
          <form className="fields" onSubmit={announce}>
            <label>
              {t('ci.from')} <input name="from" type="datetime-local" required />
            </label>
            <label>
              {t('ci.to')} <input name="to" type="datetime-local" required />
            </label>
            <label>
              {t('cm.reason')} <input name="reason" required maxLength={500} />
            </label>
            <button type="submit" disabled={change.isPending}>
              {t('ci.announce')}
            </button>
          </form>
        </details>
      )}
    </>
  );
}
