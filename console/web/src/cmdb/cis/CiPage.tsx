import { useQuery } from '@tanstack/react-query';
import { api, type Me } from '../../api.ts';
import { timeText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Failure } from '../../shell/Failure.tsx';
import type { Ci } from '../answers.ts';
import { usePart } from '../graph/usePart.ts';
import { hrefOf } from '../place.ts';
import { StateMark } from '../StateMark.tsx';
import { useModel } from '../useModel.ts';
import { AttributesSection } from './AttributesSection.tsx';
import { HealthSection } from './HealthSection.tsx';
import { HistorySection } from './HistorySection.tsx';
import { OpenTasks } from './OpenTasks.tsx';
import { OwnersSection } from './OwnersSection.tsx';
import { RelationsSection } from './RelationsSection.tsx';

/** Everything that is known of one CI, and how it is known. */
export function CiPage({ id, me }: { id: string; me: Me }) {
  const { t, language } = useWords();
  const { typeName } = useModel();
  const query = useQuery({ queryKey: ['cmdb-ci', id], queryFn: () => api<Ci>(`/cmdb/cis/${encodeURIComponent(id)}`) });
  const ci = query.data;
  const part = usePart({ around: ci ? [ci.id] : [], depth: 0 });
  const now = part.data?.cis[0];
  const mayWrite = me.permissions.includes('cmdb:write');
  const time = (text: string) => timeText(new Date(text), language);
  return (
    <>
      <p>
        <a href={hrefOf('cis')}>← {t('ci.title')}</a>
      </p>
      <Failure of={query} />
      {query.isPending && <p className="muted">{t('app.loading')}</p>}
      {ci && (
        <>
          <div className="titleline">
            <h1>
              {ci.name} {now && <StateMark of={now} />}
            </h1>
            <span className="actions">
              <a href={hrefOf('graph', null, { ci: ci.id })}>{t('ci.graph')}</a>
              <a href={hrefOf('impact', null, { fail: ci.id })}>{t('gr.whatBreaks')}</a>
            </span>
          </div>
          <p className="muted">
            {typeName(ci.type)} · <code>{ci.key}</code> · {ci.status}
          </p>
          <OpenTasks ci={ci} />
          <HealthSection ci={ci} me={me} />
          <AttributesSection ci={ci} mayWrite={mayWrite} />
          <section className="card" aria-label={t('ci.provenance')}>
            <h3>{t('ci.provenance')}</h3>
            <dl>
              <div>
                <dt>{t('ci.source')}</dt>
                <dd>{ci.sources['*'] ?? '–'}</dd>
              </div>
              <div>
                <dt>{t('ci.firstSeen')}</dt>
                <dd>{time(ci.firstSeenAt)}</dd>
              </div>
              <div>
                <dt>{t('ci.lastSeen')}</dt>
                <dd>{time(ci.lastSeenAt)}</dd>
              </div>
              <div>
                <dt>{t('ci.version')}</dt>
                <dd>{ci.version}</dd>
              </div>
            </dl>
          </section>
          <OwnersSection ciId={ci.id} />
          <RelationsSection ci={ci} />
          <HistorySection ci={ci} />
        </>
      )}
    </>
  );
}
