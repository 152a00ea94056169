import { useMutation } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api } from '../../api.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import type { Ci } from '../answers.ts';
import { hrefOf } from '../place.ts';
import { useModel } from '../useModel.ts';

/** Creates a CI by hand; its attributes are written on its own page. */
export function NewCi() {
  const { t } = useWords();
  const { concrete, typeName } = useModel();
  const create = useMutation({
    mutationFn: (body: object) => api<Ci>('/cmdb/cis', { method: 'POST', body }),
    onSuccess: ({ id }) => {
      location.hash = hrefOf('cis', id);
    },
  });
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const told = Object.fromEntries([...new FormData(event.currentTarget)].filter(([, value]) => value !== ''));
    create.mutate(told);
  };
  return (
    <details className="card">
      <summary>{t('ci.new')}</summary>
      <form className="fields" onSubmit={send}>
        <label>
          {t('ci.key')} <input name="key" required maxLength={200} />
        </label>
        <label>
          {t('ci.name')} <input name="name" maxLength={500} />
        </label>
        <label>
          {t('ci.type')}{' '}
          <select name="type" required defaultValue="server">
            {concrete.map(({ name }) => (
              <option key={name} value={name}>
                {typeName(name)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('cm.reason')} <input name="reason" maxLength={500} />
        </label>
        <button type="submit" disabled={create.isPending}>
          {t('ci.create')}
        </button>
      </form>
      <Failure of={create} />
    </details>
  );
}
