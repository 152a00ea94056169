import './cmdb.css';
import type { Me } from '../api.ts';
import { useWords } from '../i18n/i18n.ts';
import { CiPage } from './cis/CiPage.tsx';
import { CisPage } from './cis/CisPage.tsx';
import { GraphPage } from './graph/GraphPage.tsx';
import { ImpactPage } from './impact/ImpactPage.tsx';
import { ImportPage } from './import/ImportPage.tsx';
import { ModelPage } from './model/ModelPage.tsx';
import { hrefOf, usePlace } from './place.ts';

const VIEWS = ['cis', 'graph', 'impact', 'import', 'model'] as const;

/** The CMDB: what there is, what depends on what, what breaks, where data come from, and what types there are. */
export function CmdbPage({ me }: { me: Me }) {
  const { t } = useWords();
  const place = usePlace();
  if (!me.permissions.includes('cmdb:read')) return <p className="alarm">{t('cm.forbidden')}</p>;
  return (
    <>
      <nav className="tabs" aria-label={t('nav.cmdb')}>
        {VIEWS.map((view) => (
          <a key={view} href={hrefOf(view)} aria-current={view === place.view ? 'page' : undefined}>
            {t(`cm.tab.${view}`)}
          </a>
        ))}
      </nav>
      {place.view === 'cis' && place.id === null && <CisPage me={me} />}
      {place.view === 'cis' && place.id !== null && <CiPage key={place.id} id={place.id} me={me} />}
      {place.view === 'graph' && <GraphPage place={place} />}
      {place.view === 'impact' && <ImpactPage key={place.query.get('fail')} place={place} />}
      {place.view === 'import' && <ImportPage me={me} />}
      {place.view === 'model' && <ModelPage place={place} me={me} />}
    </>
  );
}
