import { ApiError } from '../api.ts';
import { useWords } from '../i18n/i18n.ts';
import { REFUSALS_ZH } from '../i18n/refusalsZh.ts';

/**
 * What went wrong with a question, in the API's own words, which are English; a Chinese reader is told what to do in
 * Chinese first. Old figures stay on the page beside it.
 */
export function Failure({ of }: { of: { error: Error | null } }) {
  const { t, language } = useWords();
  const { error } = of;
  if (!error) return null;
  const told = error instanceof ApiError && error.status > 0 && error.message;
  const inChinese = error instanceof ApiError && language === 'zh-CN' ? REFUSALS_ZH[error.code] : undefined;
  return (
    <div className="alarm" role="alert">
      {inChinese ? inChinese(error instanceof ApiError ? error.detail : undefined) : told || t('app.unreachable')}
      {inChinese && told && <div className="muted">{told}</div>}
    </div>
  );
}
