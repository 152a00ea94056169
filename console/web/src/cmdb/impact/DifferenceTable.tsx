import { countText } from '../../i18n/figures.ts';
import { useWords } from '../../i18n/i18n.ts';
import { Table } from '../../shell/Table.tsx';
import type { WhatIf } from '../answers.ts';
import { CiLink } from '../CiLink.tsx';
import { StateMark } from '../StateMark.tsx';

const SHOWN = 50;
const FIGURES = [
  ['servicesDown', 'wb.servicesDown'],
  ['servicesDegraded', 'wb.servicesDegraded'],
  ['costPerHour', 'wb.costPerHour'],
  ['users', 'wb.users'],
] as const;

/** What would be otherwise than it is now. */
export function DifferenceTable({ difference: { services, before, after } }: { difference: WhatIf['difference'] }) {
  const { t, language } = useWords();
  return (
    <>
      <h3>{t('wb.difference')}</h3>
      <Table className="scores" heads={['', { number: t('ci.now') }, { number: t('wb.ifSo') }]}>
        {FIGURES.map(([figure, word]) => (
          <tr key={figure}>
            <td>{t(word)}</td>
            <td className="number">{countText(before[figure], language)}</td>
            <td className="number">{countText(after[figure], language)}</td>
          </tr>
        ))}
      </Table>
      {services.length === 0 && <p className="muted">{t('wb.noDifference')}</p>}
      {services.length > 0 && (
        <Table heads={[t('wb.service'), t('ci.now'), t('wb.ifSo')]}>
          {services.slice(0, SHOWN).map((service) => (
            <tr key={service.ciId}>
              <td>
                <CiLink ci={service} />
              </td>
              <td>
                <StateMark of={{ state: service.before }} />
              </td>
              <td>
                <StateMark of={{ state: service.after }} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      {services.length > SHOWN && <p className="muted">{t('gr.andMore', { count: services.length - SHOWN })}</p>}
    </>
  );
}
