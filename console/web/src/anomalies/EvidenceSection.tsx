import { useQuery } from '@tanstack/react-query';
import { api } from '../api.ts';
import { useWords } from '../i18n/i18n.ts';
import { Failure } from '../shell/Failure.tsx';
import { Table } from '../shell/Table.tsx';
import type { Anomaly, EvidenceCard } from './answers.ts';
import { LifeSection } from './LifeSection.tsx';

/** Why one anomaly is believed: in words, what else was considered, and the picture. */
export function EvidenceSection({ anomaly }: { anomaly: Anomaly }) {
  const { t, said } = useWords();
  const evidence = useQuery({
    // An escalation writes the card anew.
    queryKey: ['evidence', anomaly.id, anomaly.fault, anomaly.level],
    queryFn: () => api<EvidenceCard>(`/anomalies/${anomaly.id}/evidence`),
    enabled: anomaly.confirmedMs !== null,
  });
  if (anomaly.confirmedMs === null) return <p className="muted">{t('an.notYet')}</p>;
  const card = evidence.data;
  const name = t(`fault.${anomaly.fault}`);
  return (
    <section>
      <h2>
        {name} · {anomaly.assetName}
      </h2>
      <Failure of={evidence} />
      {card && (
        <>
          <p>{card.summary[said]}</p>
          <h3>{t('an.advice')}</h3>
          <p>{card.advice[said]}</p>
          <LifeSection anomalyId={anomaly.id} />
          {card.severityNote && (
            <>
              <h3>{t('an.severityNote')}</h3>
              <p>{card.severityNote[said]}</p>
            </>
          )}
          {card.cannotTell && (
            <>
              <h3>{t('an.cannotTell')}</h3>
              <p>{card.cannotTell[said]}</p>
            </>
          )}
          <h3>{t('an.rejected')}</h3>
          {card.rejected.length === 0 && <p className="muted">{t('an.noneRejected')}</p>}
          {card.rejected.length > 0 && (
            <Table heads={[t('an.hypothesis'), t('an.why')]}>
              {card.rejected.map(({ fault, reason }) => (
                <tr key={fault}>
                  <td className="nowrap">{t(`fault.${fault}`)}</td>
                  <td>{reason[said]}</td>
                </tr>
              ))}
            </Table>
          )}
          <img className="evidence" src={`/api/v1/anomalies/${anomaly.id}/evidence.svg?words=${said}`} alt={name} />
        </>
      )}
    </section>
  );
}
