import { useRef, useState } from 'react';
import { countText, durationText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import type { Supposed, Verdict } from '../answers.ts';
import { CiLink } from '../CiLink.tsx';
import { StateMark } from '../StateMark.tsx';
import { ChainPicture } from './ChainPicture.tsx';
import { ServicesTable } from './ServicesTable.tsx';

const FAILED_SHOWN = 20;
const HOUR_S = 3600;

/** What a failure comes to: how bad it is, which services it hits, and how it gets there. */
export function VerdictSection({ title, verdict, supposed }: { title: string; verdict: Verdict; supposed: Supposed }) {
  const { t, language } = useWords();
  const [shown, setShown] = useState<string | null>(null);
  const picture = useRef<HTMLDivElement>(null);
  const show = (id: string) => {
    setShown(id);
    picture.current?.scrollIntoView({ block: 'nearest' });
  };
  const { howBad, services, failed } = verdict;
  const service = services.find(({ ciId }) => ciId === shown) ?? services[0];
  const count = (value: number) => countText(value, language);
  return (
    <>
      <h2>{title}</h2>
      <p>
        {failed.slice(0, FAILED_SHOWN).map((ci) => (
          <span key={ci.ciId} className="chip">
            <CiLink ci={ci} /> <StateMark of={ci} />
          </span>
        ))}
        {failed.length > FAILED_SHOWN && t('gr.andMore', { count: failed.length - FAILED_SHOWN })}
      </p>
      <dl className="totals">
        <div className="term bad">
          <dt>{t('wb.servicesDown')}</dt>
          <dd>{count(howBad.servicesDown)}</dd>
        </div>
        <div className="term">
          <dt>{t('wb.servicesDegraded')}</dt>
          <dd>{count(howBad.servicesDegraded)}</dd>
        </div>
        <div className="term">
          <dt>{t('wb.costPerHour')}</dt>
          <dd>{count(howBad.costPerHour)}</dd>
          {howBad.costPerHourAtRisk > 0 && (
            <p className="muted">{t('wb.atRisk', { value: count(howBad.costPerHourAtRisk) })}</p>
          )}
        </div>
        <div className="term">
          <dt>{t('wb.users')}</dt>
          <dd>{count(howBad.users)}</dd>
          {howBad.usersAtRisk > 0 && <p className="muted">{t('wb.atRisk', { value: count(howBad.usersAtRisk) })}</p>}
        </div>
        <div className="term">
          <dt>{t('wb.affected')}</dt>
          <dd>{count(verdict.affectedCount)}</dd>
        </div>
        {howBad.sla && (
          <div className="term bad">
            <dt>{t('wb.slaFirst')}</dt>
            <dd>{t('unit.minutes', { value: count(howBad.sla.minutesLeft) })}</dd>
            <p className="muted">{howBad.sla.name}</p>
          </div>
        )}
      </dl>
      {howBad.nearestEnd && (
        <p className="warn">
          {t('wb.nearestEnd', {
            name: howBad.nearestEnd.name,
            low: durationText(howBad.nearestEnd.p10Hours * HOUR_S, t),
            high: durationText(howBad.nearestEnd.p90Hours * HOUR_S, t),
          })}
        </p>
      )}
      {services.length === 0 && <p className="muted">{t('wb.noServices')}</p>}
      {services.length > 0 && (
        <ServicesTable services={services} shown={service?.ciId ?? null} show={show} supposed={supposed} />
      )}
      {verdict.withheld.services > 0 && (
        <p className="muted">{t('cm.withheld', { count: verdict.withheld.services })}</p>
      )}
      <div ref={picture}>{service && <ChainPicture service={service} supposed={supposed} />}</div>
    </>
  );
}
