import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api } from '../api.ts';
import { useWords } from '../i18n/i18n.ts';
import { Failure } from '../shell/Failure.tsx';
import type { Model } from './answers.ts';

/** Hands in a model with its contract. */
export function UploadSection() {
  const { t } = useWords();
  const queries = useQueryClient();
  const upload = useMutation({
    mutationFn: (body: FormData) => api<Model>('/models', { method: 'POST', body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['models'] }),
  });
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    upload.mutate(new FormData(event.currentTarget));
  };
  return (
    <section aria-label={t('md.upload')}>
      <h2>{t('md.upload')}</h2>
      <p className="muted">{t('md.uploadLead')}</p>
      <form className="fields" onSubmit={send}>
        <label>
          {t('md.contractFile')} <input type="file" name="contract" accept=".json,application/json" required />
        </label>
        <label>
          {t('md.modelFile')} <input type="file" name="model" accept=".onnx" required />
        </label>
        <label>
          {t('md.reason')} <input name="reason" required minLength={3} />
        </label>
        <button type="submit" disabled={upload.isPending}>
          {t(upload.isPending ? 'md.sending' : 'md.send')}
        </button>
      </form>
      <Failure of={upload} />
      {upload.data && <p role="status">{t('md.taken', { model: `${upload.data.name} ${upload.data.version}` })}</p>}
    </section>
  );
}
