import { ApiError } from '../api.ts';
import { useWords } from '../i18n/i18n.ts';

/** What went wrong with a question, in the API's own words; old figures stay on the page beside it. */
export function Failure({ of }: { of: { error: Error | null } }) {
  const { t } = useWords();
  if (!of.error) return null;
  const told = of.error instanceof ApiError && of.error.status > 0 && of.error.message;
  return (
    <p className="alarm" role="alert">
      {told || t('app.unreachable')}
    </p>
  );
}
