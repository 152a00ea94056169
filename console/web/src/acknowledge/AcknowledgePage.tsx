import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ApiError, api, type Said } from '../api.ts';
import { timeText } from '../i18n/figures.ts';
import { hasChosen, useWords } from '../i18n/i18n.ts';
import { Failure } from '../shell/Failure.tsx';

/** What the link of a message is about. */
interface LinkedNotice {
  orderNumber: string;
  priority: string;
  over: boolean;
  summary: Said;
  assetName: string;
  since: string;
  name: string;
  locale: string;
  service: string;
  state: 'degraded' | 'down';
  otherServices: string[];
  causeChain: string[];
  redundancyLeft: string | null;
  acknowledgedAt: string | null;
  acknowledgedBy: string | null;
}

/** The secret of the link: it stands behind the #, which browsers send to nobody. */
function secretOfAddress(): string {
  return location.hash.split('/')[2] ?? '';
}

/**
 * Where the link of a message leads, for whoever has no account. Opening it says nothing to anybody: programs that look
 * through mail follow links, too.
 */
export function AcknowledgePage() {
  const { t, language, said, choose } = useWords();
  const [secret] = useState(secretOfAddress);
  const notice = useQuery({
    queryKey: ['owner-notice', secret],
    queryFn: () => api<LinkedNotice>('/owner-notice', { secret }),
  });
  const acknowledge = useMutation({
    mutationFn: () => api<LinkedNotice>('/owner-notice/acknowledgement', { secret, method: 'POST', body: {} }),
  });
  const told = acknowledge.data ?? notice.data;
  const locale = notice.data?.locale;
  useEffect(() => {
    // The language that the message was written in, unless the reader has chosen one.
    if (locale && !hasChosen()) choose(locale.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en');
  }, [locale, choose]);
  const ended = notice.error instanceof ApiError && notice.error.status === 401;

  if (ended) return <p className="alarm">{t('ack.ended')}</p>;
  if (!told) return notice.error ? <Failure of={notice} /> : <p className="muted">{t('app.loading')}</p>;
  return (
    <section className="card acknowledge">
      <h1>{t('ack.title', { service: told.service })}</h1>
      <p>{t(told.state === 'down' ? 'ack.down' : 'ack.degraded', { service: told.service })}</p>
      <dl>
        <dt>{t('ack.order')}</dt>
        <dd>
          {told.orderNumber} · {told.priority}
        </dd>
        <dt>{t('ack.found')}</dt>
        <dd>{told.summary[said]}</dd>
        <dt>{t('ack.since')}</dt>
        <dd>{timeText(new Date(told.since), language)}</dd>
        {told.causeChain.length > 0 && (
          <>
            <dt>{t('ack.cause')}</dt>
            <dd>{told.causeChain.join(' → ')}</dd>
          </>
        )}
        {told.redundancyLeft && (
          <>
            <dt>{t('ack.left')}</dt>
            <dd>{told.redundancyLeft}</dd>
          </>
        )}
        {told.otherServices.length > 0 && (
          <>
            <dt>{t('ack.others')}</dt>
            <dd>{told.otherServices.join(language === 'zh-CN' ? '、' : ', ')}</dd>
          </>
        )}
      </dl>
      {told.acknowledgedAt ? (
        <p className="good" role="status">
          {t('ack.done', { name: told.acknowledgedBy ?? '', time: timeText(new Date(told.acknowledgedAt), language) })}
        </p>
      ) : (
        <>
          <p>{told.over ? t('ack.over') : t('ack.why', { name: told.name })}</p>
          <button type="button" disabled={acknowledge.isPending} onClick={() => acknowledge.mutate()}>
            {t('ack.button')}
          </button>
          <Failure of={acknowledge} />
        </>
      )}
    </section>
  );
}
