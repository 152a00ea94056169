import { type ReactNode, useState } from 'react';
import { countText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Table } from '../../shell/Table.tsx';
import type { ImportReport } from '../answers.ts';
import { Pager } from '../Pager.tsx';
import { useModel } from '../useModel.ts';
import { valueText } from '../values.ts';

const SHOWN = 15;
const COUNTS = ['created', 'changed', 'removed', 'unchanged'] as const;
const KINDS = ['created', 'changed', 'removed'] as const;

/** What an import would do, before it does it. */
export function ImportPreview({
  report,
  isBusy,
  commit,
}: {
  report: ImportReport;
  isBusy: boolean;
  commit: () => void;
}) {
  const { t, language } = useWords();
  const nothing = [report.cis, report.relations].every(
    ({ created, changed, removed }) => created + changed + removed === 0,
  );
  return (
    <section aria-label={t('im.previewTitle')}>
      <h3>{t('im.previewTitle')}</h3>
      <p className="muted">
        {t('im.recognised', { formats: report.formats.map(({ file, format }) => `${file}: ${format}`).join(', ') })}
      </p>
      <Table className="scores" heads={['', ...COUNTS.map((count) => ({ number: t(`im.count.${count}`) }))]}>
        {(['cis', 'relations'] as const).map((what) => (
          <tr key={what}>
            <td>{t(`im.${what}`)}</td>
            {COUNTS.map((count) => (
              <td key={count} className="number">
                {countText(report[what][count], language)}
              </td>
            ))}
          </tr>
        ))}
      </Table>
      <Changes report={report} />
      <Doubts report={report} />
      <p>
        <button type="button" className="primary" disabled={isBusy} onClick={commit}>
          {t(isBusy ? 'im.committing' : 'im.commit')}
        </button>{' '}
        <span className="muted">{t(nothing ? 'im.nothing' : 'im.commitLead')}</span>
      </p>
    </section>
  );
}

function Changes({ report }: { report: ImportReport }) {
  const { t, language } = useWords();
  const { changes } = report;
  const { typeName } = useModel();
  const [kind, setKind] = useState<'' | (typeof KINDS)[number]>('');
  const [page, setPage] = useState(0);
  const listed = changes.filter(({ change }) => kind === '' || change === kind);
  const total = [report.cis, report.relations].reduce((sum, of) => sum + of.created + of.changed + of.removed, 0);
  if (changes.length === 0) return null;
  return (
    <>
      <label>
        {t('im.show')}{' '}
        <select
          value={kind}
          onChange={(event) => {
            setKind(event.target.value as typeof kind);
            setPage(0);
          }}
        >
          <option value="">{t('im.allChanges')}</option>
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {t(`im.count.${one}`)}
            </option>
          ))}
        </select>
      </label>
      <Table heads={[t('ci.change'), t('im.what'), t('ci.type'), t('im.differences')]}>
        {listed.slice(page * SHOWN, (page + 1) * SHOWN).map((one) => (
          <tr key={`${one.kind} ${one.key} ${one.type} ${one.to}`}>
            <td className="nowrap">
              <span className={`badge change ${one.change}`}>{t(`change.${one.change}`)}</span>{' '}
              {t(one.kind === 'ci' ? 'im.ci' : 'im.relation')}
            </td>
            <td>{one.to === null ? one.key : `${one.key} → ${one.to}`}</td>
            <td>{one.kind === 'ci' ? typeName(one.type) : <code>{one.type}</code>}</td>
            <td>
              {one.differences.map(({ field, before, after }) => (
                <div key={field}>
                  <strong>{field}</strong>: {valueText(before)} → {valueText(after)}
                </div>
              ))}
            </td>
          </tr>
        ))}
      </Table>
      <Pager of={{ page, hasMore: (page + 1) * SHOWN < listed.length, turn: (by) => setPage(page + by) }} />
      {total > changes.length && (
        <p className="muted">
          {t('im.firstChanges', { count: countText(changes.length, language), total: countText(total, language) })}
        </p>
      )}
    </>
  );
}

/** What somebody should look at before the import is taken. */
function Doubts({ report }: { report: ImportReport }) {
  const { t } = useWords();
  const { conflicts, conflictCount, rejected, rejectedCount, absent, absentCount, warnings, duplicates } = report;
  return (
    <>
      {conflictCount > 0 && (
        <Doubt title={t('im.conflicts', { count: conflictCount })}>
          {conflicts.map(({ key, message }) => (
            <li key={`${key} ${message}`}>
              <strong>{key}</strong>: {message}
            </li>
          ))}
        </Doubt>
      )}
      {rejectedCount > 0 && (
        <Doubt title={t('im.rejected', { count: rejectedCount })}>
          {rejected.map(({ key, field, value, kept, heldBy }) => (
            <li key={`${key} ${field}`}>
              {t('im.rejectedOne', { key, field, value: valueText(value), kept: valueText(kept), heldBy })}
            </li>
          ))}
        </Doubt>
      )}
      {absentCount > 0 && (
        <Doubt title={t('im.absent', { count: absentCount })}>
          {absent.map(({ key, status }) => (
            <li key={key}>
              {key} → {status}
            </li>
          ))}
        </Doubt>
      )}
      {duplicates > 0 && <p className="warn">{t('im.willOpen', { count: duplicates })}</p>}
      {warnings.length > 0 && (
        <Doubt title={t('im.warnings', { count: warnings.length })}>
          {warnings.map(({ message, count }) => (
            <li key={message}>
              {message}
              {count > 1 && ` (× ${count})`}
            </li>
          ))}
        </Doubt>
      )}
    </>
  );
}

function Doubt({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details className="warn">
      <summary>{title}</summary>
      <ul className="long">{children}</ul>
    </details>
  );
}
