import { useQuery, useQueryClient } from '@tanstack/react-query';
import { AcknowledgePage } from '../acknowledge/AcknowledgePage.tsx';
import { AnomaliesPage } from '../anomalies/AnomaliesPage.tsx';
import { ApiError, api, type Me } from '../api.ts';
import { CmdbPage } from '../cmdb/CmdbPage.tsx';
import { LANGUAGES, type Language, useWords } from '../i18n/i18n.ts';
import { IntakePage } from '../intake/IntakePage.tsx';
import { ModelsPage } from '../models/ModelsPage.tsx';
import { ThresholdsPage } from '../thresholds/ThresholdsPage.tsx';
import { usePage } from './page.ts';
import { SignIn } from './SignIn.tsx';

/** The frame around every page: who is signed in, where one is, in which language. */
export function Shell() {
  const { t, language, choose } = useWords();
  const queries = useQueryClient();
  const page = usePage();
  const me = useQuery({ queryKey: ['me'], queryFn: () => api<Me>('/session'), retry: 2, retryDelay: 1000 });
  const signedOut = me.error instanceof ApiError && me.error.status === 401;

  const signOut = async () => {
    await api('/session', { method: 'DELETE' }).catch(() => undefined);
    await queries.resetQueries({ queryKey: ['me'] });
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' }); // nothing of theirs for whoever comes next
  };

  return (
    <>
      <header className="bar">
        <span className="wordmark">
          <svg viewBox="0 0 48 40" width="36" height="30" aria-hidden="true">
            <path d="M4 22h8l4-12 6 22 5-16 3 6h14" />
          </svg>
          Faultline
        </span>
        <nav>
          {me.data && (
            <>
              <a href="#/" className={page === 'intake' ? 'here' : ''}>
                {t('nav.intake')}
              </a>
              <a href="#/anomalies" className={page === 'anomalies' ? 'here' : ''}>
                {t('nav.anomalies')}
              </a>
              <a href="#/cmdb" className={page === 'cmdb' ? 'here' : ''}>
                {t('nav.cmdb')}
              </a>
              <a href="#/thresholds" className={page === 'thresholds' ? 'here' : ''}>
                {t('nav.thresholds')}
              </a>
              <a href="#/models" className={page === 'models' ? 'here' : ''}>
                {t('nav.models')}
              </a>
            </>
          )}
          <a href="/docs">{t('nav.api')}</a>
        </nav>
        <select
          value={language}
          aria-label="语言 / Language"
          onChange={(event) => choose(event.target.value as Language)}
        >
          {Object.entries(LANGUAGES).map(([key, name]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
        {me.data && (
          <>
            <span className="who">
              {me.data.name} · {me.data.tenant.name}
            </span>
            <button type="button" onClick={() => void signOut()}>
              {t('app.signOut')}
            </button>
          </>
        )}
      </header>
      <main>
        {me.data && !signedOut && page === 'intake' && <IntakePage me={me.data} />}
        {me.data && !signedOut && page === 'anomalies' && <AnomaliesPage me={me.data} />}
        {me.data && !signedOut && page === 'cmdb' && <CmdbPage me={me.data} />}
        {me.data && !signedOut && page === 'thresholds' && <ThresholdsPage me={me.data} />}
        {me.data && !signedOut && page === 'models' && <ModelsPage me={me.data} />}
        {page === 'acknowledge' && <AcknowledgePage />}
        {signedOut && page !== 'acknowledge' && (
          <SignIn onSignedIn={() => void queries.resetQueries({ queryKey: ['me'] })} />
        )}
        {me.isPending && page !== 'acknowledge' && <p className="muted">{t('app.loading')}</p>}
        {me.error && !signedOut && page !== 'acknowledge' && <p className="alarm">{t('app.unreachable')}</p>}
      </main>
    </>
  );
}
