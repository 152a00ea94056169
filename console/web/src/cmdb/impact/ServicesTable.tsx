import { useState } from 'react';
import { countText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Table } from '../../shell/Table.tsx';
import type { AffectedService, Supposed } from '../answers.ts';
import { CiLink, isNamed } from '../CiLink.tsx';
import { Pager } from '../Pager.tsx';
import { StateMark } from '../StateMark.tsx';
import { NextLosses } from './NextLosses.tsx';

const SHOWN = 10;

/** Services that are hit, the most critical first, with who answers for them and what they stand on. */
export function ServicesTable({
  services,
  shown,
  show,
  supposed,
}: {
  services: readonly AffectedService[];
  shown: string | null;
  show: (id: string) => void;
  supposed: Supposed;
}) {
  const { t, language } = useWords();
  const [page, setPage] = useState(0);
  const [asked, setAsked] = useState<string | null>(null);
  const begin = Math.min(page, Math.ceil(services.length / SHOWN) - 1) * SHOWN;
  return (
    <>
      <Table
        heads={[
          t('wb.service'),
          t('ci.health'),
          { number: t('wb.criticality') },
          { number: t('wb.costPerHour') },
          { number: t('wb.users') },
          { number: t('wb.sla') },
          t('ci.owners'),
          t('wb.why'),
        ]}
      >
        {services.slice(begin, begin + SHOWN).map((service) => (
          <tr key={service.ciId} className={service.ciId === shown ? 'chosen' : ''}>
            <td>
              <CiLink ci={service} />
            </td>
            <td className="nowrap">
              <StateMark of={service} />
            </td>
            <td className="number">{service.criticality}</td>
            <td className="number">{countText(service.costPerHour, language)}</td>
            <td className="number">{countText(service.users, language)}</td>
            <td className="number">
              {service.slaMinutesLeft === null ? '–' : countText(service.slaMinutesLeft, language)}
            </td>
            <td className="named">
              {service.owners.length === 0 && <span className="bad">{t('wb.nobody')}</span>}
              {service.owners.map(({ ciId, name, role, phone }) => (
                <div key={`${ciId} ${role}`}>
                  {name} <span className="muted">{[t(`owner.${role}`), phone].filter(Boolean).join(' · ')}</span>
                </div>
              ))}
            </td>
            <td className="chainCell">
              <ChainText of={service} />
              <div className="actions">
                <button type="button" className="link" onClick={() => show(service.ciId)}>
                  {t('wb.showChain')}
                </button>
                <button
                  type="button"
                  className="link"
                  onClick={() => setAsked(asked === service.ciId ? null : service.ciId)}
                >
                  {t('wb.nextLosses')}
                </button>
              </div>
              {asked === service.ciId && <NextLosses ci={service.ciId} supposed={supposed} />}
            </td>
          </tr>
        ))}
      </Table>
      <Pager
        of={{
          page: begin / SHOWN,
          hasMore: begin + SHOWN < services.length,
          turn: (by) => setPage(begin / SHOWN + by),
        }}
      />
    </>
  );
}

function ChainText({ of: { causeChain, redundancy, unseen } }: { of: AffectedService }) {
  const { t } = useWords();
  const up = redundancy?.weight?.up ?? redundancy?.up ?? 0;
  return (
    <>
      {causeChain.map((ci) => (isNamed(ci) ? ci.name : t('cm.restricted'))).join(' → ')}
      {redundancy && (
        <div className="muted">
          {t('wb.redundancy', {
            group: redundancy.group,
            name: redundancy.ciName,
            up,
            members: redundancy.weight?.all ?? redundancy.members,
            minUp: redundancy.minUp,
            spare: up - redundancy.minUp,
          })}
        </div>
      )}
      {unseen && (
        <div className="bad">
          {t('wb.unseen', { from: unseen.provider.name, to: unseen.dependent.name, days: unseen.days })}
        </div>
      )}
    </>
  );
}
