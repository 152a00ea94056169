import { timeText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import { Table } from '../../shell/Table.tsx';
import type { ImportRun } from '../answers.ts';
import { Pager } from '../Pager.tsx';
import { usePages } from '../usePages.ts';

const SHOWN = 8;
const REFRESH_MS = 2_000;
const STAGES = ['reading', 'comparing', 'writing', 'remembering'] as const;

/** Imports and previews with how far they are and what became of them. */
export function RunsSection() {
  const { t, language } = useWords();
  const list = usePages<ImportRun>('/cmdb/imports', { limit: SHOWN, refreshMs: REFRESH_MS });
  return (
    <section aria-label={t('im.runs')}>
      <h2>{t('im.runs')}</h2>
      <Failure of={list.query} />
      {list.query.data && list.items.length === 0 && <p className="muted">{t('im.noRuns')}</p>}
      {list.items.length > 0 && (
        <Table heads={[t('ci.when'), t('ci.who'), t('ci.source'), t('im.outcome')]}>
          {list.items.map((run) => (
            <tr key={run.id}>
              <td className="nowrap">{timeText(new Date(run.startedAt), language)}</td>
              <td>{run.author}</td>
              <td>{run.source ?? '–'}</td>
              <td className="named">
                {run.dryRun && <span className="badge">{t('im.isPreview')}</span>}{' '}
                <span className={`badge ${run.state === 'failed' ? 'bad' : run.state === 'done' ? 'good' : ''}`}>
                  {t(`im.run.${run.state}`)}
                </span>
                {run.state === 'running' && <Progress run={run} />}
                {run.problem && <div>{run.problem}</div>}
              </td>
            </tr>
          ))}
        </Table>
      )}
      <Pager of={list} />
    </section>
  );
}

function Progress({ run: { stage, done, total } }: { run: ImportRun }) {
  const { t } = useWords();
  const known = STAGES.find((one) => one === stage) ?? 'reading';
  return (
    <>
      <progress aria-label={t('im.runs')} max={Math.max(1, total)} value={done} />
      <span className="muted">{t(`im.stage.${known}`)}</span>
    </>
  );
}
