import type { Me } from '../../api.ts';
import { useWords } from '../../i18n/i18n.ts';
import { DuplicatesSection } from './DuplicatesSection.tsx';
import { RunsSection } from './RunsSection.tsx';
import { SourcesSection } from './SourcesSection.tsx';
import { StaleSection } from './StaleSection.tsx';
import { UploadSection } from './UploadSection.tsx';

const EXPORTS = ['json', 'yaml', 'csv-cis', 'csv-relations'] as const;

/** Where data come from, what of them is doubtful, and how to take all of them away. */
export function ImportPage({ me }: { me: Me }) {
  const { t } = useWords();
  const mayWrite = me.permissions.includes('cmdb:write');
  return (
    <>
      <h1>{t('im.title')}</h1>
      <p className="muted">{t('im.lead')}</p>
      {mayWrite ? <UploadSection /> : <p className="card muted">{t('im.mayNot')}</p>}
      <RunsSection />
      <DuplicatesSection mayWrite={mayWrite} />
      <SourcesSection mayWrite={mayWrite} />
      <StaleSection />
      <section aria-label={t('im.export')}>
        <h2>{t('im.export')}</h2>
        <p className="muted">{t('im.exportLead')}</p>
        <p className="actions">
          {EXPORTS.map((format) => (
            <a key={format} href={`/api/v1/cmdb/export?format=${format}`} download>
              {t(`im.export.${format}`)}
            </a>
          ))}
        </p>
      </section>
    </>
  );
}
