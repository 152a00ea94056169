import { useQuery } from '@tanstack/react-query';
import { api, type Spool } from '../api.ts';
import { bytesText, durationText, timeText } from '../i18n/figures.ts';
import { useWords } from '../i18n/i18n.ts';
import { Failure } from '../shell/Failure.tsx';

const REFRESH_MS = 5_000;
const STALE_MS = 30_000;

export function SpoolSection() {
  const { t } = useWords();
  const spools = useQuery({
    queryKey: ['spools'],
    queryFn: () => api<{ items: Spool[] }>('/operations/spools'),
    refetchInterval: REFRESH_MS,
  });
  return (
    <section aria-label={t('spool.title')}>
      <h2>{t('spool.title')}</h2>
      <Failure of={spools} />
      {spools.data?.items.length === 0 && <p className="muted">{t('spool.none')}</p>}
      <div className="cards">
        {spools.data?.items.map((spool) => (
          <SpoolCard key={spool.spoolId} spool={spool} />
        ))}
      </div>
    </section>
  );
}

function SpoolCard({ spool }: { spool: Spool }) {
  const { t, language } = useWords();
  const share = Math.min(1, spool.diskBytes / spool.limitBytes);
  const reportedAt = new Date(spool.reportedAt);
  const stale = Date.now() - reportedAt.getTime() > STALE_MS;
  const perSecond = (bytes: number) => t('unit.perSecond', { value: bytesText(bytes) });
  const hours = (value: number | null, otherwise: string) =>
    value === null ? otherwise : durationText(value * 3600, t);
  const { secondsUntilDrained } = spool;
  const drained =
    secondsUntilDrained === null
      ? t('spool.unknown')
      : secondsUntilDrained === 0
        ? t('spool.now')
        : durationText(secondsUntilDrained, t);

  return (
    <article className={stale ? 'card faded' : 'card'}>
      <h3>{spool.host}</h3>
      {stale && <p className="warn">{t('spool.stale', { since: timeText(reportedAt, language) })}</p>}
      {spool.full && <p className="alarm">{t('spool.full')}</p>}
      {spool.heldSince && (
        <p className="alarm">
          {t('spool.held', { since: timeText(new Date(spool.heldSince), language), reason: spool.heldReason ?? '' })}
        </p>
      )}
      <meter min={0} max={1} low={0.5} high={0.8} optimum={0} value={share} />
      <p className="muted">
        {t('spool.used', { used: bytesText(spool.diskBytes), limit: bytesText(spool.limitBytes) })}
      </p>
      <dl>
        <Figure name={t('spool.in')} value={perSecond(spool.intakeBytesPerSecond)} />
        <Figure name={t('spool.out')} value={perSecond(spool.drainBytesPerSecond)} />
        <Figure name={t('spool.waiting')} value={bytesText(spool.waitingBytes)} />
        <Figure name={t('spool.feed')} value={bytesText(spool.feedWaitingBytes)} />
        <Figure name={t('spool.lasts')} value={hours(spool.hoursIfStoreStops, t('spool.idle'))} />
        <Figure name={t('spool.fills')} value={hours(spool.hoursUntilFull, t('spool.notFilling'))} />
        <Figure name={t('spool.drained')} value={drained} />
      </dl>
    </article>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
