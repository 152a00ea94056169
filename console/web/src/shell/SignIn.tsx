import { type FormEvent, useState } from 'react';
import { ApiError, api } from '../api.ts';
import { useWords } from '../i18n/i18n.ts';

/** Signing in; the session is kept in a cookie out of scripts' reach. */
export function SignIn({ onSignedIn }: { onSignedIn: () => void }) {
  const { t } = useWords();
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const signIn = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setFailure(null);
    try {
      const { tenant, login, password } = Object.fromEntries(form);
      await api('/session', { method: 'POST', body: { tenant, login, password, as: 'cookie' } });
      onSignedIn();
    } catch (error) {
      setFailure(error instanceof ApiError && error.status > 0 ? error.message : t('app.unreachable'));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className="card signin" onSubmit={(event) => void signIn(event)}>
      <h1>{t('app.signIn')}</h1>
      <label>
        {t('app.tenant')}
        <input name="tenant" defaultValue="default" required autoComplete="organization" />
      </label>
      <label>
        {t('app.login')}
        <input name="login" required autoComplete="username" />
      </label>
      <label>
        {t('app.password')}
        <input name="password" type="password" required autoComplete="current-password" />
      </label>
      {failure && (
        <p className="alarm" role="alert">
          {failure}
        </p>
      )}
      <button type="submit" disabled={busy}>
        {t('app.signIn')}
      </button>
    </form>
  );
}
