import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { api } from '../api.ts';
import { useWords } from '../i18n/i18n.ts';
import { Failure } from '../shell/Failure.tsx';
import type { Model, Scope, Stage } from './answers.ts';
import { scopeText } from './Stages.tsx';

export type Move = Stage | 'rollback';

/** What the button says that makes a move. */
export const BUTTONS = {
  live: 'md.promote',
  shadow: 'md.shadow',
  retired: 'md.retire',
  rollback: 'md.rollback',
} as const;

const ALL: Scope = { kind: 'all' };
const LEAST_REASON = 3;

/** Asks where and why before a model changes its stage. */
export function StageDialog({ model, move, close }: { model: Model; move: Move; close: () => void }) {
  const { t } = useWords();
  const queries = useQueryClient();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const scopes = scopesOf(model);
  const [scope, setScope] = useState(0);
  const [reason, setReason] = useState('');
  const change = useMutation({
    mutationFn: () => {
      const where = { scope: scopes[scope] ?? ALL, reason };
      return move === 'rollback'
        ? api(`/models/${model.id}/rollback`, { method: 'POST', body: where })
        : api(`/models/${model.id}/stage`, { method: 'POST', body: { ...where, stage: move } });
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['models'] });
      await queries.invalidateQueries({ queryKey: ['model-history'] });
      dialog.current?.close();
    },
  });
  const confirm = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <dialog ref={dialog} onClose={close}>
      <form onSubmit={confirm}>
        <p>{t(`md.ask.${move}`, { model: `${model.name} ${model.version}` })}</p>
        <div className="fields">
          <label>
            {t('md.where')}{' '}
            <select value={scope} onChange={(event) => setScope(Number(event.target.value))}>
              {scopes.map((of, i) => (
                <option key={scopeText(of, t)} value={i}>
                  {scopeText(of, t)}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t('md.reason')}{' '}
            <input
              required
              minLength={LEAST_REASON}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
        </div>
        <Failure of={change} />
        <div className="fields">
          <button type="submit" disabled={change.isPending}>
            {t(BUTTONS[move])}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            {t('md.cancel')}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** Where the model has a stage, and everywhere; what was fitted to a point is of use nowhere else. */
function scopesOf({ stages, origin }: Model): Scope[] {
  const own = stages.map(({ scope }) => scope);
  return origin === 'fitted' || own.some(({ kind }) => kind === 'all') ? own : [...own, ALL];
}
