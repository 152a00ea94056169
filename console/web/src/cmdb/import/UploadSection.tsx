import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, api } from '../../api.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import type { ImportReport } from '../answers.ts';
import { ImportPreview } from './ImportPreview.tsx';

interface ImportBody {
  files: { name: string; content: string }[];
  source?: string;
  complete: boolean;
  reason?: string;
}

/** Files are looked at before they are taken: what they would change, and what is wrong with them. */
export function UploadSection() {
  const { t } = useWords();
  const queries = useQueryClient();
  const [body, setBody] = useState<ImportBody | null>(null);
  const preview = useMutation({
    mutationFn: (of: ImportBody) => api<ImportReport>('/cmdb/import?dryRun=true', { method: 'POST', body: of }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['cmdb-list'] }),
  });
  const commit = useMutation({
    mutationFn: (report: ImportReport) =>
      api<ImportReport>('/cmdb/import', { method: 'POST', body: { ...body, expectedVersion: report.baseVersion } }),
    onSettled: () => queries.invalidateQueries(),
  });
  const look = async (form: HTMLFormElement) => {
    const told = new FormData(form);
    const files = told.getAll('files').filter((file): file is File => file instanceof File && file.size > 0);
    const text = (name: string) => String(told.get(name) ?? '').trim();
    const of: ImportBody = {
      files: await Promise.all(files.map(async (file) => ({ name: file.name, content: await file.text() }))),
      complete: told.has('complete'),
      ...(text('source') && { source: text('source') }),
      ...(text('reason') && { reason: text('reason') }),
    };
    setBody(of);
    commit.reset();
    preview.mutate(of);
  };
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void look(event.currentTarget);
  };
  const forget = () => {
    preview.reset();
    commit.reset();
  };
  return (
    <section className="card" aria-label={t('im.upload')}>
      <h3>{t('im.upload')}</h3>
      <p className="muted">{t('im.formats')}</p>
      <form className="fields" onSubmit={send} onChange={forget}>
        <label>
          {t('im.files')} <input type="file" name="files" multiple required accept=".csv,.json,.yaml,.yml,.xml,.txt" />
        </label>
        <label>
          {t('ci.source')} <input name="source" maxLength={200} placeholder={t('im.sourceHint')} />
        </label>
        <label>
          {t('cm.reason')} <input name="reason" maxLength={500} />
        </label>
        <label>
          <input type="checkbox" name="complete" /> {t('im.complete')}
        </label>
        <button type="submit" disabled={preview.isPending || commit.isPending}>
          {t(preview.isPending ? 'im.previewing' : 'im.preview')}
        </button>
      </form>
      {preview.error && <ImportRefusal error={preview.error} />}
      {commit.error && <ImportRefusal error={commit.error} />}
      {preview.data && !commit.data && (
        <ImportPreview report={preview.data} isBusy={commit.isPending} commit={() => commit.mutate(preview.data)} />
      )}
      {commit.data && (
        <p role="status" className="good card">
          {t('im.done', {
            version: commit.data.version,
            cis: changed(commit.data.cis),
            relations: changed(commit.data.relations),
          })}
        </p>
      )}
    </section>
  );
}

function changed({ created, changed: different, removed }: ImportReport['cis']): number {
  return created + different + removed;
}

/** Why nothing was imported, with the place in the file where it is to be put right. */
function ImportRefusal({ error }: { error: Error }) {
  const { t } = useWords();
  const detail = error instanceof ApiError && error.code === 'CMDB_IMPORT_LINE' ? error.detail : null;
  const at = detail as { file: string; line: number; field: string } | null;
  return (
    <>
      <Failure of={{ error }} />
      {at && (
        <dl className="at">
          <dt>{t('im.file')}</dt>
          <dd>{at.file}</dd>
          <dt>{t('im.row')}</dt>
          <dd>{at.line}</dd>
          <dt>{t('im.field')}</dt>
          <dd>{at.field}</dd>
        </dl>
      )}
    </>
  );
}
